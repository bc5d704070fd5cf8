"""Files that are complete or not there: made in a hidden folder beside their place, then moved into it.

The hidden folder is locked while its process lives, so that what a killed process left can be told from what is still
being written, also by another computer that shares the disk. Files that belong together are moved by a plan, which lies
in the hidden folder: where a process was killed between two moves, `sweep` makes those that are left.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed: a lock by itself
    fcntl = None  # type: ignore[assignment]

_PREFIX = ".keepsake-"
_NAME = re.compile(r"\.keepsake-\d+-\w+")
_LOCK, _PLAN, _OLD = "lock", "plan", "old"  # names in a hidden folder


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
    _flush(part)
    _move(part, path, overwrite=overwrite)


def place_all(folder: Path, names: Sequence[str], *, overwrite: bool) -> None:
    """Move finished files that belong together out of a hidden folder of `staging`, in this order: all or none of them.

    What they replace is moved aside before, the last one first, so that the last one never stands beside others of
    another set. A killed process leaves the rest of the moves to `sweep`.

    Args:
        folder: as `staging` gave it.
        names: of files in it, plain names; they keep them.
        overwrite: as for `place`.

    Raises:
        OSError as moving does, FileExistsError as `place` does, with the path that was in the way as `filename`.
    """
    for name in names:
        _flush(folder / name)
    _write_plan(folder, names, overwrite=overwrite)
    try:
        if overwrite:
            _set_aside(folder, names)
        for name in names:
            _move(folder / name, folder.parent / name, overwrite=overwrite)
    except BaseException as error:
        _take_back(folder, names)
        if isinstance(error, OSError):
            named = Path(str(error.filename)).name
            error.filename = str(folder.parent / (named if named in names else names[-1]))
        raise


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
                    _finish(folder)
                    shutil.rmtree(folder, ignore_errors=True)
                return
        (folder / _LOCK).unlink()
        _finish(folder)
        shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        _remove_empty(folder)
    except OSError:
        return


def _finish(folder: Path) -> None:
    """The moves that a killed process had still to make; nothing in a folder of somebody else. Raises OSError."""
    if folder.stat().st_uid != getattr(os, "getuid", lambda: folder.stat().st_uid)():
        return
    try:
        plan = json.loads((folder / _PLAN).read_bytes())
        names, overwrite = [str(name) for name in plan["names"]], plan["overwrite"] is True
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return
    for name in names:
        part = folder / name
        if Path(name).name != name or not os.path.isfile(part) or os.path.islink(part):
            continue
        try:
            _move(part, folder.parent / name, overwrite=overwrite)
        except FileExistsError:
            return


def _write_plan(folder: Path, names: Sequence[str], *, overwrite: bool) -> None:
    draft = folder / f"{_PLAN}.draft"
    draft.write_text(json.dumps({"names": list(names), "overwrite": overwrite}), "utf-8")
    _flush(draft)
    os.replace(draft, folder / _PLAN)


def _set_aside(folder: Path, names: Sequence[str]) -> None:
    """Moves what is there under these names into the hidden folder, the last one first."""
    (folder / _OLD).mkdir()
    for name in reversed(names):
        if os.path.lexists(folder.parent / name):
            os.replace(folder.parent / name, folder / _OLD / name)


def _take_back(folder: Path, names: Sequence[str]) -> None:
    """Undoes the moves unless all were made: what was placed goes, what was there comes back, the last one last."""
    placed = [name for name in names if _is_placed(folder / name, folder.parent / name)]
    if len(placed) == len(names):
        return
    with suppress(OSError):
        (folder / _PLAN).unlink()
    for name in reversed(placed):
        with suppress(OSError):
            (folder.parent / name).unlink()
    for name in names:
        if os.path.lexists(folder / _OLD / name):
            with suppress(OSError):
                os.replace(folder / _OLD / name, folder.parent / name)


def _is_placed(part: Path, path: Path) -> bool:
    """Whether a file was moved, or linked, which is half of a move."""
    try:
        return not part.exists() or os.path.samefile(part, path)
    except OSError:
        return False


def _move(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        if not _is_placed(part, path):  # else a killed process had linked it, and did not come to the next line
            raise
        part.unlink()
    except (OSError, NotImplementedError):
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(part, path)
    else:
        part.unlink()


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _flush(path: Path) -> None:
    """Everything of a file on the disk, so that a power cut after the move leaves no half file."""
    with path.open("r+b") as file, suppress(OSError):
        os.fsync(file.fileno())
