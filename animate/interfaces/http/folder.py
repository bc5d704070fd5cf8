"""The server's folder: uploads, jobs and their clips, the two databases; of one person and of one server at a time.

Conventions: a job's folder is `jobs/ID`; `photo` and `driver` in it hold one file each, and every attempt at the clip
has a folder of its own beside them. What is still being received lies in `incoming`, which nobody needs after a crash.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from animate.core.errors import OutputError
from animate.interfaces.lock import lock

MARK = ".keepsake-serve"  # says that the folder is a server's; held by the running one
ORPHANED = 60.0  # seconds after which a folder without a job is no job in the making


class Folder:
    """The paths inside the folder at `root`."""

    def __init__(self, root: Path):
        self.root = root
        self.jobs, self.incoming = root / "jobs", root / "incoming"
        self.store, self.queue = root / "jobs.sqlite", root / "queue.sqlite"

    def job(self, key: str) -> Path:
        """The folder of one job."""
        return self.jobs / key

    def remove(self, key: str) -> None:
        """Deletes the folder of one job with everything in it."""
        shutil.rmtree(self.job(key), ignore_errors=True)

    def sweep(self, keys: Collection[str]) -> None:
        """Deletes the folders of jobs that are not among `keys`."""
        for path in self.jobs.iterdir():
            if path.name not in keys and _age(path) > ORPHANED:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def held(root: Path) -> Iterator[Folder]:
    """The folder at `root`, made if it is not there, for this process alone.

    Raises:
        OutputError: another server has it, it holds other things, or it cannot be written to.
    """
    try:
        folder, mark = _opened(root)
    except OSError as error:
        reason = f"{root} cannot be used: {error.strerror or error}"
        raise OutputError(reason, hint="choose another --folder") from error
    with mark:
        yield folder


def _opened(root: Path) -> tuple[Folder, IO[bytes]]:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Folder(root.resolve())
    _check_empty(folder.root)
    mark = (folder.root / MARK).open("ab")
    _hold(mark, folder.root)
    shutil.rmtree(folder.incoming, ignore_errors=True)
    for path in (folder.jobs, folder.incoming):
        path.mkdir(mode=0o700, exist_ok=True)
    return folder, mark


def _check_empty(root: Path) -> None:
    if not (root / MARK).exists() and any(root.iterdir()):
        raise OutputError(f"{root} holds other things", hint="name an empty folder, or one that does not exist yet")


def _hold(mark: IO[bytes], root: Path) -> None:
    try:
        lock(mark)
    except OSError as error:
        mark.close()
        raise OutputError(f"another server is at work in {root}", hint="stop it, or choose another --folder") from error


def _age(path: Path) -> float:
    try:
        return time.time() - os.lstat(path).st_mtime
    except OSError:
        return 0.0
