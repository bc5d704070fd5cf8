"""From a photograph to its portraits: faces are proposed by the finder, then looked at by the keypoint network, twice.

Part of the pipeline: it joins faces, model, motion and photo. Points are scan pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from animate.core.errors import NoFace, OptionError
from animate.core.types import Face, Keypoints, Photo, Portrait
from animate.faces import crop as crops
from animate.motion import landmarks

PRESENT = 0.5  # presence that confirms a proposal
SPAN = 6.0  # side of the animation crop in eye distances
LEAST_SIDE, MOST_SIDE = 256, 2048  # pixels of the animation crop
SAME = 0.6  # two faces nearer than this many eye distances are one
SMALLEST, TINY = 40, 12  # pixels of a face's height: looked for first, and where nothing else is found
SMALL_SCAN = 1600  # pixels of a scan's longer side up to which tiny faces are looked for

_HINT = "point it out by hand: --box x,y,width,height around the face, in pixels"


def predict_landmarks(network, pixels: np.ndarray, five: np.ndarray, *, looks: int = 2) -> Keypoints:
    """The 478 points and the presence of the face at `five` (5, 2): each look is cut upright by the one before."""
    from animate.model.nets.landmark_network import SIZE
    from animate.model.nets.landmark_network import SPAN as LOOK_SPAN

    for _ in range(looks):
        crop = crops.crop_from_five(five, size=SIZE, span=LOOK_SPAN)
        points, presence = network.predict(crops.cut(pixels, crop)[None])
        mesh = crop.out(points[0])
        five = landmarks.five(mesh)[:, :2]
    return Keypoints(mesh.astype(np.float32), presence=float(presence[0]))


def find_faces(
    photo: Photo, network, *, finder: str = "centerface", box: str = "", most: int | None = None
) -> tuple[Portrait, ...]:
    """Every face, largest first; with `box` ("x,y,w,h") the one in it, whatever the finder thinks. Raises NoFace with a hint.

    With `most`, smaller faces are not looked for once so many were found, which is much faster in a large scan.
    """
    if box:
        return (_by_hand(photo, network, box),)
    from animate.faces.detect import detect

    for pixels, least, enough in _tries(photo, most):
        portraits = _confirmed(photo, network, pixels, detect(pixels, finder=finder, least=least, most=enough))
        if len(portraits) >= (enough or 1):
            return portraits[:enough]
    raise NoFace(f"no face was found in {photo.name or 'the picture'} ({photo.width} x {photo.height})", hint=_HINT)


def _tries(photo: Photo, most: int | None) -> Iterator[tuple[np.ndarray, int, int | None]]:
    """Pixels, least height of a face and how many are enough, from the quickest search to the most thorough."""
    from animate.photo.contrast import stretch

    if most:
        yield photo.pixels, SMALLEST, most
    yield photo.pixels, SMALLEST, None
    small = max(photo.width, photo.height) <= SMALL_SCAN  # in a large scan tiny faces take minutes to look for
    if small:
        yield photo.pixels, TINY, None
    yield stretch(photo.pixels), TINY if small else SMALLEST, None


def animation_crop(points: np.ndarray):
    """The upright square of SPAN eye distances around a mesh, at about the scan's own size."""
    five = landmarks.five(points)[:, :2]
    side = SPAN * np.linalg.norm(five[1] - five[0])
    return crops.crop_from_five(five, size=int(np.clip(side, LEAST_SIDE, MOST_SIDE)), span=SPAN)


def rescaled(portrait: Portrait, photo: Photo, scale: float, *, origin: tuple[float, float] = (0.0, 0.0)) -> Portrait:
    """A face of a photograph as one of `photo`, which shows that photograph from `origin` on at `scale`."""
    face, points, shift = portrait.face, portrait.keypoints.points, np.array([*origin, 0.0])
    points = ((points - shift) * scale).astype(np.float32)
    corner = tuple((side - start) * scale for side, start in zip(face.box[:2], origin, strict=True))
    five = None if face.points is None else ((face.points - shift[:2]) * scale).astype(np.float32)
    face = replace(face, box=(*corner, face.box[2] * scale, face.box[3] * scale), points=five)
    return Portrait(photo, face, animation_crop(points), replace(portrait.keypoints, points=points))


def _confirmed(photo: Photo, network, pixels: np.ndarray, faces: tuple[Face, ...]) -> tuple[Portrait, ...]:
    portraits: list[Portrait] = []
    for face in faces:
        five = face.points if face.points is not None else crops.five_from_box(face.box)
        keypoints = predict_landmarks(network, pixels, five)
        if keypoints.presence >= PRESENT and not any(_same(keypoints, other.keypoints) for other in portraits):
            portraits.append(Portrait(photo, face, animation_crop(keypoints.points), keypoints))
    return tuple(portraits)


def _by_hand(photo: Photo, network, box: str) -> Portrait:
    face = Face(parse_box(box, photo), 1.0)
    keypoints = predict_landmarks(network, photo.pixels, crops.five_from_box(face.box), looks=3)
    return Portrait(photo, face, animation_crop(keypoints.points), keypoints)


def parse_box(box: str, photo: Photo) -> tuple[float, float, float, float]:
    """x, y, width, height of a box that lies at least half inside the photograph; raises OptionError."""
    x, y, width, height = numbers(box)
    inside = (min(x + width, photo.width) - max(x, 0), min(y + height, photo.height) - max(y, 0))
    if not (width >= 8 and height >= 8 and inside[0] >= width / 2 and inside[1] >= height / 2):
        raise OptionError(
            f"the box {box} does not lie in the photograph",
            hint=f"the photograph is {photo.width} x {photo.height} pixels",
        )
    return x, y, width, height


def numbers(box: str) -> tuple[float, float, float, float]:
    """The four numbers of "x,y,width,height"; raises OptionError."""
    try:
        x, y, width, height = (float(part) for part in box.split(","))
    except ValueError:
        raise OptionError(f"box is {box!r}", hint="four numbers: --box x,y,width,height") from None
    return x, y, width, height


def _same(one: Keypoints, other: Keypoints) -> bool:
    away = np.linalg.norm(one.points[:, :2].mean(0) - other.points[:, :2].mean(0))
    eyes = max(np.linalg.norm(np.subtract(*landmarks.five(k.points)[:2, :2])) for k in (one, other))
    return bool(away < SAME * eyes)


def portrait_of(photo: Photo, keypoints: Keypoints) -> Portrait:
    """The portrait of a face whose keypoints are known already."""
    low, high = keypoints.points[:, :2].min(0), keypoints.points[:, :2].max(0)
    face = Face((*map(float, low), *map(float, high - low)), keypoints.presence)
    return Portrait(photo, face, animation_crop(keypoints.points), keypoints)
