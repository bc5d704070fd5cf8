"""The matte of a photograph: the matte network's prediction around every face, at the scan's size and edges.

Part of the pipeline: it joins faces, model and layers. Points are scan pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_dilation, binary_fill_holes, distance_transform_edt, label

from animate.core.numerics import smoothstep
from animate.core.protocols import MattePredictor
from animate.core.types import Crop, Photo, Portrait
from animate.faces import crop as crops
from animate.layers import headwear, mount, people, plate, reduce
from animate.layers.heads import head_of
from animate.motion import landmarks

HAIR = (2.4, 1.7)  # radii of a head: from sharp edges of the matte to soft ones
AROUND = 11.0, 1.0  # span and shift of a second look at head and shoulders: what both see counts
CLOSE, CLOSEST = 1.2, 0.5  # of a scan that a look takes in, and the least share of its usual span
HOLE = 0.15  # squared eye distances of a hole that is filled
SURE = 0.8  # matte that encloses a hole
LOOSE = 0.2, 0.45  # eye distances from such an edge over which single hairs end
DECIDED = (0.35, 0.65)  # matte away from heads: from background to person


def matte(photo: Photo, portraits: Sequence[Portrait], network: MattePredictor | None = None) -> np.ndarray:
    """The matte of all people in a photograph.

    Args:
        photo: the photograph.
        portraits: every face in it, at least one.
        network: predicts mattes of crops; None expects people in the shape of a head upon shoulders.

    Returns:
        (H, W) float32 in 0..1, 1 for people.
    """
    meshes = [portrait.keypoints.points for portrait in portraits]
    everybody = _shapes(photo, meshes) if network is None else _predicted(photo, meshes, network)
    everybody = headwear.complete(photo.pixels, np.maximum(everybody, _faces(photo, meshes)), meshes)
    return plate.skirt(everybody, _unit(meshes))


@dataclass(frozen=True, eq=False)
class Separated:
    """A photograph whose people can move: who owns which pixel, and the mount that lies over everybody, if there is
    one; `photo` has people continued behind it."""

    photo: Photo
    owners: people.People
    mount: mount.Mount | None = None


def separated(photo: Photo, portraits: Sequence[Portrait], network: MattePredictor | None = None) -> Separated:
    """The people of a photograph apart from what is behind and before them; arguments as in `matte`."""
    meshes = [portrait.keypoints.points for portrait in portraits]
    with ThreadPoolExecutor(1) as beside:
        finding = beside.submit(mount.find, photo.pixels, meshes)
        everybody = matte(photo, portraits, network)
    over = finding.result()
    if over is not None:
        photo, everybody = replace(photo, pixels=over.continued(photo.pixels)), over.continued(everybody)
    return Separated(photo, people.own(photo.pixels, everybody, meshes), over)


def _predicted(photo: Photo, meshes: Sequence[np.ndarray], network: MattePredictor) -> np.ndarray:
    from animate.layers import matte as mattes
    from animate.model.nets import matte as net

    coarse = np.zeros((photo.height, photo.width), np.float32)
    for spans in (((net.WHOLE, net.WHOLE_SHIFT),), ((net.WIDE, net.WIDE_SHIFT),), ((net.SPAN, net.SHIFT), AROUND)):
        looks = [[_square(mesh, *span, photo) for span in spans] for mesh in meshes]
        flat = [square for squares in looks for square in squares]
        views = network.predict(np.stack([crops.cut(photo.pixels, square, mirrored=True) for square in flat]))
        views = views.reshape(len(meshes), len(spans), *views.shape[1:])
        matrices = np.stack([square.matrix for square in flat]).reshape(*views.shape[:2], 2, 3)
        joined = np.stack([mattes.mean_of_looks(*one) for one in zip(views, matrices, strict=True)])
        coarse = mattes.place((photo.height, photo.width), joined, matrices[:, 0], coarse)
    fine = mattes.refine(photo.pixels, coarse, 3 * net.SPAN / net.SIZE * _unit(meshes))
    return _decided(fine, meshes)


def _square(mesh: np.ndarray, span: float, shift: float, photo: Photo) -> Crop:
    """The square of the matte network around a mesh: so many eye distances wide, less where the scan is much smaller,
    or the network would see several mirror images of everybody."""
    from animate.model.nets import matte as net

    scan = CLOSE * max(photo.width, photo.height) / (net.SPAN * landmarks.eye_distance(mesh))
    part = float(np.clip(scan, CLOSEST, 1))
    crop = crops.crop_from_five(landmarks.five(mesh)[:, :2], size=net.SIZE, span=part * span)
    return net.lowered(crop, part * span, part * shift)


def _decided(matte: np.ndarray, meshes: Sequence[np.ndarray]) -> np.ndarray:
    """The matte, soft where hair is: around heads, near the edge of what is more likely a person than not; elsewhere
    uncertain pixels become person or background, or they would go along half transparent."""
    height, width = matte.shape
    unit = _unit(meshes)
    step = max(1, int(unit / 16))
    x, y = np.arange(0, width, step, dtype=np.float32), np.arange(0, height, step, dtype=np.float32)[:, None]
    soft = np.max([smoothstep(head_of(mesh).ellipse(x, y), *HAIR) for mesh in meshes], axis=0)
    likely = matte[::step, ::step] > 0.5
    filled = _small_holes(matte[::step, ::step] > SURE, HOLE * (unit / step) ** 2)
    likely |= filled
    away = np.where(likely, distance_transform_edt(likely), distance_transform_edt(~likely)) * (step / unit)
    soft = soft * (1 - smoothstep(away, *LOOSE))
    soft = reduce.enlarge(soft.astype(np.float32), step, (0, 0, width, height))
    sharp = smoothstep(matte, *DECIDED)
    decided = sharp + soft * (matte - sharp)
    if filled.any():
        wide = binary_dilation(filled, np.ones((3, 3))).astype(np.float32)
        np.maximum(decided, reduce.enlarge(wide, step, (0, 0, width, height)), out=decided)
    return decided


def _small_holes(mask: np.ndarray, most: float) -> np.ndarray:
    """The holes (h, w) bool of a mask that are at most so large: the hollow of an ear, a light spot in hair."""
    pieces, _ = label(binary_fill_holes(mask) & ~mask)
    small = np.bincount(pieces.ravel()) <= most
    small[0] = False
    return small[pieces]


def _unit(meshes: Sequence[np.ndarray]) -> float:
    """Eye distance of the usual face in scan pixels."""
    return float(np.median([landmarks.eye_distance(mesh) for mesh in meshes]))


def _faces(photo: Photo, meshes: Sequence[np.ndarray]) -> np.ndarray:
    """1 inside the face meshes: whatever a network thinks, faces are people."""
    return headwear.outlined((photo.height, photo.width), [mesh[list(landmarks.OVAL), :2] for mesh in meshes])


def _shapes(photo: Photo, meshes: Sequence[np.ndarray]) -> np.ndarray:
    """Heads upon shoulders (H, W) with soft edges."""
    x, y = np.arange(photo.width, dtype=np.float32), np.arange(photo.height, dtype=np.float32)[:, None]
    shapes = np.zeros((photo.height, photo.width), np.float32)
    for mesh in meshes:
        np.maximum(shapes, 1 - smoothstep(head_of(mesh).away(x, y), 0.0, 0.15), out=shapes)
    return shapes
