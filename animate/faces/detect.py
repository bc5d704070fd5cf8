"""Faces in a scan: proposals swept at every size, each looked at again through its own upright crop.

The second look settles what the sweep leaves open: a face turned far in the plane is seen upright, a small or large one
at its best size, and a pattern that only looked like a face from one view is dropped. Points and boxes are scan pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from animate.core.types import Crop, Face
from animate.faces import centerface, face_alignment
from animate.faces.crop import TEMPLATE_FIVE, crop_from_five, cut
from animate.faces.detections import Detections, join, merge
from animate.faces.tiling import COARSE, tiled_search, tiled_search_turned

FINDERS = ("centerface", "face-alignment")

_PROPOSED = 0.12  # score that earns a second look
_TURNABLE = 0.2  # score that earns, if the second look leaves doubt, a look at the quarter turns
_CONFIRMED = 0.45  # score that the second look must reach
_CONFIRMED_ASIDE = 0.75  # the same for a face rolled by more than 60 degrees: rare, and hands and folds look like it
_SURE = 0.65  # a second look of this score leaves none
_LOOK_SIZE, _LOOK_SPAN = 192, 5.0  # eyes 38 px apart, the head and a little around it
_TURNS = (90, 180, 270, 35, -35)  # of the whole scan, when nothing was found upright
_LEANS = 25  # degrees of roll from which small faces beside this one may have been missed
_LEANING_SIDE = 1024  # longest side of the scan when it is turned for them
_BOX_EYES = 2.7  # side of a box of equal area, in eye distances


def detect(
    pixels: np.ndarray, *, finder: str = "centerface", least: float = 40, most: int | None = None
) -> tuple[Face, ...]:
    """Faces of an upright scan (H, W, 3) uint8 RGB of at least about `least` pixels, largest first, with five points.

    Proposals, meant to be confirmed by the keypoint network. With `most`, the search ends with the pass that has found
    so many: later passes bring only smaller faces, and all of the last pass are returned. `finder` is one of FINDERS.
    Raises WeightsMissing or WeightsDamaged if the finder's files are not there or not right; ValueError for another
    finder.
    """
    if finder == "face-alignment":
        finds = face_alignment.detect(pixels)
    elif finder == "centerface":
        finds = _upright(pixels, least, most)
        finds = finds if len(finds) else _turned(pixels)
        finds = finds if most is not None and len(finds) >= most else _leaning(pixels, finds)
    else:
        raise ValueError(f"finder is one of {', '.join(FINDERS)}, not {finder!r}")
    return _faces(finds, pixels.shape, least)


@contextmanager
def cv_threads(count: int) -> Iterator[None]:
    """Within it the finder and the crops take at most `count` cores in this process; 0 changes nothing."""
    import cv2

    before = cv2.getNumThreads()
    if count:
        cv2.setNumThreads(count)
    try:
        yield
    finally:
        if count:
            cv2.setNumThreads(before)


def _upright(pixels: np.ndarray, least: float, most: int | None) -> Detections:
    """Confirmed finds of the sweep over the scan as it stands."""
    found = join([])
    for proposals in tiled_search(pixels, _propose, least=least):
        found = _confirm(pixels, proposals, found)
        if most is not None and len(found) >= most:
            break
    return found


def _turned(pixels: np.ndarray) -> Detections:
    """Confirmed finds of coarse sweeps over the scan turned by _TURNS, also at half size, for faces that fill it."""
    proposals = [
        tiled_search_turned(pixels, _propose, turn, longest=side) for turn in _TURNS for side in (COARSE, COARSE // 2)
    ]
    return _confirm(pixels, join(proposals), join([]))


def _leaning(pixels: np.ndarray, found: Detections) -> Detections:
    """`found`, and if some of it leans far to one side, what a scan turned to set that upright shows besides."""
    rolls = np.array([_roll(five) for five in found.points[found.scores >= _SURE]])
    rolls = np.radians(rolls[np.abs(rolls) > _LEANS])
    if not len(rolls):
        return found
    degrees = float(np.degrees(np.angle(np.exp(1j * rolls).sum())))
    return _confirm(pixels, tiled_search_turned(pixels, _propose, -degrees, longest=_LEANING_SIDE), found)


def _propose(picture: np.ndarray) -> Detections:
    return centerface.detect(picture, least_score=_PROPOSED)


def _confirm(pixels: np.ndarray, proposals: Detections, found: Detections) -> Detections:
    """`found` and those new proposals that hold at a second look, as that look saw them, one a face."""
    new = merge(proposals, after=found)
    seen = join(_look_again(pixels, new[[index]]) for index in range(len(new)))
    aside = np.abs([_roll(five) for five in seen.points]) > 60
    return merge(join([found, seen[seen.scores >= np.where(aside, _CONFIRMED_ASIDE, _CONFIRMED)]]))


def _look_again(pixels: np.ndarray, proposal: Detections) -> Detections:
    """The best find (one or none) in the proposal's own upright crop, in scan pixels."""
    roll = _roll(proposal.points[0])
    best = _look(pixels, proposal, roll)
    if len(best) and abs(_between(_roll(best.points[0]), roll)) > 15:
        best = _better(best, _look(pixels, best, _roll(best.points[0])))
    if proposal.scores[0] < _TURNABLE or len(best) and best.scores[0] >= _SURE:
        return best
    for turn in (90, 180, 270):
        best = _better(best, _look(pixels, proposal, roll + turn))
    return best


def _look(pixels: np.ndarray, face: Detections, roll: float) -> Detections:
    """What the detector sees of a face in a crop that undoes `roll` degrees, in scan pixels."""
    crop = _crop_of(face.boxes[0], roll)
    finds = centerface.detect(cut(pixels, crop), least_score=_PROPOSED)
    away = np.linalg.norm((finds.boxes[:, :2] + finds.boxes[:, 2:]) / 2 - (crop.size - 1) / 2, axis=1)
    finds = merge(finds[away < _LOOK_SIZE / _LOOK_SPAN])[:1]
    return finds.moved(crop.inverse())


def _crop_of(box: np.ndarray, roll: float) -> Crop:
    """The crop around a box (left, top, right, bottom) in which a face rolled by `roll` degrees stands upright."""
    five = TEMPLATE_FIVE * np.sqrt(np.prod(box[2:] - box[:2])) / _BOX_EYES @ _turn(roll).T
    return crop_from_five(five + (box[:2] + box[2:]) / 2, size=_LOOK_SIZE, span=_LOOK_SPAN)


def _turn(degrees: float) -> np.ndarray:
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    return np.array([[cosine, -sine], [sine, cosine]])


def _roll(five: np.ndarray) -> float:
    """Degrees by which five points are turned clockwise from upright, in the least-squares sense."""
    return float(np.degrees(np.angle(np.vdot(TEMPLATE_FIVE @ [1, 1j], (five - five.mean(0)) @ [1, 1j]))))


def _between(one: float, other: float) -> float:
    """Signed difference of two directions in degrees, -180 to 180."""
    return (one - other + 180) % 360 - 180


def _better(one: Detections, other: Detections) -> Detections:
    return max((one, other), key=lambda finds: finds.scores[0] if len(finds) else 0.0)


def _faces(finds: Detections, shape: tuple[int, ...], least: float) -> tuple[Face, ...]:
    """Finds as Faces, boxes clipped to the scan, largest first."""
    faces = []
    for box, score, points in zip(finds.boxes, finds.scores, finds.points, strict=True):
        left, top = np.clip(box[:2], -0.5, [shape[1] - 1.5, shape[0] - 1.5])
        right, bottom = np.clip(box[2:], [left + 1, top + 1], [shape[1] - 0.5, shape[0] - 0.5])
        if box[3] - box[1] >= least * 0.8:
            where = (float(left), float(top), float(right - left), float(bottom - top))
            faces.append(Face(where, float(min(1.0, score)), points.astype(np.float32)))
    return tuple(sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True))
