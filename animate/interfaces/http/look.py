"""A look at single files, in a process of its own: whatever a stranger's file does to it, the server goes on.

The process begins with the first look and is kept, with its networks, for the next ones; one look at a time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from animate.core.errors import KeepsakeError
from animate.interfaces import answers
from animate.interfaces.http.order import values
from animate.interfaces.http.worker import begin


class LookDied(KeepsakeError):
    """The process that looked at a file ended."""


def faces(photo: Path, fields: Mapping[str, str]) -> dict[str, Any]:
    """The faces of a photograph, by choices written as text; raises KeepsakeError."""
    from animate import api
    from animate.core.options import BUNDLED_MODEL
    from animate.interfaces.web.work import model

    chosen = values(fields)
    picture = api.read_photo(photo, page=chosen.pop("page"))
    return answers.faces(photo.name, picture, api.find_faces(picture, **chosen, model=model(BUNDLED_MODEL)))


def verdict(file: Path, photo: Path | None) -> dict[str, Any]:
    """Which marks a file carries; raises KeepsakeError."""
    from animate import api

    return asdict(api.verify(file, photo=photo))


class Looks:
    """The process, and what to ask of it."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._process = 0

    def ask(self, work: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
        """What `work`, a function of a module, answers in the process; raises what it raises, or LookDied."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), begin)
            self._process = self._pool.submit(os.getpid).result()
        try:
            return self._pool.submit(work, *arguments).result()
        except BrokenProcessPool as error:
            self._pool = None
            hint = "send a smaller file, or save it in another program first"
            raise LookDied(
                "the process that read the file ended, as happens where memory is short", hint=hint
            ) from error

    def stop(self) -> None:
        """Ends the process, also in the middle of a look."""
        if self._pool is not None:
            with suppress(OSError):
                os.kill(self._process, signal.SIGTERM)
            self._pool.shutdown(cancel_futures=True)
