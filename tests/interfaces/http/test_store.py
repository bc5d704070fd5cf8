"""The jobs' table, the queue and the worker, without processes: who holds a job, what counts, what is deleted when."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
import time
from pathlib import Path

import pytest

from animate.core.errors import NoFace, OutputError
from animate.interfaces.http import folder as folders
from animate.interfaces.http import worker as workers_file
from animate.interfaces.http.job_queue import JobQueue
from animate.interfaces.http.jobs import DONE, FAILED, QUEUED, RUNNING, JobStore
from animate.interfaces.http.uploads import LONGEST_STEM, safe_name, save
from animate.interfaces.http.worker import Worker
from animate.interfaces.http.workers import DEATHS, Workers
from animate.interfaces.job import Step

REQUEST = {"photo": "a.png", "driver": "", "gesture": "smile", "ending": ".mp4", "choices": {}}


@pytest.fixture
def folder(tmp_path):
    with folders.held(tmp_path / "serve") as folder:
        yield folder


@pytest.fixture
def store(folder):
    store = JobStore(folder.store)
    yield store
    store.close()


def add(store, folder, key: str) -> str:
    store.add(key, REQUEST)
    (folder.job(key) / "photo").mkdir(parents=True)
    return key


def written(order, folder: Path, out: Path, threads, report) -> dict:
    """Makes a clip."""
    report("Animating", 1, 1)
    (out / "clip.mp4").write_bytes(b"a clip")
    return {"clip": "clip.mp4"}


def take(folder, store, key: str, make=written) -> None:
    Worker(folder, store, "worker", make, 1).take(key)


def attempts(folder, key: str) -> list[Path]:
    return [path for path in folder.job(key).iterdir() if path.name != "photo"]


def test_only_one_of_many_claims_a_job(folder, store):
    add(store, folder, "a")
    claimed = []
    threads = [
        threading.Thread(target=lambda name=name: claimed.append(JobStore(folder.store).claim("a", name)))
        for name in "12345678"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([job for job in claimed if job]) == 1


def test_an_attempt_that_lost_its_job_has_no_effect(folder, store):
    add(store, folder, "a")
    lost = store.claim("a", "dead").claim
    store.release((), DEATHS, {})
    assert not store.report(lost, Step("Animating", 1, 2, ""))
    assert not store.finish(lost, {"clip": "lost"}) and not store.fail(lost, {})
    held = store.claim("a", "alive").claim
    assert store.report(held, Step("Animating", 1, 2, "a minute"))
    assert store.get("a").step == Step("Animating", 1, 2, "a minute")
    assert store.finish(held, {"clip": "kept"}) and not store.finish(held, {"clip": "again"})
    job = store.get("a")
    assert (job.state, job.answer, job.step.done) == (DONE, {"clip": "kept"}, 2)


def test_a_job_whose_workers_die_fails_at_last(folder, store):
    add(store, folder, "a")
    for number in range(DEATHS):
        assert store.get("a").state == QUEUED
        store.claim("a", f"worker {number}")
        store.release((f"worker {number}",), DEATHS, {})
        assert store.get("a").state == RUNNING
        store.release(("another",), DEATHS, {"error": "died"})
    assert (store.get("a").state, store.get("a").answer) == (FAILED, {"error": "died"})


def test_a_server_that_went_away_counts_as_no_death(folder, store):
    add(store, folder, "a")
    for _ in range(DEATHS + 1):
        store.claim("a", "worker")
        store.reopen()
    assert store.get("a").state == QUEUED


def test_jobs_wait_in_the_order_in_which_they_came(folder, store):
    for key in "cab":
        add(store, folder, key)
    assert store.waiting() == ["c", "a", "b"]
    assert [store.get(key).ahead for key in "cab"] == [0, 1, 2]
    assert [job.key for job in store.newest(2)] == ["b", "a"]


def test_a_message_that_a_killed_worker_took_away_comes_again(folder, store):
    queue = JobQueue(folder.queue)
    for key in "ab":
        queue.put(add(store, folder, key))
    assert queue._huey.dequeue().args[0] == "a"  # as huey does before a task runs: the message is gone
    queue.complete(store.waiting())
    assert [task.args[0] for task in queue._huey.pending()] == ["b", "a"]
    queue.renew(store.waiting())
    assert [task.args[0] for task in queue._huey.pending()] == ["a", "b"]


def test_the_queue_holds_names_of_jobs_and_executes_nothing(folder):
    queue = JobQueue(folder.queue)
    queue.put("a")
    (message,) = queue._huey.storage.enqueued_items()
    assert json.loads(bytes(message))["args"] == ["a"]


def test_two_messages_make_one_clip(folder, store):
    made = []

    def make(*arguments):
        made.append(arguments[0].gesture)
        return written(*arguments)

    add(store, folder, "a")
    take(folder, store, "a", make)
    take(folder, store, "a", make)
    assert made == ["smile"]
    (attempt,) = attempts(folder, "a")
    assert attempt.name == store.get("a").claim and (attempt / "clip.mp4").is_file()


def test_a_job_that_is_deleted_while_it_runs_leaves_nothing(folder, store):
    def make(order, job_folder, out, threads, report):
        assert store.remove("a")
        folder.remove("a")
        out.mkdir(parents=True)  # a part that is written a moment later
        report("Animating", 1, 2)
        raise AssertionError("it went on")

    add(store, folder, "a")
    take(folder, store, "a", make)
    assert store.get("a") is None and not folder.job("a").exists()


def test_a_worker_that_does_not_let_go_of_a_deleted_job_ends(folder, store, monkeypatch):
    left, ended = threading.Event(), threading.Event()

    def leave(code: int) -> None:
        ended.set()
        left.set()

    monkeypatch.setattr(workers_file, "LOST_EVERY", 0.01)
    monkeypatch.setattr(workers_file.os, "_exit", leave)
    add(store, folder, "a")
    working = Worker(folder, store, "worker", lambda *arguments: {"clip": ""} if left.wait(30) else {}, 1)
    watching = threading.Thread(target=working.end_if_lost)
    taking = threading.Thread(target=working.take, args=("a",))
    for thread in (watching, taking):
        thread.start()
    until = time.monotonic() + 30
    while store.get("a").state != RUNNING:
        assert time.monotonic() < until
    assert not ended.wait(0.2), "it ended although the job is there"
    store.remove("a")
    assert ended.wait(30)
    for thread in (watching, taking):
        thread.join(30)


@pytest.mark.parametrize(
    ("error", "kind", "quiet"),
    [(NoFace("no face", hint="draw"), "NoFace", True), (RuntimeError("boom"), "Unexpected", False)],
)
def test_a_failed_attempt_says_why_and_leaves_no_files(folder, store, capsys, error, kind, quiet):
    def make(order, job_folder, out, threads, report):
        (out / "half.mp4").write_bytes(b"half")
        raise error

    add(store, folder, "a")
    take(folder, store, "a", make)
    assert (store.get("a").state, store.get("a").answer["kind"]) == (FAILED, kind)
    assert "boom" not in json.dumps(store.get("a").answer)
    assert attempts(folder, "a") == []
    assert ("boom" not in capsys.readouterr().err) == quiet


def test_where_the_server_lies_is_not_told(folder, store):
    def make(*arguments):
        raise OutputError(
            f"{folder.root}/jobs/a/clip.mp4 is already there", hint="see /home/anna/.cache/keepsake/vox.bin"
        )

    add(store, folder, "a")
    take(folder, store, "a", make)
    said = store.get("a").answer
    assert said["error"] == "clip.mp4 is already there" and said["hint"] == "see vox.bin"


def test_ended_jobs_are_kept_for_their_time_and_others_stay(folder, store):
    workers = Workers(folder, store, written, count=1, threads=1, keep=3600.0)
    for key in ("old", "new", "waiting"):
        add(store, folder, key)
    for key in ("old", "new"):
        take(folder, store, key)
    store._ask("update job set ended = ended - 4000 where key = 'old'")
    store._ask("update job set created = created - 9000000 where key = 'waiting'")
    (folder.jobs / "orphan").mkdir()
    (folder.jobs / "in the making").mkdir()
    os.utime(folder.jobs / "orphan", (time.time() - 2 * folders.ORPHANED,) * 2)
    workers.keep_house()
    assert set(store.keys()) == {"new", "waiting"}
    assert {path.name for path in folder.jobs.iterdir()} == {"new", "waiting", "in the making"}


def test_workers_share_the_cores(folder, store, monkeypatch):
    monkeypatch.setattr("animate.interfaces.http.workers.usable_cores", lambda: 8)
    share = lambda count, threads: Workers(folder, store, written, count=count, threads=threads, keep=1.0)._threads
    assert (share(1, 0), share(2, 0), share(16, 0), share(2, 3)) == (0, 4, 1, 3)


def test_a_folder_belongs_to_one_server(tmp_path):
    root = tmp_path / "serve"
    with folders.held(root) as folder:
        assert root.stat().st_mode & 0o077 == 0
        (folder.incoming / "half").write_bytes(b"half an upload")
        with pytest.raises(OutputError, match="another server is at work"), folders.held(root):
            pass
    with folders.held(root) as folder:
        assert not list(folder.incoming.iterdir())


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "jobs" / "my job").mkdir(parents=True)
    with pytest.raises(OutputError, match="holds other things"), folders.held(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["jobs"]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be used"), folders.held(tmp_path / "file"):
        pass


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("grandma.jpg", "grandma.jpg"),
        ("Oma Änne (1912).JPG", "Oma Änne (1912).JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\anna.tif", "anna.tif"),
        ("a\x00b\nc\u202e.png", "a_b_c_.png"),
        (".keepsake-serve", "keepsake-serve"),
        ("", "photo"),
        (None, "photo"),
        ("...", "photo"),
        ("photo.a-very-long-ending", "photo.a-very-long-ending"),
    ],
)
def test_names_of_uploads_mean_nothing_to_a_disk(given, kept):
    assert safe_name(given, "photo") == kept


def test_an_upload_that_does_not_fit_is_named(tmp_path):
    class Full(io.BytesIO):
        def read(self, size=-1):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"a\.png cannot be stored: No space left on device"):
        save(Full(), tmp_path / "photo", "a.png")


def test_long_names_leave_room_for_those_of_clip_and_citation():
    name = safe_name("ü" * 300 + ".jpeg", "photo")
    assert len(name.encode()) <= LONGEST_STEM + 5 and name.endswith(".jpeg")
