"""Does what is painted hold still? Frame-to-frame restlessness of eyes and mouth in a slow gesture, and in real clips.

Restlessness is the mean |x(t-1) - 2 x(t) + x(t+1)| / 2 on a scale of 0..1: smooth movement leaves next to nothing of
it, flicker and grain all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animate.core.types import DrivenLandmarks
from animate.evaluate import metrics, self_reenactment
from animate.motion.retarget import retarget
from animate.pipeline.driving import gesture_driver
from animate.train import distil

FRAMES = 40  # consecutive frames that are measured
GESTURE = "breath"


def measure(
    data: Path, cases: Sequence[self_reenactment.ClipCase], methods: dict[str, self_reenactment.Method]
) -> dict[str, float]:
    """Mean restlessness around eyes and mouth in percent of the range: of real clips, and of each method's
    slow gesture.
    """
    rows = {row.name: row for row in distil.rows(data) if row.kind == "video"}
    motion = gesture_driver(GESTURE).motion
    values_of: dict[str, list[float]] = {name: [] for name in ("real clips", *methods)}
    for case in cases:
        real = distil.pictures(data, rows[case.name])[:FRAMES]
        values_of["real clips"].append(restlessness(real, region(case.source, real.shape[1:])))
        driven = retarget(case.source, motion)[:FRAMES]
        for name, method in methods.items():
            frames = np.stack(list(method.render(case.photo, case.source, DrivenLandmarks(driven))))
            values_of[name].append(restlessness(frames, region(case.source, frames.shape[1:])))
    return {name: 100 * float(np.mean(values)) for name, values in values_of.items()}


def restlessness(frames: np.ndarray, where: np.ndarray) -> float:
    """Mean half second difference of frames (T, H, W, 3) uint8 within `where` (H, W) bool, 0..1."""
    x = frames[:, where].astype(np.float32) / 255
    return float(np.abs(x[:-2] - 2 * x[1:-1] + x[2:]).mean() / 2)


def region(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Eyes and mouth of points (478, 3) with what lies close around them: (H, W) bool."""
    from scipy.ndimage import binary_dilation

    reach = max(2, round(0.06 * float(np.linalg.norm(points[33, :2] - points[263, :2]))))
    return binary_dilation(metrics.openings_region(points, shape), iterations=reach)
