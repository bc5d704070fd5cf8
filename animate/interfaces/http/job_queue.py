"""The order in which jobs are run, by huey with SQLite as its store: messages that name a job and nothing else.

huey deletes a message before its task runs, so that a killed worker loses it. The jobs' table is the truth: a message
without a queued job has no effect, a queued job without a message gets a new one.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

_PATIENCE = 30  # seconds that a writer waits for another
_POLLING = {"initial_delay": 0.05, "backoff": 1.15, "max_delay": 0.5}  # seconds between two looks at an empty queue


class JsonSerializer(Serializer):
    """Messages as JSON: what is read from the disk executes nothing."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(**json.loads(bytes(data)))


class JobQueue:
    """The queue in the file at `path`; a worker's runs `work(key)` for each message."""

    def __init__(self, path: Path, work: Callable[[str], None] | None = None):
        more: dict[str, Any] = {"serializer": JsonSerializer(), "results": False}
        self._huey = SqliteHuey("keepsake", filename=str(path), timeout=_PATIENCE, strict_fifo=True, **more)

        @self._huey.task(name="run_job")
        def run_job(key: str) -> None:
            if work:
                work(key)

        self._run_job = run_job

    def put(self, key: str) -> None:
        """A message at the end of the queue."""
        self._run_job(key)

    def renew(self, keys: Iterable[str]) -> None:
        """Empties the queue, then puts a message for each of the jobs."""
        self._huey.flush()
        for key in keys:
            self.put(key)

    def complete(self, keys: Iterable[str]) -> None:
        """Puts a message for each of the jobs that has none."""
        known = {task.args[0] for task in self._huey.pending()}
        for key in keys:
            if key not in known:
                self.put(key)

    def serve(self) -> None:
        """Runs the jobs of the queue one after another, for as long as this process lives; for the main thread.

        huey's own answers to signals are taken back: ending at once is safe, and SIGTERM does it.
        """
        consumer = self._huey.create_consumer(workers=1, periodic=False, **_POLLING)
        before = {number: signal.getsignal(number) for number in signal.valid_signals()}
        consumer.start()
        for number, handler in before.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        checked: float | None = time.monotonic()
        while True:
            checked = consumer.loop(checked)
