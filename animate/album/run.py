"""An album from start to end: finds scans, makes what is not finished, records each one, keeps the page fresh."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

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
RARELY = 20.0  # and times what it takes to write it

Report = Callable[[int, int, Entry], None]


@dataclass(frozen=True)
class Order:
    """What an album is to be.

    sources    folders and files of scans
    out        the folder of the clips
    gesture    the movement
    options    every other choice
    force      what is finished is made again
    workers    photographs at once; None for as many as cores and memory bear
    watch      new scans are taken as they come
    cluster    "" for this computer, else a Ray cluster: its address, or "local" for one of this computer's own
    transport  how a cluster's nodes come by photographs: "folder" or "store"
    """

    sources: Sequence[Path]
    out: Path
    gesture: str = AUTO
    options: Options = Options()
    force: bool = False
    workers: int | None = None
    watch: bool = False
    cluster: str = ""
    transport: str = "folder"


class Team(Protocol):
    """Who makes photographs: the workers of this computer or a cluster; `cores` are those for each photograph."""

    cores: int

    def run(
        self, jobs: Iterable[Job], make: workers.Make, tick: Callable[[], None]
    ) -> Generator[Entry, None, None]: ...


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
        MissingExtra: a cluster is asked for, and Ray is not installed.
    """
    scans = find_scans(order.sources, order.out)
    try:
        order.out.mkdir(parents=True, exist_ok=True)
        files.sweep(order.out)
    except OSError as error:
        raise OutputError(
            f"{order.out} cannot be made: {error.strerror or error}", hint="choose another folder"
        ) from error
    with Record(order.out / RECORD) as record, _team(order) as team:
        album = _Album(order, hooks, record, team)
        try:
            for found in _watched(order, hooks) if order.watch else (scans,):
                album.take(found)
        finally:
            album.write_page()
    return album.count


def _team(order: Order) -> AbstractContextManager[Team]:
    if not order.cluster:
        return nullcontext(workers.Team(order.workers))
    from animate.album.cluster import Cluster

    return Cluster(order.out, order.cluster, order.transport, order.workers)


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
    team: Team
    count: Count = field(default_factory=Count)
    digests: Digests = field(default_factory=Digests)
    tried: set[tuple[str, str]] = field(default_factory=set)
    again: bool = False  # an earlier round has counted what was finished before
    left: int = 0  # scans of this round that are to be made, as far as is known
    due: float = float("-inf")  # when the page is to be written again

    def take(self, scans: Sequence[Scan]) -> None:
        """Makes what is not finished of these scans."""
        self.left = len(scans)
        with closing(self.team.run(self._jobs(scans), self.hooks.work, self.hooks.tick)) as entries:
            for done, entry in enumerate(entries, 1):
                self._add(entry)
                self.hooks.report(done, self.left, entry)
        self.again = True

    def _add(self, entry: Entry) -> None:
        self.record.add(entry)
        self.count.made += entry.state == MADE
        self.count.failed += entry.state == FAILED
        if time.monotonic() > self.due:
            self.write_page()

    def write_page(self) -> None:
        """Writes the page as the record is now."""
        began = time.monotonic()
        try:
            write_page(self.order.out, self.record.entries.values())
        except OSError as error:
            raise OutputError(
                f"the page cannot be written: {error.strerror or error}", hint="check the disk"
            ) from error
        self.due = time.monotonic() + max(FRESH, RARELY * (time.monotonic() - began))

    def _jobs(self, scans: Sequence[Scan]) -> Iterator[Job]:
        """What is to be made, found as it is asked for: to read a million scans takes hours."""
        order = self.order
        planned = plan(
            scans,
            self.record.entries.copy(),
            self.digests,
            gesture=GESTURE if order.gesture == AUTO else order.gesture,
            options=order.options if order.options.threads else replace(order.options, threads=self.team.cores),
            out=order.out,
            force=order.force,
            tried=self.tried,
            on_settled=self._settled,
        )
        for item in planned:
            if isinstance(item, Job):
                self.tried.add((item.label, item.sha256))
                yield item
            else:
                self.record.add(replace(item, when=now()))
                self._settled()

    def _settled(self, scan: Scan | None = None) -> None:
        """There is nothing to do for a scan."""
        self.hooks.tick()
        self.left -= 1
        self.count.skipped += not self.again
