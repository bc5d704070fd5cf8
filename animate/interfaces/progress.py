"""How far a job is and how long it still takes, in words and as one line on a terminal.

Conventions: `done` of `total` pieces; a total of 0 means that nobody knows the end. Times are seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

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
    """Call it with (done, total): a line that tqdm redraws in place on a terminal, now and then a line elsewhere."""

    def __init__(self, label: str, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        self.label, self._stream, self._eta = label, stream, Eta(clock)
        self._bar: tqdm | None = None
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        terminal, elapsed, finished = self._stream.isatty(), self._eta.elapsed(), 0 < total <= done
        if elapsed - self._drawn < (REDRAW if terminal else SPARSE) and not finished:
            return
        self._drawn = elapsed
        left = "" if finished else format_eta(self._eta.left(done, total))
        if terminal:
            self._redraw(done, total, left)
        else:
            share = f"{done} of {total}" if total > 0 else f"{done}"
            self._stream.write("  ".join(filter(None, (self.label, share, left))) + "\n")
            self._stream.flush()

    def _redraw(self, done: int, total: int, left: str) -> None:
        from tqdm import tqdm

        if self._bar is None:
            look = (
                f"{{desc}}  |{{bar:{BAR}}}| {{percentage:3.0f}} %{{postfix}}" if total > 0 else "{desc}  {n}{postfix}"
            )
            known = {"total": total or None, "bar_format": look, "ascii": " =", "leave": False}
            self._bar = tqdm(desc=self.label, file=self._stream, mininterval=0, dynamic_ncols=False, ncols=100, **known)
        self._bar.n = done
        self._bar.set_postfix_str(left)  # draws

    def clear(self) -> None:
        """Takes the drawn line away again, so that what comes next starts on a clean one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
