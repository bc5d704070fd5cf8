"""What inner lips uncover: the place between two curves.

Conventions: points (478, 3) are scan pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator


@dataclass(frozen=True)
class MouthMesh:
    """Landmarks of the inner lips: corners (left, right), upper and lower points from left to right; and of the jaw."""

    corners: tuple[int, int]
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    jaw: tuple[int, ...]


class Opening:
    """What inner lips uncover: between two curves over the line of their corners."""

    def __init__(self, points: np.ndarray, mesh: MouthMesh):
        ends = points[list(mesh.corners), :2].astype(float)
        self.middle, way = ends.mean(0), ends[1] - ends[0]
        self.axis = way / max(float(np.hypot(*way)), 1e-6)
        x, upper = self._turned(points, mesh, mesh.upper)
        self.xs = np.linspace(x[0], x[-1], 64)
        self.top = PchipInterpolator(x, upper)(self.xs)
        x, lower = self._turned(points, mesh, mesh.lower)
        self.bottom = PchipInterpolator(x, lower)(np.clip(self.xs, x[0], x[-1]))
        central = slice(16, 48)
        self.gap = float(np.mean(self.bottom[central] - self.top[central]))
        self.low = np.minimum(points[list(mesh.upper), :2].min(0), ends.min(0))
        self.high = np.maximum(points[list(mesh.lower), :2].max(0), ends.max(0))

    def depth(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far places lie below the upper and above the lower lip, in pixels across the lips; negative outside."""
        dx, dy = x - self.middle[0], y - self.middle[1]
        s, t = self.axis[0] * dx + self.axis[1] * dy, self.axis[0] * dy - self.axis[1] * dx
        top, bottom = (np.interp(s, self.xs, edge) for edge in (self.top, self.bottom))
        within = (s > self.xs[0]) & (s < self.xs[-1])
        return np.where(within, t - top, -1.0), np.where(within, bottom - t, -1.0)

    def margin(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far places lie from the upper and from the lower lip, in pixels square to them; negative outside."""
        s = self.axis[0] * (x - self.middle[0]) + self.axis[1] * (y - self.middle[1])
        slopes = (1 / np.hypot(1, np.gradient(edge, self.xs)) for edge in (self.top, self.bottom))
        upper, lower = (depth * np.interp(s, self.xs, own) for depth, own in zip(self.depth(x, y), slopes, strict=True))
        return upper, lower

    def _turned(self, points: np.ndarray, mesh: MouthMesh, line: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        offset = points[[mesh.corners[0], *line, mesh.corners[1]], :2] - self.middle
        s = offset @ self.axis
        s = np.maximum.accumulate(s + 1e-4 * np.arange(len(s)))
        return s + 1e-4 * np.arange(len(s)), offset[:, 1] * self.axis[0] - offset[:, 0] * self.axis[1]
