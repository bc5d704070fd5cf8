"""Albums made with a stand-in for the making: resumed, watched, spread over processes, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import album_work
import pytest
from album_work import scan

from animate.album import workers
from animate.album.record import FAILED, MADE, read
from animate.album.run import Count, Hooks, Order, run

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def scans(tmp_path) -> Path:
    return tmp_path / "scans"


def order(scans: Path, **choices) -> Order:
    return Order([scans], scans.parent / "clips", workers=choices.pop("workers", 0), **choices)


def states(scans: Path) -> dict[str, str]:
    return {entry.photo: entry.state for entry in read(scans.parent / "clips" / "album.jsonl")}


def test_an_album_goes_on_after_failures_and_a_second_run_does_nothing(scans):
    for name in ("a.png", "deep/wall.png", "z.png"):
        scan(scans / name)
    reported = []
    hooks = Hooks(album_work.work, lambda done, total, entry: reported.append((done, total, entry.state)))
    assert run(order(scans), hooks) == Count(2, 0, 1)
    assert sorted(reported) == [(1, 3, MADE), (2, 3, MADE), (3, 3, FAILED)]
    record = (scans.parent / "clips" / "album.jsonl").read_bytes()
    assert run(order(scans), hooks) == Count(0, 3, 0)
    assert (scans.parent / "clips" / "album.jsonl").read_bytes() == record
    assert run(order(scans, force=True), hooks) == Count(2, 0, 1)
    assert (scans.parent / "clips" / "a.mp4").read_bytes() == b"made\n" * 2


@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_names_that_are_no_text_are_made_too(scans):
    scan(scans / os.fsdecode(b"a\xff & b.png"), "name")
    assert run(order(scans), Hooks(album_work.work)) == Count(1, 0, 0)
    assert run(order(scans), Hooks(album_work.work)) == Count(0, 1, 0)
    page = (scans.parent / "clips" / "index.html").read_text("utf-8")
    assert 'src="a%FF%20%26%20b.mp4"' in page and "a? &amp; b" in page


def test_an_interruption_leaves_a_page_and_the_next_run_goes_on(scans):
    for name in ("a.png", "b.png", "c.png"):
        scan(scans / name)

    def stop(done, total, entry):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(order(scans), Hooks(album_work.work, stop))
    page = (scans.parent / "clips" / "index.html").read_text("utf-8")
    assert "a.mp4" in page and "b.mp4" in page and "c.mp4" not in page
    assert run(order(scans), Hooks(album_work.work)) == Count(1, 2, 0)


def test_watching_takes_new_scans_once_they_no_longer_grow(scans):
    scan(scans / "a.png")
    rounds = []

    def sleep(seconds):
        rounds.append(states(scans))
        if len(rounds) == 2:
            scan(scans / "b.png", "half")
        if len(rounds) == 3:
            scan(scans / "b.png", "half and the rest")
        if len(rounds) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(order(scans, watch=True), Hooks(album_work.work, sleep=sleep))
    both = {"scans/a.png": MADE, "scans/b.png": MADE}
    assert rounds == [{}, {"scans/a.png": MADE}, {"scans/a.png": MADE}, {"scans/a.png": MADE}, both, both]
    assert (scans.parent / "clips" / "b.mp4").read_bytes() == b"made\n"


@pytest.mark.slow
def test_a_worker_that_dies_fails_its_photograph_only(scans):
    for name in ("a.png", "killer.png", "slow1.png", "slow2.png", "z.png"):
        scan(scans / name)
    assert run(order(scans, workers=2), Hooks(album_work.named)) == Count(4, 0, 1)
    entries = {entry.photo: entry for entry in read(scans.parent / "clips" / "album.jsonl")}
    assert entries["scans/killer.png"].kind == "WorkerDied"
    assert entries["scans/killer.png"].hint
    assert entries["scans/slow1.png"].names != entries["scans/slow2.png"].names, "both workers were at work"
    assert Counter(entry.state for entry in entries.values()) == {MADE: 4, FAILED: 1}


def test_workers_are_as_many_as_cores_and_memory_bear():
    assert workers.how_many(2, 16 * 10**9) == 1
    assert workers.how_many(16, 64 * 10**9) == 8
    assert workers.how_many(16, 4 * 10**9) == 2
    assert workers.how_many(1, 10**8) == 1
    assert workers.how_many() >= 1


def _album(scans: Path, *words: str) -> subprocess.Popen:
    program = [sys.executable, str(TESTS / "album_work.py"), "album", str(scans), "-o", str(scans.parent / "clips")]
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = os.environ | {"PYTHONPATH": paths}
    return subprocess.Popen([*program, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _wait_for(path: Path, process: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.02)


def _alive(number: int) -> bool:
    stat = Path(f"/proc/{number}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _children(process: subprocess.Popen) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for processes")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_album_loses_the_photograph_in_work_only_and_leaves_no_process(scans, kill):
    for name in ("a.png", "slow.png", "z.png"):
        scan(scans / name)
    process = _album(scans, "--workers", "1")
    _wait_for(scans.parent / "clips" / "a.mp4", process)
    time.sleep(0.5)
    children = _children(process)
    process.send_signal(kill)
    process.communicate(timeout=30)
    assert process.returncode == (130 if kill == signal.SIGINT else -kill)
    until = time.monotonic() + 10
    while any(map(_alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert children and not any(map(_alive, children))
    assert states(scans) == {"scans/a.png": MADE}
    process = _album(scans, "--workers", "0", "--json")
    answer = json.loads(process.communicate(timeout=60)[0])
    assert (answer["made"], answer["skipped"], answer["failed"]) == (2, 1, 0)
    assert {path.read_bytes() for path in (scans.parent / "clips").glob("*.mp4")} == {b"made\n"}
