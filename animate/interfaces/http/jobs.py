"""The jobs of the server, in a table that is the truth about them: whatever is killed, each ends in one state, once.

A job is queued, running, done or failed. A worker claims it and gets the name of this attempt; only the attempt that
still holds the claim can end the job, so that one which was given up, deleted or taken over ends without effect.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from animate.interfaces.job import Step

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
ENDED = (DONE, FAILED)
_PATIENCE = 30.0  # seconds that a writer waits for another
_TABLE = """
create table if not exists job (
    number integer primary key autoincrement, key text not null unique, state text not null, request text not null,
    created real not null, began real, ended real, worker text, claim text, deaths integer not null default 0,
    stage text not null default '', done integer not null default 0, total integer not null default 0,
    remaining text not null default '', answer text
)"""


@dataclass(frozen=True)
class Job:
    """A job as it is now.

    Attributes:
        key: its name; nobody guesses it.
        state: queued, running, done or failed.
        request: what was asked for, as JSON holds it.
        created, began, ended: seconds since 1970, None while they are to come.
        claim: the attempt that runs, or that ended it.
        step: how far it is.
        answer: of a job that is done, what the command line says about a clip; of one that failed, the error.
        ahead: queued jobs before it.
    """

    key: str
    state: str
    request: dict[str, Any]
    created: float
    began: float | None = None
    ended: float | None = None
    claim: str | None = None
    step: Step = Step("", 0, 0, "")
    answer: dict[str, Any] = field(default_factory=dict)
    ahead: int = 0


class JobStore:
    """The table in the file at `path`; any number of threads and processes may use it."""

    def __init__(self, path: Path):
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._ask("pragma journal_mode=wal")
        self._ask("pragma synchronous=full")
        self._ask("pragma secure_delete=on")
        self._ask(_TABLE)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # What the door asks

    def add(self, key: str, request: dict[str, Any]) -> None:
        """A new job, queued."""
        values = (key, QUEUED, json.dumps(request), time.time())
        self._ask("insert into job (key, state, request, created) values (?, ?, ?, ?)", *values)

    def get(self, key: str) -> Job | None:
        """The job called `key`, or None."""
        rows = self._ask("select * from job where key = ?", key)
        return self._job(rows[0]) if rows else None

    def newest(self, most: int) -> list[Job]:
        """The newest jobs first."""
        return [self._job(row) for row in self._ask("select * from job order by number desc limit ?", most)]

    def remove(self, key: str) -> bool:
        """Forgets a job, which stops the attempt at it; whether it was there. Nothing of it stays in the file."""
        found = bool(self._ask("delete from job where key = ? returning key", key))
        self._ask("pragma wal_checkpoint(truncate)")
        return found

    def keys(self) -> list[str]:
        """The names of all jobs."""
        return [row["key"] for row in self._ask("select key from job")]

    def waiting(self) -> list[str]:
        """The names of the queued jobs, the oldest first."""
        return [row["key"] for row in self._ask("select key from job where state = ? order by number", QUEUED)]

    def expired(self, before: float) -> list[str]:
        """The names of the jobs that ended before that time."""
        return [row["key"] for row in self._ask("select key from job where ended < ?", before)]

    # What a worker asks

    def claim(self, key: str, worker: str) -> Job | None:
        """The queued job called `key`, now running in `worker`; None where there is none to run."""
        values = (RUNNING, worker, uuid.uuid4().hex, time.time(), key, QUEUED)
        sql = "update job set state = ?, worker = ?, claim = ?, began = ? where key = ? and state = ? returning *"
        rows = self._ask(sql, *values)
        return self._job(rows[0]) if rows else None

    def report(self, claim: str, step: Step) -> bool:
        """Records how far an attempt is; False once it has lost the job."""
        values = (step.stage, step.done, step.total, step.left, claim, RUNNING)
        sql = "update job set stage = ?, done = ?, total = ?, remaining = ? where claim = ? and state = ? returning key"
        return bool(self._ask(sql, *values))

    def holds(self, claim: str) -> bool:
        """Whether an attempt still has its job."""
        return bool(self._ask("select 1 from job where claim = ? and state = ?", claim, RUNNING))

    def finish(self, claim: str, answer: dict[str, Any]) -> bool:
        """Ends a job with its clip; False if the attempt has lost the job."""
        self._ask("update job set done = total, remaining = '' where claim = ? and state = ?", claim, RUNNING)
        return self._end(claim, DONE, answer)

    def fail(self, claim: str, answer: dict[str, Any]) -> bool:
        """Ends a job with an error; False if the attempt has lost the job."""
        return self._end(claim, FAILED, answer)

    # What the supervisor asks

    def reopen(self) -> None:
        """Queues again every job that a server which is gone left running."""
        self._ask("update job set state = ?, worker = null, claim = null where state = ?", QUEUED, RUNNING)

    def release(self, alive: Collection[str], most: int, answer: dict[str, Any]) -> None:
        """Takes back the jobs of workers that are not `alive`: queued again, or failed after `most` deaths."""
        for row in self._ask("select number, worker, claim, deaths from job where state = ?", RUNNING):
            if row["worker"] in alive:
                continue
            if row["deaths"] + 1 >= most:
                self.fail(row["claim"], answer)
            else:
                sql = "update job set state = ?, claim = null, deaths = deaths + 1 where number = ? and claim = ?"
                self._ask(sql, QUEUED, row["number"], row["claim"])

    def _end(self, claim: str, state: str, answer: dict[str, Any]) -> bool:
        values = (state, time.time(), json.dumps(answer), claim, RUNNING)
        sql = "update job set state = ?, ended = ?, answer = ? where claim = ? and state = ? returning key"
        return bool(self._ask(sql, *values))

    def _job(self, row: sqlite3.Row) -> Job:
        ahead = 0
        if row["state"] == QUEUED:
            sql = "select count(*) from job where state = ? and number < ?"
            ahead = self._ask(sql, QUEUED, row["number"])[0][0]
        return Job(
            row["key"],
            row["state"],
            json.loads(row["request"]),
            row["created"],
            row["began"],
            row["ended"],
            row["claim"],
            Step(row["stage"], row["done"], row["total"], row["remaining"]),
            json.loads(row["answer"] or "{}"),
            ahead,
        )

    def _ask(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()
