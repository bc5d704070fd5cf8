"""Faces for the motion tests: the mean face laid on a photograph, and hand-made movements of its points.

Conventions: points are (478, 3) float32, x right, y down, z away, in pixels.
"""

from __future__ import annotations

import numpy as np

from animate.core.types import Crop
from animate.model.warp.local_affine import MeshTopology
from animate.motion import landmarks

SIZE, SPAN = 300, 6.0
UNIT = SIZE / SPAN
UPPER = landmarks.OUTER_UPPER + landmarks.INNER_UPPER
LOWER = landmarks.OUTER_LOWER + landmarks.INNER_LOWER


def surface() -> MeshTopology:
    lids = landmarks.UPPER_LIDS, landmarks.LOWER_LIDS
    return MeshTopology(landmarks.TRIANGLES, landmarks.EYE_CORNERS, *lids, landmarks.IRISES, ((UPPER, LOWER),))


def face() -> np.ndarray:
    """The mean face in the middle of a crop of SIZE pixels."""
    return (landmarks.MEAN_FACE * UNIT + [(SIZE - 1) / 2, (SIZE - 1) / 2, 0]).astype(np.float32)


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
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        moved[list(upper)] += closed * (points[list(lower)] - points[list(upper)])
    return moved


def looking(points: np.ndarray, x: float, y: float = 0.0) -> np.ndarray:
    """Both irises shifted by eye distances."""
    moved = points.copy()
    for iris in landmarks.IRISES:
        moved[list(iris), :2] += np.float32([x, y]) * UNIT
    return moved


def smiling(points: np.ndarray, strength: float) -> np.ndarray:
    moved = points.copy()
    for corner, side in zip(landmarks.LIP_CORNERS, (-1, 1), strict=True):
        near = np.exp(-0.5 * (np.linalg.norm(points[:, :2] - points[corner, :2], axis=1) / (0.35 * UNIT)) ** 2)
        moved[:468, 0] += (0.7 * side * strength * UNIT * near)[:468]
        moved[:468, 1] -= (strength * UNIT * near)[:468]
    return moved
