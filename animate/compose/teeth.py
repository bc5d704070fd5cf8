"""Two rows of teeth on an elliptic arch: where each stands and how it is shaded, as functions of place.

Conventions: lengths are in outer-eye distances; along the arch 0 is the middle; across a row 0 is the gum and 1 the
longest tooth's edge. The proportions are those of an average adult.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from animate.core.numerics import smoothstep

HALF_WIDTH, DEPTH = 0.30, 0.34  # half axes of the arch
STEPS = 400


@dataclass(frozen=True)
class Row:
    """One row: widths of the teeth from the middle outwards, their lengths over the longest, and the longest."""

    widths: tuple[float, ...]
    lengths: tuple[float, ...]
    longest: float


UPPER = Row((0.094, 0.074, 0.083, 0.078, 0.078), (1.0, 0.93, 0.99, 0.92, 0.88), 0.122)
LOWER = Row((0.060, 0.066, 0.075, 0.078, 0.078), (0.93, 0.95, 1.0, 0.95, 0.9), 0.108)


def sagitta(x: np.ndarray) -> np.ndarray:
    """How far the arch lies behind its front at `x` from its middle."""
    return DEPTH * (1 - np.sqrt(1 - np.clip(x / HALF_WIDTH, -0.995, 0.995) ** 2))


def along(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Length along the arch and its angle, 0 in front, of points at `x` from the middle."""
    angle = np.arcsin(np.clip(x / HALF_WIDTH, -0.995, 0.995))
    angles, lengths = _table()
    return np.interp(angle, angles, lengths), angle


def row(u: np.ndarray, v: np.ndarray, teeth: Row, soft: float) -> tuple[np.ndarray, np.ndarray]:
    """Opacity and shade, 0..1, of a row at `u` along it and `v` across it; `soft` is the width of an edge in `v`."""
    edges = np.concatenate([[0], np.cumsum(teeth.widths)])
    which = np.clip(np.searchsorted(edges, np.abs(u)) - 1, 0, len(teeth.widths) - 1)
    width = np.take(teeth.widths, which)
    place = np.clip((np.abs(u) - edges[which]) / width, 0, 1)
    across = np.abs(2 * place - 1)
    end = np.take(teeth.lengths, which) * (1 - 0.12 * across**4)
    opacity = smoothstep(end - v, -soft, soft) * smoothstep((edges[-1] - np.abs(u)) / (0.5 * teeth.widths[-1]))
    seam = np.minimum(place, 1 - place) * width
    shade = 1 - 0.22 * np.exp(-((seam / 0.006) ** 1.2))
    shade *= 0.90 + 0.10 * np.cos(1.3 * across)
    shade *= 1 - 0.10 * np.clip(1 - v / 0.35, 0, 1)  # towards the gum
    shade *= 1 - 0.10 * np.clip((v - 0.8) / 0.2, 0, 1)  # enamel lets light through at the edge
    return opacity, shade


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    angles = np.linspace(-np.pi / 2, np.pi / 2, STEPS)
    speed = np.hypot(HALF_WIDTH * np.cos(angles), DEPTH * np.sin(angles))
    lengths = np.concatenate([[0], np.cumsum((speed[1:] + speed[:-1]) / 2 * np.diff(angles))])
    return angles, lengths - lengths[-1] / 2
