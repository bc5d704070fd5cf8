"""Faces for the motion tests, made from the mean face: wide and narrow, sleepy and wide awake, tilted and turned."""

from __future__ import annotations

import numpy as np

from animate.motion import landmarks, openings, pose


def person(
    *,
    width: float = 1.0,
    height: float = 1.0,
    lids: float = 0.0,
    turn: tuple[float, float, float] = (0, 0, 0),
    size: float = 180.0,
    at: tuple[float, float] = (400.0, 300.0),
    mouth: float = 0.0,
) -> np.ndarray:
    """(478, 3) float32 pixels: proportions, how far the lids are closed, degrees of (nod, turn, lean), parted lips."""
    _, shape = pose.canonical(landmarks.MEAN_FACE)
    shape = shape + landmarks.JAW * (mouth - openings.lip_gap(shape))
    none = np.zeros((1, 2, 7, 3))
    shape = openings.set_lids(shape[None], shape, np.full((1, 2), lids), none)[0] * (width, height, 1)
    place = pose.Pose(pose.rotation_matrix(np.radians(turn)), np.array(size), np.array((*at, 0.0)))
    return pose.apply(shape, place).astype(np.float32)


PEOPLE = {
    "plain": person(),
    "broad": person(width=1.15, height=0.9),
    "long": person(width=0.9, height=1.15),
    "narrow eyes": person(lids=0.6),
    "wide eyes": person(lids=-0.4),
    "tilted": person(turn=(0, 0, 35)),
    "turned": person(turn=(6, 22, -8)),
    "small": person(size=25.0),
    "smiling with teeth": person(mouth=0.12),
}
