"""One face followed through a video: a crop that goes with the head without trembling, and its mesh in frame pixels.

The largest face that holds is followed, or the one of another rank. Each frame's crop comes from the five points of the
frames before, smoothed: small movements hardly move it, large ones move it at once. A face is lost when its presence
falls below half; it is then searched for where it was, and only after a while anywhere. At a cut all begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from animate.core.geometry import LANDMARK_SIZE as _SIZE
from animate.core.geometry import LANDMARK_SPAN as _SPAN
from animate.core.types import Crop, Face, Keypoints
from animate.faces.crop import TEMPLATE_FIVE, crop_from_box, crop_from_five, cut

Find = Callable[[np.ndarray], Sequence[Face]]
Mesh = Callable[[np.ndarray], tuple[np.ndarray, float]]
Five = Callable[[np.ndarray], np.ndarray]

_PRESENT = 0.5
_SLOW, _QUICK = 0.08, 0.25  # least weight of a new frame; movement, in eye distances, from which it gets full weight
_REFINE = 0.35  # mean distance of the five points from the template, in eye distances, that asks for a second cut
_WAIT = 25  # frames for which a lost face is looked for only where it was
_RARELY = 5  # after as many frames without success, only every fifth is searched
_HALF = np.array([1.15, 1.45])  # half of a face's box, in eye distances
_BESIDE = 0.5  # height of a second face, as a share of the largest one's, that is a person and no bystander
_JUMP = 0.35  # shared area, over joint area, below which a face that comes back has come back elsewhere


class Tracker:
    """Follows one face of a video.

    Args:
        find: frame -> Faces, largest first.
        mesh: crop (160, 160, 3) uint8 -> points (478, 3) in crop pixels and presence 0..1.
        five: points (478, 3) -> (5, 2) eyes, nose tip, mouth corners.
        rank: which face to follow from the start and from every cut on; 0 is the largest.

    Attributes:
        crop: the last crop used, or None before the first face and while it is lost.
        people: the most faces of like size that a search has found in one frame.
        jumped: whether the face of the newest frame was found again elsewhere than it had been lost.
    """

    def __init__(self, find: Find, mesh: Mesh, five: Five, *, rank: int = 0):
        self.crop: Crop | None = None
        self.people = 0
        self.jumped = False
        self._rank = rank
        self._find, self._mesh, self._five = find, mesh, five
        self._smooth: np.ndarray | None = None  # (5, 2) frame pixels while the face is held
        self._last: np.ndarray | None = None  # the same, kept when it is lost
        self._gone = 0  # frames since it was last seen

    def follow(self, frame: np.ndarray, *, cut: bool = False) -> Keypoints | None:
        """The face's keypoints in one frame.

        Args:
            frame: (H, W, 3) uint8 RGB, the one after the frame of the call before.
            cut: a new shot begins here: nothing that was known before holds.

        Returns:
            Keypoints in pixels of the frame, or None while the face is out of sight.
        """
        if cut:
            self.crop = self._smooth = self._last = None
            self._gone = 0
        self.jumped = False
        seen = self._held(frame) or self._found(frame)
        if seen is None:
            self.crop = self._smooth = None
            self._gone += 1
            return None
        self.crop, keypoints = seen
        self._gone = 0
        self._smooth = self._last = self._smoothed(self._five(keypoints.points))
        return keypoints

    def _held(self, frame: np.ndarray) -> tuple[Crop, Keypoints] | None:
        """The face where the frame before leads to expect it."""
        if self._smooth is None:
            return None
        return self._measure(frame, crop_from_five(self._smooth, size=_SIZE, span=_SPAN))

    def _found(self, frame: np.ndarray) -> tuple[Crop, Keypoints] | None:
        """The face after a search of the whole frame; its first crop is refined once by its own result."""
        if self._gone > _RARELY and self._gone % _RARELY:
            return None
        self._smooth = None  # what is found now owes nothing to a crop that lost the face
        for face in self._candidates(self._find(frame)):
            seen = self._measure(frame, _crop_of(face), again=True)
            if seen is not None:
                found = _box(self._five(seen[1].points))
                self.jumped = self._last is not None and _overlap(_box(self._last), found) < _JUMP
                return seen
        return None

    def _candidates(self, faces: Sequence[Face]) -> list[Face]:
        """Faces to try: from the start on by size; where it was while the lost one may come back; then the nearest."""
        largest = max((face.box[3] for face in faces), default=0.0)
        self.people = max(self.people, len([face for face in faces if face.box[3] >= _BESIDE * largest]))
        if self._last is None:
            return list(faces[self._rank : self._rank + 1] if self._rank else faces)
        if self._gone < _WAIT:
            shared = [(_overlap(_box(self._last), face.box), face) for face in faces]
            return [face for share, face in sorted(shared, key=lambda pair: -pair[0]) if share > 0.1]
        return sorted(faces, key=lambda face: float(np.linalg.norm(_middle(face.box) - self._last.mean(0))))

    def _measure(self, frame: np.ndarray, crop: Crop, *, again: bool = False) -> tuple[Crop, Keypoints] | None:
        """The mesh in a crop, cut `again` by its own result if asked or if the face sits badly in it."""
        points, presence = self._mesh(cut(frame, crop))
        if presence < _PRESENT:
            return None
        five = self._five(points)
        if again or np.linalg.norm(five - _expected(), axis=1).mean() > _REFINE * _SIZE / _SPAN:
            closer = crop_from_five(crop.out(five), size=_SIZE, span=_SPAN)
            points_closer, presence_closer = self._mesh(cut(frame, closer))
            if presence_closer >= _PRESENT:
                crop, points, presence = closer, points_closer, presence_closer
        return crop, Keypoints(crop.out(points), presence=float(presence))

    def _smoothed(self, five: np.ndarray) -> np.ndarray:
        if self._smooth is None:
            return np.array(five, dtype=np.float64)
        moved = np.linalg.norm(five - self._smooth, axis=1).mean() / _eyes(five)
        return self._smooth + np.clip(moved / _QUICK, _SLOW, 1.0) * (five - self._smooth)


def _expected() -> np.ndarray:
    """Where the five points lie in a crop that fits, crop pixels (5, 2)."""
    return TEMPLATE_FIVE * _SIZE / _SPAN + (_SIZE - 1) / 2


def _crop_of(face: Face) -> Crop:
    if face.points is None:
        return crop_from_box(face.box, size=_SIZE, span=_SPAN)
    return crop_from_five(face.points, size=_SIZE, span=_SPAN)


def _eyes(five: np.ndarray) -> float:
    """The eye distance as seen from the front: from all five points, so that a turned head is not small."""
    return float(np.linalg.norm(five - five.mean(0)) / np.linalg.norm(TEMPLATE_FIVE - TEMPLATE_FIVE.mean(0)))


def _box(five: np.ndarray) -> tuple[float, float, float, float]:
    half = _HALF * _eyes(five)
    left, top = five.mean(0) - half
    return float(left), float(top), float(2 * half[0]), float(2 * half[1])


def _middle(box: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Shared area over joint area of two boxes (x, y, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
