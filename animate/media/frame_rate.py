"""Even pace: frames that come at any times become frames at one constant rate, by the time each is shown.

Times are seconds. Output tick k is shown from k / fps on; it holds the newest frame whose time rounds to k or earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import floor
from typing import Any

import numpy as np

LONGEST_HOLD = 10.0  # seconds; a longer pause, or time running backwards, is a fault of the file and not a pause
_COMMON = (10, 12, 12.5, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60, 100, 120, 240)


def monotonic(times: np.ndarray, step: float) -> np.ndarray:
    """Rising times from 0; steps back and steps over LONGEST_HOLD become `step`."""
    steps = np.diff(np.asarray(times, float))
    steps[(steps <= 0) | (steps > LONGEST_HOLD)] = step
    return np.concatenate([[0.0], np.cumsum(steps)])


def rate(times: np.ndarray, declared: float = 0.0) -> float:
    """The frames a second that straightened `times` (two or more) mean.

    Steady times give their mean rate, taken as `declared` (by the container) or a common rate when within the error of
    the clock. Times that are steady but for frames left out give the rate with these; others that of the median step.
    """
    times = np.asarray(times, float)
    mean = (len(times) - 1) / times[-1]
    steps = np.diff(times)
    if np.abs(times * mean - np.arange(len(times))).max() >= 0.5 or np.abs(steps * mean - 1.0).max() >= 0.5:
        full = _nearest(1.0 / steps.min(), 0.03)
        gapped = full <= 60.0 and np.abs(steps * full - np.round(steps * full)).max() < 0.1
        return full if gapped else _nearest(1.0 / float(np.median(steps)), 0.03)
    slack = 5e-4 + 1e-3 / times[-1]  # containers may round times to milliseconds
    if declared > 0 and abs(declared / mean - 1.0) <= slack:
        return float(declared)
    return _nearest(mean, slack)


def resample_constant(
    timed: Iterable[tuple[float, Any]],
    fps: float,
    *,
    step: float,
    tail: float,
    develop: Callable[[Any], np.ndarray],
) -> Iterator[np.ndarray]:
    """`timed` (time, frame) as arrays at `fps`; only what is shown is developed, and each array is the caller's own.

    `step` is the source's usual time between frames, `tail` how long the last one stays. Empty stays empty.
    """
    clock, last, held, sent = 0.0, None, None, 0
    for time, frame in timed:
        if last is not None:
            pause = time - last
            clock += pause if 0 < pause <= LONGEST_HOLD else step
            due = floor(clock * fps + 0.5)
            yield from _hold(held, due - sent, develop)
            sent = max(sent, due)
        last, held = time, frame
    if last is not None:
        yield from _hold(held, max(floor((clock + tail) * fps + 0.5), 1) - sent, develop)


def _hold(frame: Any, count: int, develop: Callable[[Any], np.ndarray]) -> Iterator[np.ndarray]:
    if count > 0:
        pixels = develop(frame)
        for _ in range(count - 1):
            yield pixels.copy()
        yield pixels


def _nearest(fps: float, slack: float) -> float:
    """The common rate within `slack` of `fps`, whole ones first; `fps` itself if there is none."""
    near = [common for common in _COMMON if abs(common / fps - 1.0) <= slack]
    return float(min(near, key=lambda common: (common % 1 != 0, abs(common / fps - 1.0)), default=fps))
