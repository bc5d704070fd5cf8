"""A file that one process at a time holds: the lock ends with the process, however that ends."""

from __future__ import annotations

from typing import IO


def lock(file: IO[bytes]) -> None:
    """Locks an open file for this process until it is closed; raises OSError if another process holds it."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
