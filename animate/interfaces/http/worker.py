"""A worker: a process that takes one job after another from the queue, makes its clip and says what became of it.

It may be killed at any moment: a clip counts from the moment in which the jobs' table says so. It ends when its server
does, and also when it cannot write down what became of a job, for then the supervisor takes the job back.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

from animate.core.errors import Cancelled, KeepsakeError
from animate.interfaces.http import failures
from animate.interfaces.http.folder import Folder
from animate.interfaces.http.job_queue import JobQueue
from animate.interfaces.http.jobs import Job, JobStore
from animate.interfaces.http.make import DRIVER, PHOTO, Make
from animate.interfaces.http.order import Order
from animate.interfaces.job import Step
from animate.interfaces.progress import Eta, format_eta

EVERY = 0.25  # seconds between two reports of one stage
LOST_EVERY, LOST_MOST = 5.0, 4  # seconds between two looks at the job, and how many may find that it was lost


def run(root: Path, name: str, make: Make, threads: int) -> None:
    """The life of a worker process called `name`; see `make.make` for the rest."""
    begin()
    folder = Folder(root)
    worker = Worker(folder, JobStore(folder.store), name, make, threads)
    threading.Thread(target=worker.end_if_lost, daemon=True).start()
    JobQueue(folder.queue, worker.take).serve()


def begin() -> None:
    """Readies a process of the server's: it keeps files private, ignores Ctrl-C and ends when the server does."""
    from animate.core import process

    os.umask(0o077)
    for name in ("SIGINT", "SIGHUP"):  # come to the server too, which ends its processes by SIGTERM
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    process.own()
    threading.Thread(target=_end_with_server, daemon=True).start()


def _end_with_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


class Worker:
    """Makes the jobs that the queue names."""

    def __init__(self, folder: Folder, store: JobStore, name: str, make: Make, threads: int):
        self._folder, self._store, self._name = folder, store, name
        self._make, self._threads = make, threads
        self._claim = ""  # what it is at

    def take(self, key: str) -> None:
        """Runs one job, unless it is not queued: deleted, or named by two messages."""
        try:
            job = self._store.claim(key, self._name)
            if job:
                self._run(job)
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
            os._exit(1)

    def end_if_lost(self) -> None:
        """Ends the process once it has been long at a job that was deleted: some work never asks whether to go on."""
        lost = 0
        while lost < LOST_MOST:
            time.sleep(LOST_EVERY)
            claim = self._claim
            with suppress(sqlite3.Error):  # a full disk, for instance; the next look may go well
                lost = lost + 1 if claim and not self._store.holds(claim) else 0
        os._exit(1)

    def _run(self, job: Job) -> None:
        assert job.claim
        self._claim = job.claim
        folder, ended = self._folder.job(job.key), False
        out = folder / job.claim
        try:
            _remove_attempts(folder)
            out.mkdir()
            report = Reporter(self._store, job.claim)
            answer = self._make(Order(**job.request), folder, out, self._threads, report)
        except Exception as error:  # Cancelled too: then the attempt has lost the job, and nothing is recorded
            if self._store.fail(job.claim, failures.of(error)) and not isinstance(error, KeepsakeError):
                traceback.print_exception(error, file=sys.stderr)
        else:
            ended = self._store.finish(job.claim, answer)
        finally:
            self._claim = ""
            if not ended:
                shutil.rmtree(out, ignore_errors=True)
            if self._store.get(job.key) is None:
                self._folder.remove(job.key)


def _remove_attempts(folder: Path) -> None:
    """Deletes what killed workers left of a job's clip."""
    for path in folder.iterdir():
        if path.name not in (PHOTO, DRIVER):
            shutil.rmtree(path, ignore_errors=True)


class Reporter:
    """Called with (stage, done, total), it records how far an attempt is; raises Cancelled once it lost its job."""

    def __init__(self, store: JobStore, claim: str):
        self._store, self._claim = store, claim
        self._stage, self._pace, self._recorded = "", Eta(), 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._pace = stage, Eta()
        elif now - self._recorded < EVERY:
            return
        self._recorded = now
        if not self._store.report(self._claim, Step(stage, done, total, format_eta(self._pace.left(done, total)))):
            raise Cancelled("the job was deleted")
