"""Ctrl-C, a closed terminal and `kill` stop a command so that it can clean up: the first signal becomes an exception.

Conventions: exit codes are 128 and the signal's number. Nothing heavy is imported, so that this is in force early.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_CALLED_BACK = ("c2pa",)  # packages whose C code calls Python and drops its exceptions: they are raised afterwards
_AGAIN_AFTER = 0.02  # seconds; where Python itself dropped the exception, it is raised once more
_PATIENCE = 3  # Ctrl-C so often ends the process at once; the next run cleans up after it

_state = {"number": 0, "count": 0, "depth": 0, "dropped": 0}


class Stopped(KeyboardInterrupt):
    """A signal asked this process to stop."""


@contextmanager
def handled() -> Iterator[None]:
    """Within it the first signal that asks to stop raises Stopped in the main thread; further ones are ignored."""
    if threading.current_thread() is not threading.main_thread() or _state["depth"]:
        yield
        return
    before = {number: signal.getsignal(number) for number in _STOPPING}
    unraisable = sys.unraisablehook
    _state.update(number=0, count=0, depth=1, dropped=0)
    try:
        sys.unraisablehook = lambda lost: _dropped() if isinstance(lost.exc_value, Stopped) else unraisable(lost)
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, _came)
        yield
    finally:
        _state["depth"] = 0
        sys.unraisablehook = unraisable
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def raise_pending() -> None:
    """Raise Stopped if a signal came; for places that work passes again and again."""
    if _state["number"]:
        raise Stopped


def came() -> bool:
    """Whether a signal asked this process to stop."""
    return bool(_state["number"])


def exit_code() -> int:
    """The exit code of a process that stops because of the signal that came; SIGINT's if none did."""
    return 128 + (_state["number"] or signal.SIGINT)


def _came(number: int, frame: FrameType | None) -> None:
    if _state["dropped"]:
        _state["dropped"] = 0
        raise Stopped
    _state["count"] += 1
    if _state["count"] >= _PATIENCE and number == signal.SIGINT:
        os._exit(128 + number)
    if _state["number"]:
        return
    _state["number"] = number
    if not _in_callback(frame):
        raise Stopped


def _dropped() -> None:
    """Raise Stopped once more, a moment later: it met a finalizer or a callback of a weak reference, as importlib has
    them, whose exceptions Python drops."""
    _state["dropped"] = _state["number"]
    again = threading.Timer(_AGAIN_AFTER, os.kill, [os.getpid(), _state["number"]])
    again.daemon = True
    again.start()


def _in_callback(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).split(".")[0] in _CALLED_BACK:
            return True
        frame = frame.f_back
    return False
