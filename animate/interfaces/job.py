"""A piece of work in a thread of its own that a page can watch and stop; one works at a time, the others wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from animate.core.errors import Cancelled
from animate.interfaces.progress import Eta, format_eta

ProgressCallback = Callable[[str, int, int], None]  # stage, done, total

WAITING = "Waiting until the clip before this one is finished"
_TURN = threading.Lock()  # held by the job that works


@dataclass(frozen=True)
class Step:
    """How far a job is: the stage in words, pieces done and in all (0 if nobody knows), the time left in words."""

    stage: str
    done: int
    total: int
    left: str


class Job:
    """Runs `work(report)`; `report(stage, done, total)` raises Cancelled inside it once the job was stopped."""

    def __init__(self, work: Callable[[ProgressCallback], object]):
        self._work = work
        self._stopped, self.watched = threading.Event(), threading.Event()  # `watched`: the watching has ended
        self._steps: queue.SimpleQueue = queue.SimpleQueue()
        self._stage, self._pace = "", Eta()
        self._thread = threading.Thread(target=self._run, name="keepsake-job", daemon=True)
        self._failure: BaseException | None = None
        self.result: object = None

    def stop(self) -> None:
        """Stops the work: at once where it waits, else with its next report; only the next job waits for that."""
        self._stopped.set()

    def watch(self, every: float = 0.25) -> Iterator[Step]:
        """The newest step about every `every` seconds until the work is done.

        Closing this generator, or an error where it is read, stops the work.

        Raises:
            Cancelled: as soon as `stop` was called.
            BaseException: what the work raised.
        """
        self._thread.start()
        try:
            working = True
            while working:
                self._thread.join(every)
                working = self._thread.is_alive()
                if self._stopped.is_set():
                    raise Cancelled("stopped")
                newest = self._newest()
                if newest:
                    yield newest
        finally:
            self.stop()
            self.watched.set()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            while not _TURN.acquire(timeout=0.1):
                self._report(WAITING, 0, 0)
            try:
                self._report("Getting ready", 0, 0)
                self.result = self._work(self._report)
            finally:
                _TURN.release()
        except BaseException as failure:  # handed to the thread that watches
            self._failure = failure

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise Cancelled("stopped", hint="press the button to begin again")
        if stage != self._stage:
            self._stage, self._pace = stage, Eta()
        self._steps.put(Step(stage, done, total, format_eta(self._pace.left(done, total))))

    def _newest(self) -> Step | None:
        newest = None
        while not self._steps.empty():
            newest = self._steps.get()
        return newest
