"""Where a repair must not take anything for damage: the features of faces, and people as a whole. Part of the pipeline.

Conventions: faces are meshes (478, 2 or 3) in pixels of the photograph; masks are (H, W) bool.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import ConvexHull
from skimage.draw import polygon2mask

from animate.core.numerics import Rectangle
from animate.core.types import Photo
from animate.motion import landmarks

WIDER = 1.45  # hulls of eyes with brows, and lips, about their middle: lashes, rims of glasses, corners of the mouth
BETWEEN = 1.15  # hull of the inner lips about its middle
NOSTRILS = (98, 327, 294, 64, 1)
HEAD = (1.0, 0.95, 0.1)  # half axes in widths and heights of the mesh, and heights by which its middle lies higher
BODY = (1.7, 5.0)  # half width, and reach below the middle of the face, in widths and heights of the mesh


def features(photo: Photo, faces: Iterable[np.ndarray]) -> np.ndarray:
    """Eyes with brows and glasses, nostrils and mouths."""
    mask = np.zeros((photo.height, photo.width), bool)
    for points in faces:
        left, right = ([*lids, *brow] for lids, brow in zip(landmarks.LIDS, landmarks.BROWS, strict=True))
        for ring in (left, right, landmarks.OUTER_LIPS, NOSTRILS):
            _add_hull(mask, points[list(ring), :2])
    return mask


def people(photo: Photo, faces: Sequence[np.ndarray]) -> np.ndarray:
    """Heads with hair and hats, and below each the place of a body."""
    mask = np.zeros((photo.height, photo.width), bool)
    y, x = np.ogrid[: photo.height, : photo.width]
    for points in faces:
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        middle, (width, height) = (low + high) / 2, high - low
        above = middle[1] - HEAD[2] * height
        mask |= ((x - middle[0]) / (HEAD[0] * width)) ** 2 + ((y - above) / (HEAD[1] * height)) ** 2 < 1
        mask |= (np.abs(x - middle[0]) < BODY[0] * width) & (y > middle[1]) & (y < middle[1] + BODY[1] * height)
    return mask


def teeth(points: np.ndarray, area: Rectangle) -> np.ndarray:
    """Where teeth and what lies between the lips are, softly, in an area: (h, w) in 0..1."""
    left, top, right, bottom = area
    mask = np.zeros((bottom - top, right - left), bool)
    _add_hull(mask, points[list(landmarks.INNER_LIPS), :2] - (left, top), wider=BETWEEN)
    return gaussian_filter(mask.astype(np.float32), 0.02 * float(np.ptp(points[:, 1])))


def _add_hull(mask: np.ndarray, points: np.ndarray, *, wider: float = WIDER) -> None:
    """Adds the convex hull of points (N, 2), widened, within its bounding box only."""
    middle = points.mean(0)
    hull = middle + wider * (points[ConvexHull(points).vertices] - middle)
    left, top = np.maximum(np.floor(hull.min(0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(hull.max(0)).astype(int) + 1, mask.shape[::-1])
    if left < right and top < bottom:
        shape = (bottom - top, right - left)
        mask[top:bottom, left:right] |= polygon2mask(shape, hull[:, ::-1] - (top, left))
