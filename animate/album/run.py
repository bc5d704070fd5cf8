"""An album from start to end: finds scans, makes what is not finished, records each one, keeps the page fresh."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from animate.album import workers
from animate.album.make import make, now
from animate.album.page import write_page
from animate.album.plan import Digests, Job, plan
from animate.album.record import FAILED, MADE, Entry, Record
from animate.album.scans import RECORD, Scan, find_scans
from animate.core import files
from animate.core.errors import OutputError
from animate.core.options import Options

AUTO, GESTURE = "auto", "classic"  # the movement that is fitted to every head's turn
POLL = 5.0  # seconds between two searches for new scans
FRESH = 10.0  # seconds for which the page may be older than the record

Report = Callable[[int, int, Entry], None]


@dataclass(frozen=True)
class Order:
    """What an album is to be: scans, folder of the clips, movement, choices; workers None for as many as fit."""

    sources: Sequence[Path]
    out: Path
    gesture: str = AUTO
    options: Options = Options()
    force: bool = False
    workers: int | None = None
    watch: bool = False


@dataclass
class Count:
    """How many photographs this run made, left (finished before, or copies) and could not make."""

    made: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Hooks:
    """What a door puts in.

    work    makes one photograph; a function of a module
    report  called with (done, total, entry) after each photograph, total of this round
    tick    called again and again; what it raises stops the album, as does what `sleep` raises
    sleep   waits so many seconds for new scans
    """

    work: workers.Make = make
    report: Report = lambda done, total, entry: None
    tick: Callable[[], None] = lambda: None
    sleep: Callable[[float], None] = time.sleep


def run(order: Order, hooks: Hooks = Hooks()) -> Count:
    """Make an album; a second run goes on where the first one stopped.

    Args:
        order: what it is to be.
        hooks: how it reports and stops.

    Raises:
        OptionError: a source is not there.
        OutputError: the folder of the clips cannot be written to, or another album is at work there.
    """
    scans = find_scans(order.sources, order.out)
    try:
        order.out.mkdir(parents=True, exist_ok=True)
        files.sweep(order.out)
    except OSError as error:
        raise OutputError(
            f"{order.out} cannot be made: {error.strerror or error}", hint="choose another folder"
        ) from error
    with Record(order.out / RECORD) as record:
        album = _Album(order, hooks, record)
        try:
            for found in _watched(order, hooks) if order.watch else (scans,):
                album.take(found)
        finally:
            album.write_page()
    return album.count


def _watched(order: Order, hooks: Hooks) -> Iterator[list[Scan]]:
    """Again and again the scans that have not changed since they were seen before: others are still being written."""
    before: dict[Path, tuple[int, int]] = {}
    while True:
        scans = {scan: scan.state() for scan in find_scans(order.sources, order.out)}
        yield [scan for scan, state in scans.items() if before.get(scan.path) == state]
        before = {scan.path: state for scan, state in scans.items()}
        hooks.sleep(POLL)


@dataclass
class _Album:
    """A run at work."""

    order: Order
    hooks: Hooks
    record: Record
    count: Count = field(default_factory=Count)
    digests: Digests = field(default_factory=Digests)
    tried: set[tuple[str, str]] = field(default_factory=set)
    written: float | None = None  # when the page was

    def take(self, scans: Sequence[Scan]) -> None:
        """Makes what is not finished of these scans."""
        jobs = self._jobs(scans)
        most = self.order.workers
        most = workers.how_many() if most is None else most
        prepared = [self._with_cores(job, most) for job in jobs]
        entries = workers.run(prepared, self.hooks.work, min(most, len(jobs)), self.hooks.tick)
        with closing(entries):
            for done, entry in enumerate(entries, 1):
                self._add(entry)
                self.hooks.report(done, len(jobs), entry)

    def _add(self, entry: Entry) -> None:
        self.record.add(entry)
        self.count.made += entry.state == MADE
        self.count.failed += entry.state == FAILED
        if self.written is None or time.monotonic() - self.written > FRESH:
            self.write_page()

    def write_page(self) -> None:
        """Writes the page as the record is now."""
        try:
            write_page(self.order.out, self.record.entries.values())
        except OSError as error:
            raise OutputError(
                f"the page cannot be written: {error.strerror or error}", hint="check the disk"
            ) from error
        self.written = time.monotonic()

    def _jobs(self, scans: Sequence[Scan]) -> list[Job]:
        order, jobs = self.order, []
        gesture = GESTURE if order.gesture == AUTO else order.gesture
        planned = plan(
            scans,
            self.record.entries.copy(),
            self.digests,
            gesture=gesture,
            options=order.options,
            out=order.out,
            force=order.force,
            tried=self.tried,
        )
        for item in planned:
            self.hooks.tick()
            if isinstance(item, Job):
                jobs.append(item)
            else:
                self.record.add(replace(item, when=now()))
        self.count.skipped += len(scans) - len(jobs) if not self.tried else 0
        self.tried |= {(job.label, job.sha256) for job in jobs}
        return jobs

    def _with_cores(self, job: Job, most: int) -> Job:
        """A job that takes its share of the cores."""
        share = max(1, workers.usable_cores() // max(most, 1))
        options = job.options if job.options.threads else replace(job.options, threads=share)
        return replace(job, options=options)
