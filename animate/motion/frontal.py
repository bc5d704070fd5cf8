"""A face laid flat: where the places of a frontal template are in a picture, and how two faces' own shapes differ.

Conventions: points (478, 3) are pixels of their picture.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from animate.motion import landmarks, pose

SIDE = 96  # places of the template along a side
X, Y = (-1.15, 1.15), (-1.35, 1.45)  # what it shows of MEAN_FACE
# Bone and gristle, which no expression moves: shapes are compared by these.
NOSE = (1, 2, 4, 5, 6, 19, 94, 97, 98, 326, 327, 168, 195, 197, 48, 278, 115, 344, 64, 294, 45, 275)
STEADY = tuple(sorted({*landmarks.RIGID, *NOSE}))


def places(points: np.ndarray) -> np.ndarray:
    """Pixels (SIDE, SIDE, 2) of the template's places; NaN outside of the face."""
    from scipy.interpolate import LinearNDInterpolator

    x, y = np.meshgrid(np.linspace(*X, SIDE), np.linspace(*Y, SIDE))
    surface = LinearNDInterpolator(_template(), np.asarray(points, float)[: landmarks.SURFACE, :2])
    return surface(np.stack([x, y], -1).reshape(-1, 2)).reshape(SIDE, SIDE, 2)


def shape_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of the steady points of two faces in their heads' own frames, in outer-eye distances."""
    shapes = [pose.canonical(points)[1][list(STEADY)] for points in (one, other)]
    return float(np.abs(shapes[0] - shapes[1]).mean())


@cache
def _template():
    from scipy.spatial import Delaunay

    return Delaunay(landmarks.MEAN_FACE[: landmarks.SURFACE, :2])
