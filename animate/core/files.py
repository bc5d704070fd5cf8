"""Files that are complete or not there: made in a hidden folder beside their place, then moved into it.

The hidden folder is locked while its process lives, so that what a killed process left can be told from what is still
being written, also by another computer that shares the disk.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed: a lock by itself
    fcntl = None  # type: ignore[assignment]

_PREFIX = ".keepsake-"
_NAME = re.compile(r"\.keepsake-\d+-\w+")
_LOCK = "lock"


@contextmanager
def staging(folder: str | Path) -> Iterator[Path]:
    """A new hidden folder in `folder`, for files that will move out of it; gone at the end with what is left in it.

    Raises OSError where nothing can be written.
    """
    made, lock = _locked_folder(Path(folder))
    try:
        yield made
    finally:
        lock.close()
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def replacing(path: str | Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A path of the same name to write to; it becomes `path` when all went well, and is gone otherwise.

    Raises OSError as writing and moving do, FileExistsError as `place` does.
    """
    path = Path(path)
    with staging(path.parent) as folder:
        yield folder / path.name
        place(folder / path.name, path, overwrite=overwrite)


def place(part: Path, path: Path, *, overwrite: bool) -> None:
    """Move the finished file `part` to `path`, on the same disk.

    Without `overwrite` a file at `path` is left as it is and FileExistsError raised; on disks without links that is
    asked a moment before the move instead of by it.
    """
    with part.open("rb") as file:
        _flush(file)
    if overwrite:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(part, path)
    else:
        part.unlink()


def sweep(folder: str | Path) -> None:
    """Remove what killed processes left in `folder`; what a living process is writing stays."""
    for found in Path(folder).glob(f"{_PREFIX}*"):
        if _NAME.fullmatch(found.name) and found.is_dir() and not found.is_symlink():
            _remove_abandoned(found)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`, all of it or nothing."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, all of it or nothing."""
    write_bytes(path, text.encode("utf-8"))


def _locked_folder(parent: Path) -> tuple[Path, IO[bytes]]:
    while True:
        made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        try:
            lock = (made / _LOCK).open("wb")
        except FileNotFoundError:  # swept away by another process before it was locked
            continue
        if _lock(lock) is not False and (made / _LOCK).exists():
            return made, lock
        lock.close()


def _lock(file: IO[bytes]) -> bool | None:
    """True when this process now holds the lock, False when another does, None where there are no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _remove_abandoned(folder: Path) -> None:
    try:
        with (folder / _LOCK).open("r+b") as lock:
            if fcntl is not None:  # the lock is held until the folder is gone
                if _lock(lock):
                    shutil.rmtree(folder, ignore_errors=True)
                return
        (folder / _LOCK).unlink()
        shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        _remove_empty(folder)
    except OSError:
        return


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _flush(file: IO[bytes]) -> None:
    """Everything of `file` on the disk, so that a power cut after the move leaves no half file."""
    try:
        os.fsync(file.fileno())
    except OSError:
        return
