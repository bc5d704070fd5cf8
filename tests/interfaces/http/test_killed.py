"""Nothing is lost: a hundred jobs at once, workers and servers killed in the middle, restarts, a job that kills."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import http_serving
import pytest
from http_serving import client, ended, hand_in

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs kill")
JOBS = 100


def wait(ready, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.05)


def lines(served, word: str) -> list[str]:
    """The journal's lines that begin with `word`."""
    text = served.journal.read_text() if served.journal.exists() else ""
    return [line for line in text.splitlines() if line.startswith(f"{word} ")]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is waited for by nobody does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers_of(served) -> set[int]:
    """The processes that took a photograph."""
    return {int(line.split()[-1]) for line in lines(served, "begun")}


@pytest.mark.slow
def test_a_hundred_jobs_survive_killed_workers_and_a_killed_server(tmp_path):
    first = http_serving.start(tmp_path, "--workers", "2")
    with client(first) as asking, ThreadPoolExecutor(10) as posting:
        answers = list(posting.map(lambda number: hand_in(asking, f"scan {number}.png", gesture="smile"), range(JOBS)))
    assert {answer.status_code for answer in answers} == {202}
    keys = [answer.json()["id"] for answer in answers]
    assert len(set(keys)) == JOBS

    wait(lambda: len(lines(first, "made")) >= 10)
    os.kill(int(lines(first, "begun")[-1].split()[-1]), signal.SIGKILL)
    wait(lambda: len(lines(first, "made")) >= 30)
    before = workers_of(first)
    first.process.kill()
    first.process.wait(30)
    wait(lambda: not any(map(alive, before)), 30)
    made = len(lines(first, "made"))
    assert made < JOBS, "it was over before it was killed"

    with http_serving.serving(tmp_path, "--workers", "2") as second, client(second) as asking:
        jobs = {key: ended(asking, key, 120) for key in keys}
        assert Counter(job["state"] for job in jobs.values()) == {"done": JOBS}
        assert {job["photo"] for job in jobs.values()} == {f"scan {number}.png" for number in range(JOBS)}
        for key, job in jobs.items():
            assert asking.get(job["links"]["clip"]).content == b"a clip"
            attempts = {path.name for path in (tmp_path / "serve" / "jobs" / key).iterdir()} - {"photo"}
            assert len(attempts) == 1, "what a killed worker left is still there"
        names = Counter(line.split(" ")[2] for line in lines(second, "made"))
        assert len(names) == JOBS and sum(names.values()) <= JOBS + 4  # what was in work when it was killed
    assert not any(map(alive, workers_of(second)))


@pytest.mark.slow
def test_a_job_that_kills_its_worker_fails_and_the_next_ones_run(tmp_path):
    with http_serving.serving(tmp_path) as served, client(served) as asking:
        keys = [hand_in(asking, name).json()["id"] for name in ("killer.png", "after.png")]
        killed, after = (ended(asking, key) for key in keys)
        assert (killed["state"], killed["error"]["kind"]) == ("failed", "WorkerDied")
        assert "memory" in killed["error"]["error"] and killed["error"]["hint"]
        assert after["state"] == "done"
        assert len([line for line in lines(served, "begun") if "killer" in line]) == 2
        wait(lambda: asking.get("/health").json()["status"] == "ok")


@pytest.mark.slow
def test_a_stopped_server_ends_quietly_and_the_next_one_goes_on(tmp_path):
    first = http_serving.start(tmp_path)
    with client(first) as asking:
        keys = [hand_in(asking, name).json()["id"] for name in ("slow.png", "next.png")]
    wait(lambda: lines(first, "begun"))
    with client(first) as asking, ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(asking.get, f"/v1/jobs/{keys[1]}", params={"wait": 30})
        time.sleep(0.5)  # so that it waits there
        first.process.send_signal(signal.SIGTERM)
        assert answer.result().json()["state"] == "queued"
    assert first.process.wait(30) == 0
    assert not any(map(alive, workers_of(first)))
    assert "Traceback" not in first.log.read_text()
    with http_serving.serving(tmp_path, **{http_serving.PAUSE: "0.001"}) as second, client(second) as asking:
        assert [ended(asking, key)["state"] for key in keys] == ["done", "done"]
