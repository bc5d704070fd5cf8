"""Where regions of a further photograph are laid into a driven face, and how softly they end.

Part of the pipeline: it joins motion and layers. A mask is a rectangle of the scan and opacities (h, w) float32 in
0..1; points (478, 3) are driven landmarks in scan pixels, `size` is (height, width) of the photograph.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.draw import polygon2mask

from animate.core.numerics import Rectangle, smoothstep
from animate.layers import resample
from animate.motion import landmarks

Mask = tuple[Rectangle, np.ndarray]

AROUND = (0.10, 0.34)  # eye distances around an eye over which its picture passes into the main photograph's
UNDER_BROW = 0.10  # below a brow, which stays the main photograph's
LIPS = (0.03, 0.22)  # the same around a mouth
NOSTRILS, BELOW_NOSE = (2, 97, 326), (-0.02, 0.06)  # which stay the main photograph's too
BESIDE = 0.12  # eye distances beyond the face's outline over which a cheek fades
FAINT = 0.02  # opacity that is nothing


def eye(points: np.ndarray, side: int, size: tuple[int, int]) -> Mask | None:
    """An eye with its lids: `side` is 0 on the left of the picture, 1 on the right."""
    ring, brow, ends = (
        points[list(part), :2] for part in (landmarks.LIDS[side], landmarks.BROWS[side], landmarks.EYE_CORNERS[side])
    )
    unit = unit_of(points)
    rectangle = _within(ring, AROUND[1] * unit, size)
    if rectangle is None:
        return None
    left, top, right, bottom = rectangle
    middle, along = ends.mean(0), (ends[1] - ends[0]) * (1 if side == 0 else -1)
    half = float(np.linalg.norm(along)) / 2
    along = along / max(2 * half, 1e-6)
    down = np.array([-along[1], along[0]])
    x, y = np.arange(left, right) - middle[0], np.arange(top, bottom)[:, None] - middle[1]
    s, t = along[0] * x + along[1] * y, down[0] * x + down[1] * y
    heights = (ring - middle) @ down
    beyond = np.maximum(np.maximum(t - heights.max(), heights.min() - t), 0)
    far = np.hypot(np.maximum(np.abs(s) - half, 0), beyond)
    lowest = float(((brow - middle) @ down).max())
    alpha = (1 - smoothstep(far / unit, *AROUND)) * smoothstep((t - lowest) / unit, 0.0, UNDER_BROW)
    return rectangle, alpha.astype(np.float32)


def lips(points: np.ndarray, size: tuple[int, int]) -> Mask | None:
    """A whole mouth and a little of the skin around it."""
    ring, unit = points[list(landmarks.OUTER_LIPS), :2], unit_of(points)
    rectangle = _within(ring, LIPS[1] * unit, size)
    if rectangle is None:
        return None
    left, top, right, bottom = rectangle
    outside = ~polygon2mask((bottom - top, right - left), ring[:, ::-1] - (top, left))
    alpha = 1 - smoothstep(distance_transform_edt(outside) / unit, *LIPS)
    below = np.arange(top, bottom)[:, None] - points[list(NOSTRILS), 1].max()
    return rectangle, (alpha * smoothstep(below / unit, *BELOW_NOSE)).astype(np.float32)


def skin(points: np.ndarray, gain: np.ndarray, size: tuple[int, int]) -> Mask | None:
    """Skin by how far it is taken at each landmark, `gain` (478,) in 0..1."""
    seen = np.flatnonzero(landmarks.normals(points)[: landmarks.SURFACE, 2] > FAINT)
    taken = seen[gain[seen] > FAINT]
    unit = unit_of(points)
    rectangle = _within(points[taken, :2], 0.3 * unit, size) if len(taken) > 2 else None
    if rectangle is None:
        return None
    left, top, right, bottom = rectangle
    step = max(2, int(0.04 * unit))
    x, y = np.meshgrid(np.arange(left, right + step, step), np.arange(top, bottom + step, step))
    field = LinearNDInterpolator(points[seen, :2], gain[seen], fill_value=0.0)(x, y)
    field = gaussian_filter(field, BESIDE * unit / step / 2)[..., None].astype(np.float32)
    alpha = resample.spread(field, step, (0, 0, right - left, bottom - top))
    return rectangle, alpha.reshape(bottom - top, right - left)


def area(points: np.ndarray, ring: Sequence[int]) -> float:
    """Area of the polygon through landmarks in square pixels (shoelace formula)."""
    x, y = points[list(ring), :2].astype(float).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def unit_of(points: np.ndarray) -> float:
    """Distance of the eyes' centres, in space."""
    return float(np.linalg.norm(np.subtract(*(points[list(ring)].mean(0) for ring in landmarks.LIDS))))


def _within(points: np.ndarray, margin: float, size: tuple[int, int]) -> Rectangle | None:
    """The rectangle around points (K, 2) as far as it lies in the photograph; None outside of it."""
    height, width = size
    left, top = np.clip(np.floor(points.min(0) - margin).astype(int), 0, (width, height)).tolist()
    right, bottom = np.clip(np.ceil(points.max(0) + margin).astype(int) + 1, 0, (width, height)).tolist()
    return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None
