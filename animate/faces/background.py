"""How a camera moves behind a person: features beside the person, followed from frame to frame.

Conventions: frames are (H, W, 3) uint8 RGB of one size. A camera's motion is a similarity (2, 3) that takes points of
the first frame to where the same things of the background are in the newest.
"""

from __future__ import annotations

import numpy as np

from animate.faces.optical_flow import grey

WIDTH = 240  # pixels of the small frames in which features are followed
MOST, LEAST = 80, 14  # features asked for, and fewest that are believed
AGREE = 0.7  # part of the features that one movement must explain
MISS = 1.0  # pixels by which it may miss them
APART = 0.45  # of the frame's width that believed features reach across: a camera moves what is on both sides
STILL = 0.06  # pixels: a smaller movement is the error of measurement
PERSON = (1.9, 2.3)  # half width of a person and height of the head above the eyes' middle, in eye distances


class CameraMotion:
    """Follows the camera of one video; `start` begins a shot."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Forgets all: the next frame is the first of a shot."""
        self._last: np.ndarray | None = None
        self._whole = np.eye(3)

    def follow(self, frame: np.ndarray, face: np.ndarray | None) -> tuple[np.ndarray, bool]:
        """The camera's motion since the shot's first frame.

        Args:
            frame: the next frame.
            face: points (N, 2 or 3) of the person in it, left out, or None if nobody is known.

        Returns:
            Similarity (2, 3) float64 in pixels of the frame, and whether the background shows its newest step, which is
            left out otherwise.
        """
        import cv2

        scale = min(1.0, WIDTH / frame.shape[1])
        small = cv2.resize(grey(frame), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        known = False
        if self._last is not None and face is not None:
            step = _step(self._last, small, _beside(small.shape, np.asarray(face)[:, :2] * scale))
            if step is not None:
                known = True
                step[:, 2] /= scale
                self._whole = np.vstack([step, [0, 0, 1]]) @ self._whole
        self._last = small
        return self._whole[:2].copy(), known


def without(points: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Points (..., 3) where a camera that had not moved by `camera` (2, 3) would have seen them; z in the same unit."""
    linear = np.linalg.inv(camera[:, :2])
    plane = (points[..., :2] - camera[:, 2]) @ linear.T
    depth = points[..., 2:] * np.sqrt(abs(np.linalg.det(linear)))
    return np.concatenate([plane, depth], axis=-1).astype(points.dtype)


def _beside(shape: tuple[int, int], face: np.ndarray) -> np.ndarray:
    """Mask (h, w) uint8 of what is beside a person: head, and all below it in a column of the shoulders' width."""
    mask = np.full(shape, 255, np.uint8)
    unit = float(np.ptp(face[:, 0])) / 2  # a face is about two eye distances wide
    middle, top = face[:, 0].mean(), face[:, 1].min()
    left, right = (round(float(middle + side * PERSON[0] * unit)) for side in (-1, 1))
    mask[max(0, round(float(top - (PERSON[1] - 1.3) * unit))) :, max(0, left) : max(0, right)] = 0
    chin = round(float(face[:, 1].max() + 0.2 * unit))
    wide_left, wide_right = (round(float(middle + side * 2 * PERSON[0] * unit)) for side in (-1, 1))
    mask[max(0, chin) :, max(0, wide_left) : max(0, wide_right)] = 0
    return mask


def _step(before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """The similarity (2, 3) from one small frame to the next outside people, or None where it does not show."""
    import cv2

    features = cv2.goodFeaturesToTrack(before, MOST, 0.02, 6, mask=mask)
    if features is None or len(features) < LEAST:
        return None
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, features, None, winSize=(15, 15), maxLevel=3)
    held = found.ravel() == 1
    if held.sum() < LEAST:
        return None
    first, second = features[held].reshape(-1, 2), there[held].reshape(-1, 2)
    step, inliers = cv2.estimateAffinePartial2D(first, second, ransacReprojThreshold=MISS)
    if step is None or inliers.sum() < max(LEAST, AGREE * len(first)):
        return None
    believed = first[inliers.ravel() == 1]
    if np.ptp(believed[:, 0]) < APART * before.shape[1]:
        return None
    return step if np.abs(second - first).mean() > STILL else np.eye(2, 3)
