"""A face moved by its points, linear in every triangle between them: quick, without any network.

Conventions: points (N, 2) and fields are pixels of a square crop.
"""

from __future__ import annotations

import numpy as np

STEP = 4  # pixels between the nodes of a field
_FINE = 4  # binary places of a corner when a triangle is drawn
_RING = 24  # points far around the face that never move


class TriangleWarp:
    """Triangles between the points of a face at rest in a crop of `size` pixels; `around` is far outside the face."""

    def __init__(self, points: np.ndarray, size: int, *, around: float):
        from scipy.spatial import Delaunay

        angle = np.linspace(0, 2 * np.pi, _RING, endpoint=False)
        ring = points.mean(0) + around * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        self.points = np.concatenate([points, ring]).astype(np.float32)
        self.corners = Delaunay(self.points).simplices
        axis = np.arange((STEP - 1) / 2, size, STEP, dtype=np.float32)  # where enlarging by STEP puts the nodes
        self.nodes = np.stack(np.meshgrid(axis, axis), axis=-1)
        self._owner = self._drawn(self.points, np.arange(len(self.corners)))

    def targets(self, driven: np.ndarray) -> np.ndarray:
        """Where each node of the crop at rest goes when its points move to `driven` (N, 2): (rows, columns, 2)."""
        return self._field(self.points, self._all(driven), self._owner)

    def origins(self, driven: np.ndarray) -> np.ndarray:
        """Where at rest each node of the crop was whose points moved to `driven` (N, 2): (rows, columns, 2) float32.

        Where triangles overlap, one that faces the camera as it did at rest is on top.
        """
        moved = self._all(driven)
        upright = self._areas(moved) * self._areas(self.points) > 0
        return self._field(moved, self.points, self._drawn(moved, np.argsort(upright, kind="stable")))

    def _all(self, driven: np.ndarray) -> np.ndarray:
        return np.concatenate([driven, self.points[len(driven) :]]).astype(np.float32)

    def _areas(self, points: np.ndarray) -> np.ndarray:
        a, b, c = (points[self.corners[:, k]] for k in range(3))
        return _cross(b - a, c - a)

    def _field(self, here: np.ndarray, there: np.ndarray, owner: np.ndarray) -> np.ndarray:
        """The way of every node from triangles `here` (M, 2) to the same `there`."""
        a, b, c = (here[self.corners[:, k]] for k in range(3))
        whole = _cross(b - a, c - a)
        whole = np.where(np.abs(whole) < 1e-3, 1e-3, whole)[owner]
        away = self.nodes - a[owner]
        one, two = _cross(away, (c - a)[owner]) / whole, _cross((b - a)[owner], away) / whole
        one, two = np.clip(one, -0.5, 1.5)[..., None], np.clip(two, -0.5, 1.5)[..., None]
        a, b, c = (there[self.corners[:, k]] for k in range(3))
        return a[owner] + one * (b - a)[owner] + two * (c - a)[owner]

    def _drawn(self, moved: np.ndarray, order: np.ndarray) -> np.ndarray:
        """Index (rows, columns) of the triangle over each node, the last in `order` on top."""
        import cv2

        grid = (moved - (STEP - 1) / 2) / STEP * 2**_FINE
        shapes = np.round(grid[self.corners]).astype(np.int32)
        owner = np.zeros(self.nodes.shape[:2], np.int32)
        for index in order.tolist():
            cv2.fillConvexPoly(owner, shapes[index], index, shift=_FINE)
        return owner


def resample(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A picture (h, w[, 3]) sampled at `places` (rows, columns, 2), spread over its size; beyond it, its edge."""
    import cv2

    height, width = picture.shape[:2]
    fine = cv2.resize(places, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.remap(picture, fine[..., 0], fine[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def carried(field: np.ndarray, points: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Small shifts (N, 2) at points (N, 2) of the one side of a field as shifts on its other side."""
    last = np.array(field.shape[1::-1]) - 1
    column, row = np.clip(np.round((points - (STEP - 1) / 2) / STEP), 0, last).astype(int).T
    across, down = (np.gradient(field, STEP, axis=axis)[row, column] for axis in (1, 0))
    return shift[:, :1] * across + shift[:, 1:] * down


def _cross(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]
