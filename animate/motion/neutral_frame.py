"""The neutral frame of a recording: the moment in which the face rests, found rather than assumed to be the first.

Conventions: points (T, 478, 3); frames in which no face was seen hold NaN.
"""

from __future__ import annotations

import numpy as np

from animate.core.errors import NoFaceInDriver
from animate.motion import landmarks, openings, pose


def fill_gaps(points: np.ndarray) -> np.ndarray:
    """Points (T, 478, 3) float64 with gaps of NaN bridged in straight lines; raises NoFaceInDriver if all is a gap."""
    points = np.asarray(points, float)
    if points.ndim != 3 or points.shape[1:] != (landmarks.COUNT, 3):
        raise ValueError(f"points of a recording are (T, {landmarks.COUNT}, 3), not {points.shape}")
    seen = np.isfinite(points).all(axis=(1, 2))
    if not seen.any():
        raise NoFaceInDriver(f"none of the {len(points)} frames shows a face", hint="film one face from near")
    if seen.all():
        return points
    known, wanted = np.flatnonzero(seen), np.arange(len(points))
    after = np.clip(np.searchsorted(known, wanted), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, wanted, side="right") - 1, 0, len(known) - 1)
    span = np.maximum(known[after] - known[before], 1)
    part = np.clip((wanted - known[before]) / span, 0, 1)[:, None, None]
    return points[known[before]] * (1 - part) + points[known[after]] * part


def neutral_index(points: np.ndarray) -> int:
    """Index of the frame with eyes open, mouth closed, head frontal, everything slow.

    Args:
        points: (T, 478, 3); frames of NaN are left out.
    """
    seen = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    points = points[seen]
    place = pose.fit_pose(points, landmarks.MEAN_FACE)
    shape = pose.invert(points, place)
    turn = pose.rotation_vector(place.rotation)[:, :2]
    opening = openings.eye_opening(shape).mean(axis=1)
    usual = np.percentile(opening, 75)  # wide awake, yet not torn open
    speed = np.linalg.norm(np.gradient(shape, axis=0), axis=-1).mean(axis=1) if len(points) > 1 else np.zeros(1)
    cost = np.linalg.norm(turn, axis=1) / 0.15 + np.abs(opening - usual) / 0.05
    cost += np.abs(openings.lip_gap(shape)) / 0.05 + speed / 0.02
    cost += np.linalg.norm(shape - np.median(shape, axis=0), axis=-1).mean(axis=1) / 0.03
    return int(seen[np.argmin(cost)])
