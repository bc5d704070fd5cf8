"""Memory that was freed is handed back to the system, so that a large step does not count for the rest of a run."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

_ARENA_MAX = -8  # glibc's number of the setting


def trim() -> None:
    """Asks glibc for what it keeps after large arrays were freed; does nothing on other systems."""
    _glibc("malloc_trim", 0)


def one_heap() -> None:
    """Lets all threads share one heap, for a process that is all ours: 30 MB less; does nothing on other systems."""
    _glibc("mallopt", _ARENA_MAX, 1)


def peak() -> float:
    """The most memory this process ever held, in MB of 2^20 bytes; on Linux without what its parent held
    before it began.
    """
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def _glibc(name: str, *numbers: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:
        function(*numbers)
