"""How far a job is and how long it still takes, in words and as one line on a terminal.

Conventions: `done` of `total` pieces; a total of 0 means that nobody knows the end. Times are seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

BAR = 24  # characters
REDRAW = 0.1  # seconds between two drawings on a terminal
SPARSE = 10.0  # seconds between two lines in a log file
WARM_UP = 0.5  # seconds before the time left is worth saying


class Eta:
    """Counts from the moment it is made; says how long the rest takes at the pace so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._began = clock()

    def elapsed(self) -> float:
        return self._clock() - self._began

    def left(self, done: int, total: int) -> float | None:
        """Seconds still to go, or None where nothing can be said yet."""
        elapsed = self.elapsed()
        if done <= 0 or total <= 0 or elapsed < WARM_UP:
            return None
        return elapsed / done * max(total - done, 0)


def format_eta(seconds: float | None) -> str:
    """`about 12 seconds left`, rounded as a person would say it; "" for None."""
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "almost done"
    if seconds < 60:
        return f"about {round(seconds) if seconds < 20 else round(seconds / 5) * 5} seconds left"
    if seconds < 90:
        return "about a minute left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes left"
    return f"about {round(seconds / 3600)} hours left"


class Progress:
    """Call it with (done, total): one line redrawn in place on a terminal, now and then a line anywhere else."""

    def __init__(self, label: str, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        self.label, self._stream, self._pace = label, stream, Eta(clock)
        self._terminal = stream.isatty()
        self._said, self._width = 0.0, 0

    def __call__(self, done: int, total: int) -> None:
        elapsed = self._pace.elapsed()
        finished = 0 < total <= done
        if elapsed - self._said < (REDRAW if self._terminal else SPARSE) and not finished:
            return
        self._said = elapsed
        left = "" if finished else format_eta(self._pace.left(done, total))
        self._draw(_bar(done, total) if self._terminal else _share(done, total), left)

    def _draw(self, share: str, left: str) -> None:
        line = "  ".join(filter(None, (self.label, share, left)))
        end = "" if self._terminal else "\n"
        self._stream.write(("\r" if self._terminal else "") + line.ljust(self._width if self._terminal else 0) + end)
        self._stream.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Takes the drawn line away again, so that what is said next starts on a clean one."""
        if self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def _share(done: int, total: int) -> str:
    return f"{done} of {total}" if total > 0 else f"{done}"


def _bar(done: int, total: int) -> str:
    if total <= 0:
        return f"{done}"
    full = min(BAR, BAR * done // total)
    return f"[{'=' * full}{' ' * (BAR - full)}] {min(100, 100 * done // total):3d} %"
