"""Photographs made by several processes at once, one pool of a single process for each, so that one that dies costs
its own photograph only; or one after another in this process.

A worker ignores Ctrl-C, which comes to its parent too: it is asked to stop and gives its clip up at the next frame. It
ends at once when its parent is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event
from pathlib import Path

from animate.album.make import failed
from animate.album.plan import Job
from animate.album.record import Entry
from animate.core.errors import Cancelled
from animate.core.protocols import ProgressCallback

Make = Callable[[Job, ProgressCallback], Entry]

CORES, MEMORY = 2, 1_500_000_000  # of the machine that a worker takes
_EVERY = 0.5  # seconds between two questions whether to stop
_DIED = "its process ended before the clip was whole, as happens where memory is short"
_DIED_HINT = "run the album again, with fewer workers or a smaller size"

_worker: dict[str, Event] = {}  # of this process, where it is a worker


class WorkerDied(Exception):
    """The process that made a photograph ended."""


def how_many(cores: int | None = None, memory: int | None = None) -> int:
    """As many workers as cores and free memory (bytes) bear; those of this machine where they are not given."""
    cores = cores or usable_cores()
    memory = free_memory() if memory is None else memory
    return max(1, min(cores // CORES, memory // MEMORY if memory else cores))


def share(workers: int) -> int:
    """Cores of this machine for each of so many workers."""
    return max(1, usable_cores() // max(workers, 1))


class Team:
    """The workers of this computer; `cores` are those for each photograph."""

    def __init__(self, most: int | None = None):
        """`most`: processes; 0 makes photographs here, one after another; None for as many as fit."""
        self._most = how_many() if most is None else most
        self.cores = share(self._most)

    def run(
        self, jobs: Iterable[Job], make: Make, tick: Callable[[], None] = lambda: None
    ) -> Generator[Entry, None, None]:
        """What became of each job, in the order in which they end.

        Args:
            jobs: the photographs; taken as a worker has time for them.
            make: makes one; a function of a module.
            tick: called again and again; what it raises stops the work, as closing the iterator does.
        """
        if self._most:
            yield from _run_pools(iter(jobs), make, self._most, tick)
            return
        for job in jobs:
            tick()
            yield make(job, lambda done, total: tick())


def _run_pools(jobs: Iterator[Job], make: Make, workers: int, tick: Callable[[], None]) -> Iterator[Entry]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()

    def pool() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, context, _begin, (stop,))

    idle: list[ProcessPoolExecutor] = []
    busy: dict[Future, tuple[Job, ProcessPoolExecutor]] = {}
    try:
        while True:
            while len(busy) < workers and (job := next(jobs, None)):
                slot = idle.pop() if idle else pool()
                busy[slot.submit(_work, make, job)] = job, slot
            if not busy:
                return
            tick()
            for done in wait(busy, timeout=_EVERY, return_when=FIRST_COMPLETED).done:
                job, slot = busy.pop(done)
                broken = isinstance(done.exception(), BrokenProcessPool)
                if broken:
                    slot.shutdown(wait=False)
                else:
                    idle.append(slot)
                yield failed(job, WorkerDied(_DIED), hint=_DIED_HINT) if broken else done.result()
    finally:
        stop.set()
        for slot in [*idle, *(slot for _, slot in busy.values())]:
            slot.shutdown(wait=True, cancel_futures=True)


def _begin(stop: Event) -> None:
    """Readies a worker."""
    from animate.core import process

    _worker["stop"] = stop
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    process.own()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(make: Make, job: Job) -> Entry:
    return make(job, _ask)


def _ask(done: int, total: int) -> None:
    if _worker["stop"].is_set():
        raise Cancelled("stopped")


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory() -> int:
    """Bytes that are free, or all there are where the system does not say, 0 where it says nothing."""
    limits = [_limit(Path("/sys/fs/cgroup/memory.max")), _available()]
    return min(filter(None, limits), default=0)


def _available() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0


def _limit(file: Path) -> int:
    try:
        text = file.read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isdecimal() else 0
