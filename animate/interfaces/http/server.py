"""Starts the server: the folder, the workers, the gate, and uvicorn that listens; ends them together."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from animate.core.errors import OutputError
from animate.interfaces.http.app import OPEN, build
from animate.interfaces.http.desk import Desk
from animate.interfaces.http.folder import held
from animate.interfaces.http.gate import MILLION, Gate, Rules, host_names
from animate.interfaces.http.jobs import JobStore
from animate.interfaces.http.make import make
from animate.interfaces.http.workers import Workers

GRACE = 3  # seconds that answers on their way have at the end
HOUR = 3600.0


@dataclass(frozen=True)
class Settings:
    """What the person who runs the server chose.

    Attributes:
        host, port: where it listens; port 0 takes a free one.
        names: further host names that it goes by.
        token: what every request must bring; "" for none.
        folder: where uploads, jobs and clips are kept.
        keep: hours for which an ended job is kept.
        largest: megabytes of a request.
        rate: requests a minute from one address that start work or delete something.
        workers: clips made at once.
        threads: processor cores of each, 0 its share of all.
    """

    host: str
    port: int
    names: tuple[str, ...]
    token: str
    folder: Path
    keep: float
    largest: int
    rate: int
    workers: int
    threads: int


def launch(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves until it is stopped; jobs that are not finished then are run by the next server. For the main thread.

    Args:
        settings: what was chosen.
        announce: called with the address once the server listens.

    Raises:
        OutputError: the folder or the port cannot be used.
    """
    os.umask(0o077)
    with held(settings.folder) as folder, _listening(settings.host, settings.port) as listener:
        tempfile.tempdir = str(folder.incoming)  # where uploads are put as they come
        with closing(JobStore(folder.store)) as store:
            keep = settings.keep * HOUR
            workers = Workers(folder, store, make, count=settings.workers, threads=settings.threads, keep=keep)
            desk = Desk(folder, store, workers, keep)
            server = _server(desk, settings)
            desk.stopping = lambda: server.should_exit
            try:
                workers.start()
                announce(_address(settings.host, listener))
                with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
                    server.run(sockets=[listener])
            finally:
                workers.stop()
                desk.looks.stop()


def _server(desk: Desk, settings: Settings) -> uvicorn.Server:
    """uvicorn with the gate and, behind it, the application."""
    known, largest = host_names(settings.host, settings.names), settings.largest * MILLION
    rules = Rules(settings.token, known, largest, settings.rate, desk.folder.root, OPEN)
    gate = Gate(build(desk, token=bool(settings.token)), rules)
    quiet: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}
    plain: dict[str, Any] = {"http": "h11", "ws": "none", "lifespan": "off", "proxy_headers": False}
    return uvicorn.Server(uvicorn.Config(gate, timeout_graceful_shutdown=GRACE, **quiet, **plain))


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; raises OutputError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        hint = "close what listens there, or name another --port; --host is an address of this computer"
        raise OutputError(f"{host} port {port} cannot be used: {error.strerror or error}", hint=hint) from error
    with listener:
        yield listener


def _address(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"
