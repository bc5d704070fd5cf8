"""Creases: the folds from the wings of the nose past the corners of the mouth, as deep as a mouth has widened.

Conventions: points are (478, 3) pixels of one picture; light is a factor of the skin's own, 0 for no change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from animate.core.numerics import smoothstep

WIDENED = 0.05, 0.30  # eye distances by which a mouth widens: from no crease to all of it
DEEP, HIGH = 0.16, 0.06  # of the skin's light: the valley is darker, the cheek beside it lighter
WIDTH, CHEEK = 0.028, 0.16  # eye distances: of the valley, and from it to the middle of the raised cheek
ENDS = 0.22, 0.34  # of a fold, over which it deepens below the nose and fades beside the mouth
BEADS = 1.4  # distances of places that a valley is wide at least: a finer one would break up into beads
SAMPLES = 24  # along a fold


class Creases:
    """The folds of one face."""

    def __init__(
        self,
        source: np.ndarray,
        folds: Sequence[Sequence[int]],
        corners: tuple[int, int],
        eyes: tuple[int, int],
        shown: float = 1.0,
    ):
        """What all frames share.

        Args:
            source: points of the photograph; its own creases are in it, so that only what is added is drawn.
            folds: points along each fold, from the nose down.
            corners: of the mouth, left and right in the picture.
            eyes: outer corners of the eyes.
            shown: how much is drawn, 0..1: less under a beard and in children.
        """
        self.folds, self.corners, self.eyes, self.shown = [list(fold) for fold in folds], corners, eyes, shown
        self.rest = self._wide(source)

    def light(self, driven: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
        """The change of light by each fold at places x, y (rows, columns) of the picture that driven points are in:
        (folds, rows, columns) float32; None where there is none."""
        depth = self.shown * float(smoothstep(self._wide(driven) - self.rest, *WIDENED))
        if depth <= 0:
            return None
        unit = float(np.linalg.norm(np.subtract(*driven[list(self.eyes)])))
        middle = driven[list(self.corners), :2].mean(0)
        return np.float32(depth) * np.stack([self._fold(driven[fold, :2], middle, unit, x, y) for fold in self.folds])

    def _wide(self, points: np.ndarray) -> float:
        """Width of the mouth in eye distances, in space: a turn does not change it."""
        mouth, eyes = (np.linalg.norm(np.subtract(*points[list(pair)])) for pair in (self.corners, self.eyes))
        return float(mouth / max(eyes, 1e-6))

    def _fold(self, points: np.ndarray, middle: np.ndarray, unit: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Valley and raised cheek of one fold (rows, columns), as deep as they may be."""
        t = np.linspace(0, len(points) - 1, SAMPLES)
        line = CubicSpline(np.arange(len(points)), points)(t)
        low, high = line.min(0) - 3 * CHEEK * unit, line.max(0) + 3 * CHEEK * unit
        change = np.zeros(x.shape, np.float32)
        rows, columns = np.nonzero((x > low[0]) & (x < high[0]) & (y > low[1]) & (y < high[1]))
        places = np.stack([x[rows, columns], y[rows, columns]], 1)
        away = places[:, None] - line
        distance = np.linalg.norm(away, axis=-1) / unit
        near = distance.argmin(1)
        way, place = away[np.arange(len(near)), near], near / (SAMPLES - 1)
        tangent = np.gradient(line, axis=0)[near]
        outer = _cross(tangent, way)
        side = np.sign(_cross(line[-1] - line[0], middle - line.mean(0)))  # of the mouth, seen from the fold
        signed = -side * np.sign(outer) * distance.min(1)  # positive on the cheek
        pitch = float(np.median(np.diff(x, axis=1)[rows, np.minimum(columns, x.shape[1] - 2)])) if len(rows) else 0.0
        wide = max(WIDTH, BEADS * pitch / unit)
        valley = np.exp(-np.square(signed / wide) / 2)
        cheek = np.exp(-np.square((signed - CHEEK) / (0.6 * CHEEK)) / 2)
        ends = smoothstep(place / ENDS[0]) * smoothstep((1 - place) / ENDS[1])
        change[rows, columns] = (HIGH * cheek - DEEP * valley) * ends
        return change


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cross product (...) of vectors (..., 2): positive where b lies clockwise of a in the picture."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
