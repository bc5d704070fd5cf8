"""From a photograph to its portraits: the finder proposes faces, the keypoint network confirms and refines them.

Part of the pipeline: it joins faces, model, motion and photo. Points are scan pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from animate.core.errors import NoFace, OptionError
from animate.core.geometry import ANIMATION_SPAN as SPAN
from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.core.numerics import Rectangle
from animate.core.options import Box, text
from animate.core.protocols import LandmarkPredictor
from animate.core.types import Crop, Face, Keypoints, Photo, Portrait
from animate.faces import crop as crops
from animate.motion import landmarks

PRESENT = 0.5  # presence that confirms a proposal
LEAST_SIDE, MOST_SIDE = 256, 2048  # pixels of the animation crop
SAME = 0.6  # two faces nearer than this many eye distances are one
SMALLEST, TINY = 40, 12  # pixels of a face's height: sought first, and where nothing else is there
SMALL_SCAN = 1600  # pixels of a scan's longer side up to which tiny faces are sought

NEIGHBOUR_SPAN, NEIGHBOUR_UNIT = 22, 36  # side of the square in which neighbours are sought, and its pixels per unit

_HINT = "point it out by hand: a box around the face, x, y, width and height in pixels"
_PAGES, _OTHER_PAGE = " pages; number ", "another can be chosen"  # a note of a file with several, what to do


def predict_landmarks(
    network: LandmarkPredictor, pixels: np.ndarray, five: np.ndarray, *, passes: int = 2
) -> Keypoints:
    """The mesh of the face at five points, cut upright `passes` times, each time by the mesh found before.

    Args:
        network: finds the mesh in a crop.
        pixels: (H, W, 3) uint8 RGB.
        five: eyes, nose and corners of the mouth, (5, 2) in pixels.
    """
    for _ in range(passes):
        crop = crops.crop_from_five(five, size=LANDMARK_SIZE, span=LANDMARK_SPAN)
        points, presence = network.predict(crops.cut(pixels, crop)[None])
        mesh = crop.out(points[0])
        five = landmarks.five(mesh)[:, :2]
    return Keypoints(mesh.astype(np.float32), presence=float(presence[0]))


def find_faces(
    photo: Photo,
    network: LandmarkPredictor,
    *,
    finder: str = "centerface",
    box: Box | None = None,
    most: int | None = None,
) -> tuple[Portrait, ...]:
    """Every face of a photograph, the largest first.

    Args:
        photo: the photograph.
        network: confirms what the finder proposes.
        finder: "centerface" or "face-alignment".
        box: (x, y, width, height) around one face, which is taken without a search.
        most: smaller faces are not searched once that many are found, which is much faster in a large scan.

    Raises:
        NoFace: when none was found.
        OptionError: for a box outside the photograph.
    """
    if box:
        return (_by_hand(photo, network, box),)
    from animate.faces.detect import detect

    for pixels, least, enough in _tries(photo, most):
        portraits = _confirmed(photo, network, pixels, detect(pixels, finder=finder, least=least, most=enough))
        if len(portraits) >= (enough or 1):
            return portraits[:enough]
    raise NoFace(
        f"no face was found in {photo.name or 'the picture'} ({photo.width} x {photo.height})",
        hint="; ".join((_HINT, *(f"{note}: {_OTHER_PAGE}" if _PAGES in note else note for note in photo.notes))),
    )


def neighbours(photo: Photo, portraits: Sequence[Portrait], network: LandmarkPredictor) -> tuple[Portrait, ...]:
    """The other faces close to `portraits`, which share hair, shoulders and shadows with them.

    Sought around each portrait only, in a picture in which its eyes are NEIGHBOUR_UNIT pixels apart: faces less than
    half as large are not found.
    """
    from animate.faces.detect import detect

    found: list[Portrait] = []
    for portrait in portraits:
        five = landmarks.five(portrait.keypoints.points)[:, :2]
        crop = crops.crop_from_five(five, size=int(NEIGHBOUR_SPAN * NEIGHBOUR_UNIT), span=NEIGHBOUR_SPAN)
        left, top, right, bottom = _inside(photo, crop)
        for face in detect(crops.cut(photo.pixels, crop)[top:bottom, left:right], least=NEIGHBOUR_UNIT):
            if face.points is None:
                continue
            keypoints = predict_landmarks(
                network, photo.pixels, crop.out(face.points + np.array((left, top), np.float32))
            )
            known = (other.keypoints for other in (*portraits, *found))
            if keypoints.presence >= PRESENT and not any(_same(keypoints, other) for other in known):
                found.append(portrait_of(photo, keypoints))
    return tuple(found)


def _inside(photo: Photo, crop: Crop) -> Rectangle:
    """The part of a crop, in its pixels, that the photograph can fill."""
    right, bottom = photo.width, photo.height
    edges = crop.into(np.array([[0, 0], [right, 0], [0, bottom], [right, bottom]], np.float32))
    low, high = np.clip([np.floor(edges.min(0)), np.ceil(edges.max(0))], 0, crop.size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _tries(photo: Photo, most: int | None) -> Iterator[tuple[np.ndarray, int, int | None]]:
    """Pixels, least height of a face and how many are enough, from the quickest search to the most thorough."""
    from animate.photo.contrast import stretch

    if most:
        yield photo.pixels, SMALLEST, most
    yield photo.pixels, SMALLEST, None
    small = max(photo.width, photo.height) <= SMALL_SCAN  # in a large scan tiny faces take minutes to search
    if small:
        yield photo.pixels, TINY, None
    yield stretch(photo.pixels), TINY if small else SMALLEST, None


def animation_crop(points: np.ndarray) -> Crop:
    """The upright square of SPAN eye distances around a mesh, at about the scan's own size."""
    five = landmarks.five(points)[:, :2]
    side = SPAN * np.linalg.norm(five[1] - five[0])
    return crops.crop_from_five(five, size=int(np.clip(side, LEAST_SIDE, MOST_SIDE)), span=SPAN)


def rescaled(portrait: Portrait, photo: Photo, scale: float, *, origin: tuple[float, float] = (0.0, 0.0)) -> Portrait:
    """A face of a photograph as one of `photo`, which shows that photograph from `origin` on at `scale`."""
    face, points, shift = portrait.face, portrait.keypoints.points, np.array([*origin, 0.0])
    points = ((points - shift) * scale).astype(np.float32)
    x, y, width, height = face.box
    box = ((x - origin[0]) * scale, (y - origin[1]) * scale, width * scale, height * scale)
    five = None if face.points is None else ((face.points - shift[:2]) * scale).astype(np.float32)
    face = replace(face, box=box, points=five)
    return Portrait(photo, face, animation_crop(points), replace(portrait.keypoints, points=points))


def _confirmed(
    photo: Photo, network: LandmarkPredictor, pixels: np.ndarray, faces: tuple[Face, ...]
) -> tuple[Portrait, ...]:
    portraits: list[Portrait] = []
    for face in faces:
        five = face.points if face.points is not None else crops.five_from_box(face.box)
        keypoints = predict_landmarks(network, pixels, five)
        if keypoints.presence >= PRESENT and not any(_same(keypoints, other.keypoints) for other in portraits):
            portraits.append(Portrait(photo, face, animation_crop(keypoints.points), keypoints))
    return tuple(portraits)


def _by_hand(photo: Photo, network: LandmarkPredictor, box: Box) -> Portrait:
    face = Face(check_box(box, photo), 1.0)
    keypoints = predict_landmarks(network, photo.pixels, crops.five_from_box(face.box), passes=3)
    return Portrait(photo, face, animation_crop(keypoints.points), keypoints)


def check_box(box: Box, photo: Photo) -> Box:
    """The box if at least half of it lies inside the photograph; raises OptionError."""
    x, y, width, height = box
    inside = (min(x + width, photo.width) - max(x, 0), min(y + height, photo.height) - max(y, 0))
    if not (width >= 8 and height >= 8 and inside[0] >= width / 2 and inside[1] >= height / 2):
        raise OptionError(
            f"the box {text(box)} does not lie in the photograph",
            hint=f"the photograph is {photo.width} x {photo.height} pixels",
        )
    return box


def _same(one: Keypoints, other: Keypoints) -> bool:
    away = np.linalg.norm(one.points[:, :2].mean(0) - other.points[:, :2].mean(0))
    eyes = max(np.linalg.norm(np.subtract(*landmarks.five(k.points)[:2, :2])) for k in (one, other))
    return bool(away < SAME * eyes)


def portrait_of(photo: Photo, keypoints: Keypoints) -> Portrait:
    """The portrait of a face whose keypoints are known already."""
    (left, top), (right, bottom) = (map(float, side(keypoints.points[:, :2], axis=0)) for side in (np.min, np.max))
    face = Face((left, top, right - left, bottom - top), keypoints.presence)
    return Portrait(photo, face, animation_crop(keypoints.points), keypoints)
