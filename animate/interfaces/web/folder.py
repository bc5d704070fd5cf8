"""The page's folder for uploads, previews and clips: deleted when the page ends, or by the next page if it was killed.

Conventions: a running page holds a lock on the file LOCK in its folder; a folder whose lock is free has no owner.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from animate.interfaces.lock import lock as hold

PREFIX = "keepsake-page-"
LOCK = ".running"
GRACE = 60.0  # seconds after which a folder without a lock file was left by a killed page and is not just being made


@contextmanager
def page_folder() -> Iterator[Path]:
    """A new folder that only this process owns; folders of pages that were killed are deleted first."""
    clean()
    path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    with open(path / LOCK, "wb") as lock:
        hold(lock)
        try:
            yield path
        finally:
            lock.close()
            shutil.rmtree(path, ignore_errors=True)


def clean() -> list[Path]:
    """Deletes the folders of killed pages of this person and returns them; those of running pages stay."""
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_left(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return left


def _is_left(path: Path) -> bool:
    try:
        state = path.lstat()
        if path.is_symlink() or not path.is_dir() or state.st_uid != getattr(os, "getuid", lambda: state.st_uid)():
            return False
        if not (path / LOCK).exists():
            return time.time() - state.st_mtime > GRACE
        with open(path / LOCK, "r+b") as lock:
            hold(lock)
        return True
    except OSError:
        return False
