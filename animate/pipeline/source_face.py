"""The same person's face in a further photograph, at the main one's size and in its tones, warped to driven landmarks.

Part of the pipeline: it joins faces, model, compose and motion. A canvas is an upright crop around a face whose eyes
are as far apart as the main photograph's; the driven face has a canvas of its own in every frame, so that only turn and
expression are left to be warped.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.compose import mouth_tone
from animate.compose.print_match import Grain, Palette
from animate.compose.tone_match import ToneMatch
from animate.core.numerics import Rectangle, luminance, smoothstep
from animate.core.types import Photo, Portrait
from animate.faces import crop as crops
from animate.layers import resample
from animate.motion import landmarks
from animate.pipeline.neural import mesh_topology

if TYPE_CHECKING:
    from animate.model.warp.sampling import NodeGrid

SPAN = 4.0  # side of a canvas in eye distances
NODES = 144  # along a side of the lattice on which the warp is known
SMALLEST = 0.45  # eye distance in scan pixels over the main photograph's below which a face is too small
SOFTEST = 2.0  # blur over the main photograph's above which it is too soft
SOFTENED = 0.3  # pixels of blur from which a sharper picture is softened, and loses its own grain
CLEAR = 0.9  # pixels of blur that are none
RESOLVED = (1.5, 2.2)  # the main photograph's blur over its own from which its eyes are better resolved
FACE_SPAN, FACE_PIXELS = 2.2, 160  # the crop whose colours tell whether a print has one tone
FACE_TONE = 8.0  # how near to one curve the colours of such a crop are: 2 % of colour photographs, 95 % of old prints
WHITES = 0.92  # of the whites around the main face that a tooth may have
FEWEST = 40  # landmarks whose tone both photographs must show
SEEN = 0.35  # z of a normal from which the tone of skin is taken
EYES = tuple(k for ring in (*landmarks.LIDS, *landmarks.BROWS) for k in ring)
CLOSE = (165, 92, 186, 57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287, 410, 322, 391)  # skin around the lips


class MainFace:
    """What the main photograph says to all sources."""

    def __init__(self, photo: Photo, portrait: Portrait):
        self.pixels, self.points = photo.pixels, portrait.keypoints.points
        self.unit = unit_of(self.points)
        around = crops.cut(photo.pixels, portrait.crop)
        self.palette, self.whites = palette_of(photo.pixels, self.points), float(np.percentile(luminance(around), 99.5))
        self.blur = mouth_tone.sharpness(photo.pixels, self.points, float(landmarks.eye_distance(self.points)))
        self.grain = Grain(photo.pixels, self.points)
        self.facing = landmarks.normals(self.points)[:, 2]


class SourceFace:
    """One further photograph of the person."""

    def __init__(self, portrait: Portrait, main: MainFace):
        from animate.model.warp.dense_motion import FirstOrder

        source = portrait.keypoints.points
        self.size = max(32, round(SPAN * main.unit))
        crop = crops.crop_from_five(landmarks.five(source)[:, :2], size=self.size, span=SPAN)
        picture, self.points = crops.cut(portrait.photo.pixels, crop), crop.into(source)
        self.unit = unit_of(self.points)
        self.ratio = unit_of(source) / main.unit
        self.blur = mouth_tone.sharpness(picture, self.points, float(landmarks.eye_distance(self.points)))
        self.soften = float(np.sqrt(max(main.blur**2 - self.blur**2, 0)))
        facing = np.minimum(landmarks.normals(source)[:, 2], main.facing)
        skin = [k for k in np.flatnonzero(facing > SEEN).tolist() if k not in _features()]
        self.match = ToneMatch(
            picture,
            self.points,
            main.pixels,
            main.points,
            skin,
            EYES,
            (self.unit, main.unit),
            (palette_of(picture, self.points), main.palette),
        )
        self.comparable = len(skin) >= FEWEST
        toned = self.match(picture)
        self.sharp = np.clip(toned + 0.5, 0, 255).astype(np.uint8)
        self.picture = self.sharp
        if self.soften > SOFTENED:
            softened = gaussian_filter(toned, (self.soften, self.soften, 0))
            self.picture = np.clip(softened + 0.5, 0, 255).astype(np.uint8)
        own = Grain(self.sharp, self.points).strength
        self.grain = main.grain.beside(own if self.soften <= SOFTENED else 0.0)
        self.lattice = _lattice(self.points, self.size, self.unit)
        self.motion = FirstOrder(self.points, self.lattice, mesh_topology(), size=self.size, span=SPAN)

    def too_small(self) -> bool:
        """Whether the photograph shows less of the face than the main one, which is warped instead."""
        return self.ratio < SMALLEST

    def too_soft(self, main: MainFace) -> bool:
        """Whether it is blurred beside the main one."""
        return self.blur > SOFTEST * max(main.blur, CLEAR)

    def clearer(self, main: MainFace) -> float:
        """How much better it resolves the face than the main photograph, 0..1."""
        return float(smoothstep(main.blur / max(self.blur, CLEAR), *RESOLVED))

    def mouth_pixels(self, main: MainFace) -> np.ndarray:
        """The canvas (n, n, 3) uint8 as the inside of the mouth needs it: in the light around the main mouth, no tooth
        whiter than the print's whites, and in the colours of mouths where the photograph has none."""
        picture = self.sharp.astype(np.float32) * self.match.gain(landmarks.OUTER_LIPS + CLOSE)
        tones = mouth_tone.tones(main.pixels, main.points, landmarks.OVAL, landmarks.LIDS, landmarks.OUTER_LIPS)
        if self.match.colours_unknown:
            picture = mouth_tone.coloured(picture, tones)
        most = max(1.08 * float(luminance(tones.tooth)), WHITES * main.whites, 1.0)
        light = np.maximum(luminance(picture), 1e-3)
        bound = np.where(light > 0.8 * most, 0.8 * most + 0.2 * most * np.tanh((light / most - 0.8) / 0.2), light)
        return np.clip(picture * (bound / light)[..., None] + 0.5, 0, 255).astype(np.uint8)

    def warp(self, driven: np.ndarray) -> Warp:
        """The warp to driven points (478, 3) in scan pixels of the main photograph."""
        crop = crops.crop_from_five(landmarks.five(driven)[:, :2], size=self.size, span=SPAN)
        return Warp(self, crop.matrix, self.motion.flow(crop.into(driven)[None])[0])


class Warp:
    """One source in one frame."""

    def __init__(self, source: SourceFace, matrix: np.ndarray, flow: np.ndarray):
        """`matrix` (2, 3) takes scan points to the driven canvas, `flow` (rows, columns, 2) leads from there to the
        source's."""
        self.source, self.matrix, self.flow = source, matrix, flow

    def picture(self, rectangle: Rectangle, *, sharp: bool = False) -> np.ndarray:
        """The source's face (h, w, 3) float32 in a rectangle of the scan; `sharp` as it is, else no sharper than the
        print."""
        from animate.model.warp.sampling import GridResampler

        left, top, right, bottom = rectangle
        x, y = np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32)[:, None]
        resampler = GridResampler(self.source.lattice, self.matrix, rectangle)
        moved = resampler.values(np.ascontiguousarray(self.flow.transpose(2, 0, 1)))
        at = np.stack([row[0] * x + row[1] * y + row[2] for row in self.matrix.astype(np.float32)]) + moved
        at = np.ascontiguousarray(at.transpose(1, 2, 0))
        picture = self.source.sharp if sharp else self.source.picture
        return resample.sampled(picture, at, sharp=True).astype(np.float32)


def unit_of(points: np.ndarray) -> float:
    """Distance of the eyes' centres of a face."""
    return float(np.linalg.norm(np.subtract(*landmarks.five(points)[:2])))


def palette_of(pixels: np.ndarray, points: np.ndarray) -> Palette:
    """The tones of a face alone: beside a large grey background it would seem to have but one."""
    five = landmarks.five(points)[:, :2]
    return Palette(crops.cut(pixels, crops.crop_from_five(five, size=FACE_PIXELS, span=FACE_SPAN)), near=FACE_TONE)


@cache
def _features() -> frozenset[int]:
    """Landmarks that are no skin, or next to what is none."""
    joined = landmarks.smoothing_matrix() > 0
    rings = (*landmarks.LIDS, *landmarks.BROWS, landmarks.LIPS)
    near = joined[[k for ring in rings for k in ring]].any(0)
    return frozenset({*np.flatnonzero(near).tolist(), *landmarks.OVAL, *(k for iris in landmarks.IRISES for k in iris)})


def _lattice(points: np.ndarray, size: int, unit: float) -> NodeGrid:
    """Nodes over a canvas, denser on the face and most on eyes and mouth."""
    from animate.model.warp.sampling import NodeGrid

    low, high = points[:, :2].min(0) - 0.3 * unit, points[:, :2].max(0) + 0.3 * unit
    eyes = points[[k for ring in landmarks.LIDS for k in ring], 1]
    lips = points[list(landmarks.LIPS), 1]
    rows = [(low[1], high[1], 5.0)]
    rows += [(part.min() - 0.15 * unit, part.max() + 0.15 * unit, 10.0) for part in (eyes, lips)]
    return NodeGrid.between((0.0, 0.0), (size - 1.0, size - 1.0), NODES, [(low[0], high[0], 6.0)], rows)
