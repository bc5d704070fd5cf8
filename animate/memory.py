"""Memory that was freed is handed back to the system, so that a large step does not count for the rest of a run."""

from __future__ import annotations

import ctypes
import sys


def trim() -> None:
    """Asks glibc for what it keeps after large arrays were freed; does nothing on other systems."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if give_back is not None:
        give_back(0)
