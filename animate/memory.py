"""Memory that was freed is handed back to the system, so that a large step does not count for the rest of a run."""

from __future__ import annotations

import ctypes
import sys


_ARENA_MAX = -8  # glibc's number of the setting


def trim() -> None:
    """Asks glibc for what it keeps after large arrays were freed; does nothing on other systems."""
    _glibc("malloc_trim", 0)


def one_heap() -> None:
    """Lets all threads share one heap, for a process that is all ours: 30 MB less; does nothing on other systems."""
    _glibc("mallopt", _ARENA_MAX, 1)


def _glibc(name: str, *numbers: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:
        function(*numbers)
