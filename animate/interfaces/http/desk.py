"""What the addresses share: takes in photographs as jobs, gives out what became of them, and works on single files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from fastapi import HTTPException, UploadFile

from animate.interfaces.http import failures
from animate.interfaces.http.folder import Folder
from animate.interfaces.http.jobs import DONE, FAILED, Job, JobStore
from animate.interfaces.http.look import Looks
from animate.interfaces.http.make import DRIVER, PHOTO
from animate.interfaces.http.order import read_order
from animate.interfaces.http.uploads import safe_name, save
from animate.interfaces.http.workers import Workers

MOST_WAITING = 1000  # queued jobs
MOST_ASKING = 16  # requests that wait for a look at a file
AGAIN = {"Retry-After": "30"}


@dataclass
class Desk:
    """The server's folder, jobs and workers; ended jobs are kept for `keep` seconds; it may be `stopping`."""

    folder: Folder
    store: JobStore
    workers: Workers
    keep: float
    stopping: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        self.looks = Looks()
        self._one = anyio.CapacityLimiter(1)
        self._asking = 0

    def accept(self, fields: Mapping[str, str], photo: UploadFile, driver: UploadFile | None) -> Job:
        """A new job; once this returns, it is run whatever happens to the server.

        Raises:
            KeepsakeError: it asks for something that cannot be done.
            HTTPException: too many wait.
        """
        if len(self.store.waiting()) >= MOST_WAITING:
            raise busy(f"{MOST_WAITING} jobs are waiting already")
        names = safe_name(photo.filename, "photo"), safe_name(driver.filename, "driver") if driver else ""
        order = read_order(fields, *names)
        key = uuid.uuid4().hex
        received = self.folder.incoming / key
        try:
            save(photo.file, received / PHOTO, names[0])
            if driver:
                save(driver.file, received / DRIVER, names[1])
            received.rename(self.folder.job(key))
            self.store.add(key, order.as_json())
        except BaseException:
            shutil.rmtree(received, ignore_errors=True)
            self.folder.remove(key)
            raise
        with suppress(sqlite3.Error):  # then the supervisor puts it into the queue
            self.workers.queue.put(key)
        return self.job(key)

    def job(self, key: str) -> Job:
        """The job called `key`; raises HTTPException if there is none."""
        found = self.store.get(key)
        if found is None:
            hint = "it may have been deleted, or kept no longer"
            raise HTTPException(404, failures.failure("there is no such job", hint))
        return found

    def delete(self, key: str) -> None:
        """Stops and forgets a job with all its files; raises HTTPException if there is none."""
        self.job(key)
        self.store.remove(key)
        self.folder.remove(key)

    def made(self, key: str, ending: str = "") -> Path:
        """The clip of a job, or with an ending the citation beside it; raises HTTPException if it is not done."""
        job = self.job(key)
        if job.state != DONE or not job.claim:
            words = "the job failed" if job.state == FAILED else "the clip is not finished"
            raise HTTPException(
                409, failures.failure(words, "ask for the job: it says how far it is, or what happened")
            )
        clip = self.folder.job(key) / job.claim / job.answer["clip"]
        return clip.with_name(clip.name + ending)

    def answer(self, job: Job) -> dict[str, Any]:
        """A job as the server describes it."""
        path, done = f"/v1/jobs/{job.key}", job.state == DONE
        shown = {name: job.request[name] for name in ("photo", "driver", "gesture")}
        times = {"created": job.created, "began": job.began, "ended": job.ended}
        times["expires"] = job.ended and job.ended + self.keep
        step = job.step
        return {
            "id": job.key,
            "state": job.state,
            "ahead": job.ahead,
            **shown,
            "options": job.request["choices"],
            **{name: _time(moment) for name, moment in times.items()},
            "progress": {"stage": step.stage, "done": step.done, "total": step.total, "left": step.left},
            "result": job.answer if done else None,
            "error": job.answer if job.state == FAILED else None,
            "links": {"job": path}
            | {name: f"{path}/{name.replace('_', '.')}" if done else None for name in ("clip", *_CITATIONS)},
        }

    async def look(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Runs a short piece of work, one at a time; raises HTTPException where too many wait for it."""
        if self._asking >= MOST_ASKING:
            raise busy("too many requests wait for a look at their file")
        self._asking += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._one)
        finally:
            self._asking -= 1

    @contextmanager
    def held(self, **uploads: UploadFile | None) -> Iterator[dict[str, Path]]:
        """Uploads as files, each in a folder of its own, for as long as the context lasts."""
        with tempfile.TemporaryDirectory(dir=self.folder.incoming) as folder:
            yield {
                name: save(upload.file, Path(folder) / name, safe_name(upload.filename, name))
                for name, upload in uploads.items()
                if upload
            }


_CITATIONS = ("citation_json", "citation_txt")


def busy(words: str) -> HTTPException:
    """The refusal of a server that has too much to do."""
    return HTTPException(503, failures.failure(words, "come again a little later"), AGAIN)


def _time(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
