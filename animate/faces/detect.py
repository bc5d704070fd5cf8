"""Faces in a scan: proposals of a search at every size, each confirmed in its own upright crop.

The confirmation settles what the search leaves open: a face turned far in the plane stands upright, a small or large
one has its best size, and a pattern that resembled a face in one view only is dropped. Points and boxes are scan
pixels.
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

_PROPOSED = 0.12  # score that a proposal must reach
_TURNABLE = 0.2  # score from which a doubtful proposal is also tried at the quarter turns
_CONFIRMED = 0.45  # score that its confirmation must reach
_CONFIRMED_ASIDE = 0.75  # the same for a face rolled by more than 60 degrees: rare, and hands and folds resemble it
_SURE = 0.65  # a confirmation of this score leaves no doubt
_CROP_SIZE, _CROP_SPAN = 192, 5.0  # eyes 38 px apart, the head and a little around it
_TURNS = (90, 180, 270, 35, -35)  # of the whole scan, when no face stands upright
_LEANS = 25  # degrees of roll from which small faces beside this one may have been missed
_LEANING_SIDE = 1024  # longest side of the scan when it is turned for them
_BOX_EYES = 2.7  # side of a box of equal area, in eye distances


def detect(
    pixels: np.ndarray, *, finder: str = "centerface", least: float = 40, most: int | None = None
) -> tuple[Face, ...]:
    """Faces of an upright scan (H, W, 3) uint8 RGB of at least about `least` pixels, largest first, with five points.

    Proposals, meant to be confirmed by the keypoint network. With `most`, the search ends with the pass that reaches
    that number: later passes bring only smaller faces, and all of the last pass are returned. `finder` is one of
    FINDERS; where centerface finds nothing and face-alignment is ready (package and files), that one searches too.
    Raises MissingExtra, WeightsMissing or WeightsDamaged if the finder's package or files are not there or not right;
    ValueError for another finder.
    """
    if finder == "face-alignment":
        detections = face_alignment.detect(pixels)
    elif finder == "centerface":
        detections = _by_centerface(pixels, least, most)
        if not len(detections) and face_alignment.ready():
            detections = face_alignment.detect(pixels)
    else:
        raise ValueError(f"finder is one of {', '.join(FINDERS)}, not {finder!r}")
    return _faces(detections, pixels.shape, least)


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


def _by_centerface(pixels: np.ndarray, least: float, most: int | None) -> Detections:
    detections = _upright(pixels, least, most)
    detections = detections if len(detections) else _turned(pixels)
    return detections if most is not None and len(detections) >= most else _leaning(pixels, detections)


def _upright(pixels: np.ndarray, least: float, most: int | None) -> Detections:
    """Confirmed finds of the sweep over the scan as it stands."""
    confirmed = join([])
    for proposals in tiled_search(pixels, _propose, least=least):
        confirmed = _confirm(pixels, proposals, confirmed)
        if most is not None and len(confirmed) >= most:
            break
    return confirmed


def _turned(pixels: np.ndarray) -> Detections:
    """Confirmed finds of coarse sweeps over the scan turned by _TURNS, also at half size, for faces that fill it."""
    proposals = [
        tiled_search_turned(pixels, _propose, turn, longest=side) for turn in _TURNS for side in (COARSE, COARSE // 2)
    ]
    return _confirm(pixels, join(proposals), join([]))


def _leaning(pixels: np.ndarray, confirmed: Detections) -> Detections:
    """`confirmed`, and if some of it leans far to one side, what a scan turned to set that upright shows besides."""
    rolls = np.array([_roll(five) for five in confirmed.points[confirmed.scores >= _SURE]])
    rolls = np.radians(rolls[np.abs(rolls) > _LEANS])
    if not len(rolls):
        return confirmed
    degrees = float(np.degrees(np.angle(np.exp(1j * rolls).sum())))
    return _confirm(pixels, tiled_search_turned(pixels, _propose, -degrees, longest=_LEANING_SIDE), confirmed)


def _propose(picture: np.ndarray) -> Detections:
    return centerface.detect(picture, least_score=_PROPOSED)


def _confirm(pixels: np.ndarray, proposals: Detections, confirmed: Detections) -> Detections:
    """`confirmed` and those new proposals that hold, as their own crops show them, one a face."""
    new = merge(proposals, after=confirmed)
    checked = join(_confirm_one(pixels, new[[index]]) for index in range(len(new)))
    aside = np.abs([_roll(five) for five in checked.points]) > 60
    return merge(join([confirmed, checked[checked.scores >= np.where(aside, _CONFIRMED_ASIDE, _CONFIRMED)]]))


def _confirm_one(pixels: np.ndarray, proposal: Detections) -> Detections:
    """The best find (one or none) in the proposal's own upright crop, in scan pixels."""
    roll = _roll(proposal.points[0])
    best = _detect_upright(pixels, proposal, roll)
    if len(best) and abs(_between(_roll(best.points[0]), roll)) > 15:
        best = _better(best, _detect_upright(pixels, best, _roll(best.points[0])))
    if proposal.scores[0] < _TURNABLE or len(best) and best.scores[0] >= _SURE:
        return best
    for turn in (90, 180, 270):
        best = _better(best, _detect_upright(pixels, proposal, roll + turn))
    return best


def _detect_upright(pixels: np.ndarray, face: Detections, roll: float) -> Detections:
    """The best detection of a face in a crop that undoes `roll` degrees, in scan pixels."""
    crop = _crop_of(face.boxes[0], roll)
    detections = centerface.detect(cut(pixels, crop), least_score=_PROPOSED)
    away = np.linalg.norm((detections.boxes[:, :2] + detections.boxes[:, 2:]) / 2 - (crop.size - 1) / 2, axis=1)
    detections = merge(detections[away < _CROP_SIZE / _CROP_SPAN])[:1]
    return detections.moved(crop.inverse())


def _crop_of(box: np.ndarray, roll: float) -> Crop:
    """The crop around a box (left, top, right, bottom) in which a face rolled by `roll` degrees stands upright."""
    five = TEMPLATE_FIVE * np.sqrt(np.prod(box[2:] - box[:2])) / _BOX_EYES @ _turn(roll).T
    return crop_from_five(five + (box[:2] + box[2:]) / 2, size=_CROP_SIZE, span=_CROP_SPAN)


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
    return max((one, other), key=lambda detections: detections.scores[0] if len(detections) else 0.0)


def _faces(detections: Detections, shape: tuple[int, ...], least: float) -> tuple[Face, ...]:
    """Finds as Faces, boxes clipped to the scan, largest first."""
    faces = []
    for box, score, points in zip(detections.boxes, detections.scores, detections.points, strict=True):
        left, top = np.clip(box[:2], -0.5, [shape[1] - 1.5, shape[0] - 1.5])
        right, bottom = np.clip(box[2:], [left + 1, top + 1], [shape[1] - 0.5, shape[0] - 0.5])
        if box[3] - box[1] >= least * 0.8:
            where = (float(left), float(top), float(right - left), float(bottom - top))
            faces.append(Face(where, float(min(1.0, score)), points.astype(np.float32)))
    return tuple(sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True))
