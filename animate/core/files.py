"""Files that are complete or not there: everything is written beside its place, then moved into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"  # ending of a file that is being written


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` when all went well, and is gone otherwise.

    The name begins with a dot, holds the process's number, so that two runs never share it, and keeps the ending of
    `path` before PART's, for libraries that choose a format by it. Raises OSError as writing and moving do.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem[:80]}.{os.getpid()}{PART}{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`, all of it or nothing."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, all of it or nothing."""
    write_bytes(path, text.encode("utf-8"))
