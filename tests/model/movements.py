"""Faces for the motion tests: the mean face laid on a photograph, and hand-made movements of its points.

Conventions: points are (478, 3) float32, x right, y down, z away, in pixels.
"""

from __future__ import annotations

import numpy as np

from animate.model.frames import Surface
from animate.motion import anchors
from animate.values import Crop

SIZE, SPAN = 300, 6.0
UNIT = SIZE / SPAN
UPPER = anchors.OUTER_UPPER + anchors.INNER_UPPER
LOWER = anchors.OUTER_LOWER + anchors.INNER_LOWER


def surface() -> Surface:
    lids = anchors.UPPER_LIDS, anchors.LOWER_LIDS
    return Surface(anchors.TRIANGLES, anchors.EYE_CORNERS, *lids, anchors.IRISES, ((UPPER, LOWER),))


def face() -> np.ndarray:
    """The mean face in the middle of a crop of SIZE pixels."""
    return (anchors.MEAN_FACE * UNIT + [(SIZE - 1) / 2, (SIZE - 1) / 2, 0]).astype(np.float32)


def crop_at(x: float, y: float, eyes: float, degrees: float = 0.0) -> Crop:
    """The crop of a face turned by `degrees` around scan point (x, y) whose eyes are `eyes` pixels apart."""
    angle, scale = np.deg2rad(degrees), UNIT / eyes
    linear = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return Crop(np.column_stack([linear, (SIZE - 1) / 2 - linear @ [x, y]]), SIZE)


def turned(points: np.ndarray, yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """The head turned about its own middle by degrees."""
    a, b = np.deg2rad([yaw, pitch])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    middle = points[[10, 152, 234, 454]].mean(0)
    middle[2] = points[[234, 454], 2].mean()
    return ((points - middle) @ (about_y @ about_x).T + middle).astype(np.float32)


def blinking(points: np.ndarray, closed: float) -> np.ndarray:
    moved = points.copy()
    for upper, lower in zip(anchors.UPPER_LIDS, anchors.LOWER_LIDS, strict=True):
        moved[list(upper)] += closed * (points[list(lower)] - points[list(upper)])
    return moved


def looking(points: np.ndarray, x: float, y: float = 0.0) -> np.ndarray:
    """Both irises shifted by eye distances."""
    moved = points.copy()
    for iris in anchors.IRISES:
        moved[list(iris), :2] += np.float32([x, y]) * UNIT
    return moved


def smiling(points: np.ndarray, strength: float) -> np.ndarray:
    moved = points.copy()
    for corner, side in zip(anchors.LIP_CORNERS, (-1, 1), strict=True):
        near = np.exp(-0.5 * (np.linalg.norm(points[:, :2] - points[corner, :2], axis=1) / (0.35 * UNIT)) ** 2)
        moved[:468, 0] += (0.7 * side * strength * UNIT * near)[:468]
        moved[:468, 1] -= (strength * UNIT * near)[:468]
    return moved
