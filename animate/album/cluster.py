"""Photographs made by tasks on a Ray cluster: Ray spreads them, starts the processes and tries again what died.

A node needs Python, Ray and this program in the same versions. Each worker process loads the networks once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from animate.album import transport, workers
from animate.album.make import failed
from animate.album.plan import Job
from animate.album.ray_session import LOCAL, Session, TaskLost
from animate.album.record import Entry
from animate.core import files
from animate.core.errors import OutputError

RETRIES = 2  # times that a photograph whose process died is tried again
AHEAD = 2  # tasks handed to Ray for each that can run, so that no node waits for the next one
PATIENCE = 8.0  # seconds in which tasks that are stopped may end by themselves
ROUND = 10.0  # seconds between two counts of the nodes
_EVERY = 0.5  # seconds between two questions whether to stop
_DIED = "its process ended before the clip was whole, each time it was tried, as happens where memory is short"
_DIED_HINT = "run the album again, with fewer workers or a smaller size"


class Cluster:
    """A connection to a Ray cluster; a context, within which `run` makes photographs.

    cores   processor cores for each photograph
    """

    def __init__(self, out: Path, address: str, carried: str, most: int | None):
        """Nothing is started before the context is entered.

        Args:
            out: the folder of the clips.
            address: "local" for a cluster of this computer's own, else where Ray's head node answers.
            carried: how photographs and clips travel: transport.FOLDER, which every node sees, or transport.STORE.
            most: photographs at once; None for as many as cores and memory bear.
        """
        self._out, self._address, self._carried, self._most = out.resolve(), address, carried, most
        self._counted, self._slots = float("-inf"), 1

    def __enter__(self) -> Cluster:
        """Raises MissingExtra without Ray, OptionError where no cluster answers."""
        own = self._address == LOCAL
        processes = self._most or workers.how_many()
        with ExitStack() as stack:
            self._session = stack.enter_context(Session(self._address, processes))
            self._sign = stack.enter_context(files.staging(self._out)).name  # by which a node knows the folder
            self._kept = stack.pop_all()
        self._demand = {"num_cpus": 1} if own else self._session.demand(workers.CORES, workers.MEMORY)
        self.cores = workers.share(processes) if own else self._demand["num_cpus"]
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def run(
        self, jobs: Iterable[Job], make: workers.Make, tick: Callable[[], None] = lambda: None
    ) -> Generator[Entry, None, None]:
        """What became of each job, in the order in which they end.

        Args:
            jobs: the photographs; taken as the cluster has room for them.
            make: makes one; a function of a module.
            tick: called again and again; what it raises stops the work, as closing the iterator does.

        Raises:
            OptionError: a node does not see the folders, or has another program.
            KeepsakeError: the cluster failed.
        """
        shared = transport.Shared(make, transport.version(), Path.cwd(), self._sign)
        coming, waiting = iter(jobs), dict[Any, Job]()
        try:
            while True:
                while len(waiting) < self._room() and (job := next(coming, None)):
                    try:
                        waiting[self._submitted(shared, job)] = job
                    except OutputError as error:
                        yield failed(job, error)
                if not waiting:
                    return
                tick()
                for task in self._session.ended([*waiting], _EVERY):
                    yield self._entry(task, waiting.pop(task))
        finally:
            self._session.cancel([*waiting], PATIENCE)

    def _room(self) -> int:
        """How many tasks Ray may hold; nodes come and go."""
        if self._most:
            return self._most
        if time.monotonic() - self._counted > ROUND:
            self._counted, self._slots = time.monotonic(), self._session.slots(self._demand)
        return AHEAD * self._slots

    def _submitted(self, shared: transport.Shared, job: Job) -> Any:
        job = replace(job, out=self._out)
        options = {**self._demand, "max_retries": RETRIES, "name": "keepsake album"}
        if self._carried == transport.STORE:
            return self._session.submit(transport.make_parcel, (shared, transport.packed(job)), options)
        return self._session.submit(transport.make_here, (shared, job), options)

    def _entry(self, task: Any, job: Job) -> Entry:
        """What became of a job; what Ray carried is put into the folder of the clips."""
        try:
            entry, made = self._session.result(task)
            transport.unpack(job, made)
        except TaskLost:
            return failed(job, workers.WorkerDied(_DIED), hint=_DIED_HINT)
        except OutputError as error:
            return failed(job, error)
        return replace(entry, settings=job.settings())
