"""What the landmark network is judged by: openings of eyes and mouth, the weight of each point, pairs that must agree.

Conventions: points (N, 478, 2 or 3) in any one unit.
"""

from __future__ import annotations

import numpy as np

from animate.core.geometry import MESH_POINTS
from animate.motion import landmarks

ACROSS_LIDS = (
    (159, 145), (158, 153), (160, 144), (161, 163), (157, 154),
    (386, 374), (385, 380), (387, 373), (388, 390), (384, 381),
)  # fmt: skip
ACROSS_LIPS = ((13, 14), (82, 87), (312, 317), (81, 178), (311, 402), (80, 88), (310, 318), (61, 291))
GAZE = ((468, 33), (468, 133), (473, 263), (473, 362), (468, 159), (473, 386))


def openings(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eye openings (N, 2) as gap over eye width, mouth opening (N,) as inner gap over mouth width, of points
    (N, 478, 2 or 3).
    """

    def gap(a: int, b: int) -> np.ndarray:
        return np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=-1)

    lids = np.stack([gap(159, 145) / gap(33, 133), gap(386, 374) / gap(263, 362)], axis=1)
    return lids, gap(13, 14) / gap(61, 291)


def point_weights() -> np.ndarray:
    """How much each point counts (478,), sum 1."""
    weights = np.ones(MESH_POINTS, np.float32)
    weights[list(landmarks.OVAL)] = 0.7
    weights[list(landmarks.LIPS)] = 2.5
    weights[list(landmarks.LIDS)] = 3.0
    weights[list(landmarks.IRISES)] = 3.0
    return weights / weights.sum()


def difference_pairs() -> np.ndarray:
    """Pairs (P, 2) whose difference matters by itself: across the lids, across the inner lips, iris to eye corner."""
    return np.array(ACROSS_LIDS + ACROSS_LIPS + GAZE)


def yaw_sine(points: np.ndarray) -> np.ndarray:
    """A rough sine of yaw: depth difference of the face's sides over their distance."""
    side = points[:, 454] - points[:, 234]
    return side[:, 2] / np.linalg.norm(side, axis=-1)
