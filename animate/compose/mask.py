"""Which part of the picture moves with a face: all of the head, its surroundings less and less, shoulders and
background not at all.

Conventions: positions are pixels of an upright animation crop. A reach is 0..1: 1 where the picture moves fully with
the face, 0 at rest.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import smoothstep

# Half axes about the middle of the mesh, in parts of its width and height: sideways, up, down.
CORE = (0.66, 0.78, 0.56)  # ears, hair above the forehead and the chin move fully
WHOLE = (1.15, 1.06, 1.10)  # all motion has ended
REST = 0.94  # ... and it has ended a little inside, so that interpolation between nodes cannot carry it out
BORDER = 0.02  # of the crop's side that never moves


def reach(points: np.ndarray, x: np.ndarray, y: np.ndarray, *, size: int) -> np.ndarray:
    """How far the picture follows the face with crop points (478, 3) at crop positions x, y (broadcast): float32 in
    0..1.

    It falls smoothly from one half-ellipse of the head to a larger one; a crop of `size` pixels rests at its border.
    """
    return smoothstep(1 - _way(points, x, y, size) / REST)


def inside(points: np.ndarray, x: np.ndarray, y: np.ndarray, *, size: int) -> np.ndarray:
    """Where a pixel may differ from the photograph: bool, a little more than where `reach` is above 0."""
    return _way(points, x, y, size) < 1


def _way(points: np.ndarray, x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """0 within the core, 1 at the end of all motion and beyond."""
    near, far = _radii(points, x, y, size)
    return np.where(far >= 1, 1.0, np.maximum(near - 1, 0) / np.maximum(near - far, 1e-6)).astype(np.float32)


def _axes(points: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle (2,) of the mesh, half axes of the core and of the whole: each sideways, up and down."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    middle, extent = (low + high) / 2, np.maximum(high - low, 1.0)
    first, last = BORDER * size, size - 1 - BORDER * size
    room = np.array([min(middle[0] - first, last - middle[0]), middle[1] - first, last - middle[1]])
    scale = extent[[0, 1, 1]]
    whole = np.clip(np.array(WHOLE) * scale, 1.0, np.maximum(room, 1.0))
    core = np.minimum(np.array(CORE) * scale, 0.8 * whole)
    return middle, core, whole


def _radii(points: np.ndarray, x: np.ndarray, y: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances from the middle of the mesh in half axes of the core and of the whole, which ends within the crop."""
    middle, core, whole = _axes(points, size)
    dx, dy = (np.subtract(at, centre, dtype=np.float32) for at, centre in ((x, middle[0]), (y, middle[1])))
    upwards = dy < 0
    across = (np.square(dx / np.float32(axes[0])) for axes in (core, whole))
    along = (np.square(dy / np.where(upwards, *axes[1:]).astype(np.float32)) for axes in (core, whole))
    return tuple(np.sqrt(a + b) for a, b in zip(across, along, strict=True))
