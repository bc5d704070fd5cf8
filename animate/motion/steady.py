"""Tracks without a detector's trembling, for what is drawn anew in every frame: true movement passes.

Conventions: tracks are (T, ...) at the clip's rate; a value stands off from the calm track by its trembling, or, where
it truly moves, by more.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from animate.core.numerics import smoothstep
from animate.motion.pose import Pose, rotation_matrix, rotation_vector

CALM = 2.0  # frames of the calm track's smoothing
TURN, SIZE, PLACE = 0.012, 0.006, 0.006  # trembling of a pose: radians, logarithm of its scale, outer-eye distances


def steady(track: np.ndarray, tremble: float) -> np.ndarray:
    """A track (T, ..., K) of vectors without what stands off by up to `tremble` from its calm version; what stands off
    by twice as much stays as it is."""
    if len(track) < 2:
        return track
    calm = gaussian_filter1d(track, CALM, axis=0, mode="nearest")
    away = track - calm
    length = np.linalg.norm(away, axis=-1, keepdims=True)
    return calm + away * smoothstep(length, tremble, 2 * tremble)


def steady_pose(poses: Pose) -> Pose:
    """Poses of T frames without trembling; `scale` is taken for the outer-eye distance."""
    first = poses.rotation[0]
    turns = steady(rotation_vector(first.T @ poses.rotation), TURN)
    size = np.exp(steady(np.log(poses.scale)[:, None], SIZE)[:, 0])
    return Pose(first @ rotation_matrix(turns), size, steady(poses.offset, PLACE * float(np.median(size))))
