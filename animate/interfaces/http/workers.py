"""The workers' supervisor: starts them, replaces those that end, takes back their jobs, deletes what is kept no longer.

Conventions: a worker is a process with a name of its own, which the jobs' table knows; nothing is shared but files.
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from animate.album.workers import usable_cores
from animate.interfaces.http import failures, worker
from animate.interfaces.http.folder import Folder
from animate.interfaces.http.job_queue import JobQueue
from animate.interfaces.http.jobs import JobStore
from animate.interfaces.http.make import Make

EVERY = 0.5  # seconds between two looks at the workers
HOUSEKEEPING = 30.0  # seconds between two searches for what is kept no longer, and for jobs without a message
DEATHS = 2  # of workers in the middle of one job, after which the job has failed
SHORT_LIFE, LONGEST_PAUSE = 10.0, 60.0  # seconds: after a shorter life the next worker comes later and later


@dataclass
class Slot:
    """The place of one worker."""

    process: BaseProcess | None = None
    name: str = ""
    began: float = 0.0
    pause: float = 0.0
    due: float = field(default=0.0)  # when the next one is to begin


class Workers:
    """So many workers on the jobs in `folder`, each with its share of the cores; `keep` seconds end a job's life."""

    def __init__(self, folder: Folder, store: JobStore, make: Make, *, count: int, threads: int, keep: float):
        self._folder, self._store, self._make, self._keep = folder, store, make, keep
        self._threads = threads or (max(1, usable_cores() // count) if count > 1 else 0)
        self.queue = JobQueue(folder.queue)
        self._context = multiprocessing.get_context("spawn")
        self._slots = [Slot() for _ in range(count)]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keepsake-workers", daemon=True)
        self._kept = 0.0

    def start(self) -> None:
        """Queues again what a server that is gone left unfinished, then starts the workers."""
        self._store.reopen()
        self.queue.renew(self._store.waiting())
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Ends the workers; the jobs that they are at are queued again by the next server."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(10)
        processes = [slot.process for slot in self._slots if slot.process]
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join(5)

    @property
    def alive(self) -> bool:
        """Whether any worker runs."""
        return any(process.is_alive() for process in [slot.process for slot in self._slots] if process)

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self._look()
            except Exception:  # a full disk, for instance: the next look may go well
                traceback.print_exc(file=sys.stderr)

    def _look(self) -> None:
        """Replaces workers that have ended; now and then keeps house."""
        now = time.monotonic()
        ended = [slot for slot in self._slots if not (slot.process and slot.process.is_alive())]
        if ended:
            self._take_back()
        for slot in ended:
            self._replace(slot, now)
        if now - self._kept > HOUSEKEEPING or not self._kept:
            self._kept = now
            self.keep_house()

    def _take_back(self) -> None:
        alive = {slot.name for slot in self._slots if slot.process and slot.process.is_alive()}
        self._store.release(alive, DEATHS, failures.DIED)
        self.queue.complete(self._store.waiting())

    def _replace(self, slot: Slot, now: float) -> None:
        if slot.process:
            print(f"a worker ended with code {slot.process.exitcode}", file=sys.stderr, flush=True)
            short = now - slot.began < SHORT_LIFE
            slot.pause = min(max(1.0, 2 * slot.pause), LONGEST_PAUSE) if short else 0.0
            slot.process, slot.due = None, now + slot.pause
        if now < slot.due:
            return
        slot.name, slot.began = uuid.uuid4().hex, now
        arguments = (self._folder.root, slot.name, self._make, self._threads)
        slot.process = self._context.Process(target=worker.run, args=arguments, daemon=True)
        slot.process.start()

    def keep_house(self) -> None:
        """Deletes jobs that ended too long ago and folders that belong to none; gives queued jobs their message."""
        for key in self._store.expired(time.time() - self._keep):
            self._store.remove(key)
            self._folder.remove(key)
        self._folder.sweep(self._store.keys())
        self.queue.complete(self._store.waiting())
