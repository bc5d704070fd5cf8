"""Small numerics that several rooms need, each once, in numpy; smoothstep's torch twin is in model/warp/sampling.py."""

from __future__ import annotations

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # weights of red, green and blue, ITU-R BT.601

Rectangle = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom excluded


def smoothstep(value: np.ndarray | float, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, in between t * t * (3 - 2 t); `low` > `high` falls. Keeps the float type."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Luma (..., ) float32 in the unit of `pixels` (..., 3), RGB, by ITU-R BT.601."""
    return pixels.astype(np.float32, copy=False) @ np.asarray(LUMA, np.float32)
