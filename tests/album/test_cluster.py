"""Albums on Ray clusters of two worker processes, one of which is killed in the middle; a stand-in makes the clips."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import album_work
import imageio.v3 as iio
import numpy as np
import pytest
from album_work import scan
from PIL import Image
from skimage import data

from animate.album import ray_session
from animate.album.plan import Job
from animate.album.record import FAILED, MADE, read
from animate.album.run import Count, Hooks, Order, run
from animate.album.transport import Shared, make_here, make_parcel, packed, unpack, version
from animate.core.errors import KeepsakeError, OptionError, OutputError
from animate.core.options import Options
from animate.interfaces.cli.main import main

TESTS = Path(__file__).resolve().parents[1]
SMALL = Options(size=96, seconds=1.0, fps=5.0)


@pytest.fixture
def scans(tmp_path) -> Path:
    return tmp_path / "scans"


@pytest.fixture(autouse=True)
def found_by_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))


def entries(clips: Path) -> list:
    return list(read(clips / "album.jsonl"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_worker_process_is_replaced_and_nothing_is_lost_or_made_twice(scans, capsys):
    for name in ("a.png", "deep/wall.png", "slow1.png", "slow2.png", "z.png"):
        scan(scans / name)
    (scans / "twin.png").write_bytes((scans / "a.png").read_bytes())
    killed: dict[str, int] = {}  # the process that was killed, by the photograph that it had begun

    def kill() -> None:
        begun = sorted((scans / "at work").glob("slow*")) if not killed else []
        for file in begun:
            killed[file.stem] = int(file.read_text())
            os.kill(killed[file.stem], signal.SIGKILL)
            return

    environment = dict(os.environ)
    order = Order([scans], scans.parent / "clips", workers=2, cluster="local")
    assert run(order, Hooks(album_work.announced, tick=kill)) == Count(4, 1, 1)
    made = entries(order.out)
    assert killed and Counter(entry.state for entry in made) == {MADE: 4, FAILED: 1, "skipped": 1}
    processes = {Path(entry.clip).stem: entry.names for entry in made if entry.state == MADE}
    assert len(set(processes.values())) >= 2 and str(os.getpid()) not in processes.values()
    ((photograph, process),) = killed.items()  # which may have made another before
    assert processes[photograph] != str(process)
    assert {path.name: path.read_bytes() for path in order.out.glob("*.mp4")} == {
        f"{name}.mp4": b"made\n" for name in ("a", "slow1", "slow2", "z")
    }
    assert not list(order.out.rglob(".*"))
    assert environment == dict(os.environ) and capsys.readouterr().out == ""


@pytest.mark.slow
def test_ray_carries_photographs_and_the_clips_are_those_of_this_computer(tmp_path):
    scans = tmp_path / "scans"
    scans.mkdir()
    Image.fromarray(data.astronaut()[:300, 100:400]).save(scans / "a.png")
    Image.new("RGB", (64, 64)).save(scans / "wall.png")
    here = Order([scans], tmp_path / "here", options=SMALL, workers=0)
    away = Order([scans], tmp_path / "away", options=SMALL, workers=1, cluster="local", transport="store")
    assert run(here) == run(away) == Count(1, 0, 1)
    one, other = (sorted(entries(order.out), key=lambda entry: entry.photo) for order in (here, away))
    for mine, theirs in zip(one, other, strict=True):
        known = {name: value for name, value in vars(mine).items() if name not in ("took", "when")}
        assert known == {name: vars(theirs)[name] for name in known}
    names = [sorted(str(path.relative_to(order.out)) for path in order.out.rglob("*")) for order in (here, away)]
    assert names[0] == names[1]
    np.testing.assert_array_equal(*(iio.imread(order.out / "a.mp4", plugin="pyav") for order in (here, away)))
    assert len({(order.out / "album-files" / "a.mp4.jpg").read_bytes() for order in (here, away)}) == 1
    slips = [json.loads((order.out / "a.mp4.json").read_text()) for order in (here, away)]
    assert slips[0]["photograph"] == slips[1]["photograph"] and slips[0]["clip"]["mark"] == slips[1]["clip"]["mark"]
    assert run(replace(away, cluster="")) == Count(0, 2, 0)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for processes")
def test_ctrl_c_ends_every_process_and_the_next_run_goes_on(scans):
    for name in ("a.png", "slow.png"):
        scan(scans / name)
    out = scans.parent / "clips"
    program = [sys.executable, str(TESTS / "album_work.py"), "album", str(scans), "-o", str(out), "--workers", "1"]
    process = subprocess.Popen([*program, "--cluster", "local"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (out / "a.mp4").exists():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert {entry.photo for entry in entries(out)} <= {"scans/a.png"} and not list(out.rglob(".*"))
    assert run(Order([scans], out, workers=0), Hooks(album_work.quick)).failed == 0
    assert {path.name for path in out.glob("*.mp4")} == {"a.mp4", "slow.mp4"}


def test_without_ray_one_sentence_says_so(scans, monkeypatch, capsys):
    scan(scans / "a.png")
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["album", str(scans), "-o", str(scans.parent / "clips"), "--cluster", "local"]) == 1
    error = capsys.readouterr().err
    assert "needs Ray, which is not installed" in error and "keepsake[cluster]" in error
    assert not (scans.parent / "clips" / "index.html").exists()


def test_where_no_cluster_answers_that_is_said_at_once(scans, capsys):
    scan(scans / "a.png")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert main(["album", str(scans), "-o", str(scans.parent / "clips"), "--cluster", address]) == 1
    assert f"no Ray cluster answers at {address}" in capsys.readouterr().err


def test_a_cluster_and_no_workers_contradict_each_other(scans, capsys):
    scan(scans / "a.png")
    words = ["--cluster", "local", "--workers", "0"]
    assert main(["album", str(scans), "-o", str(scans.parent / "clips"), *words]) == 1
    assert "--workers 0" in capsys.readouterr().err


# What runs on a node


def job(scans: Path, **choices) -> Job:
    out = scans.parent / "clips"
    out.mkdir(exist_ok=True)
    path = scan(scans / "a.png")
    gesture, options = choices.pop("gesture", "smile"), choices.pop("options", Options())
    return Job(path, "scans/a.png", "12", gesture, options, out, "deep/a.mp4", **choices)


def task(work=album_work.work, **choices) -> Shared:
    return Shared(work, choices.pop("version", version()), Path.cwd(), choices.pop("sign", "."))


def test_a_node_that_does_not_see_a_folder_or_has_another_version_says_so(scans):
    one = job(scans)
    assert make_here(task(), one)[0].state == MADE
    with pytest.raises(OptionError, match="does not see the folder") as caught:
        make_here(task(sign=".keepsake-1-other"), one)
    assert "--transport store" in caught.value.hint
    with pytest.raises(OptionError, match="not 0.0.1"):
        make_here(task(version="0.0.1"), one)


def gestures(job, on_frame):
    """A stand-in that wants every gesture file to be there."""
    files = [Path(job.gesture), *map(Path, job.options.faces.values())]
    assert all(file.read_text() == "card" for file in files) and job.path.name == "a.png"
    return album_work.work(job, on_frame)


def test_a_parcel_holds_all_that_is_needed_and_brings_back_all_that_is_made(scans, tmp_path):
    card = tmp_path / "mine.card"
    card.write_text("card")
    one = job(scans, gesture=str(card), options=Options(faces={1: str(card)}))
    entry, made = make_parcel(task(gestures), packed(one))
    assert entry.state == MADE and set(made) == {"deep/a.mp4"}
    unpack(one, made)
    assert (one.out / "deep" / "a.mp4").read_bytes() == b"made\n"
    with pytest.raises(OutputError, match="already there"):  # nobody knows of what photograph
        unpack(one, made)
    with pytest.raises(OutputError, match="already there"):
        packed(one)


def test_a_scan_that_cannot_be_read_fails_alone(scans):
    one = job(scans)
    one.path.unlink()
    with pytest.raises(OutputError, match="cannot be read"):
        packed(one)


def test_errors_of_ray_become_ours():
    missing = ray_session._failed(RuntimeError("System error: No module named 'animate'"))
    assert isinstance(missing, OptionError) and "no animate" in str(missing)
    assert type(ray_session._failed(RuntimeError("the head is gone"))) is KeepsakeError
