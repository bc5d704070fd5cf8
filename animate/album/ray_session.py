"""A connection to a Ray cluster, or a cluster of this computer's own: how it begins, what it holds, how it ends.

The only file that knows Ray. Nothing is sent to its makers: usage statistics are off, and a cluster of one's own has no
dashboard and asks for a token at its ports. While it lasts nothing comes to standard output, to which Ray would write
of its own accord; when it ends, the environment is as before.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from animate.core import files
from animate.core.errors import KeepsakeError, MissingExtra, OptionError

LOCAL = "local"
STORE_BYTES = 500_000_000  # of a local cluster's object store
PATIENCE = 10.0  # seconds in which a cluster's head node has to answer
_SHORT = Path("/tmp")  # sockets lie in a local cluster's folder, and their paths may have 107 bytes
_TOKEN_FILE = Path("~/.ray/auth_token")
_ENDED = "run the album again: what is finished is not made again"


class TaskLost(Exception):
    """The process or the node of a task ended, as often as it was tried."""


class Session:
    """A context within which tasks can be submitted."""

    def __init__(self, address: str, processes: int):
        """`address`: LOCAL or where a cluster answers; `processes`: of a local cluster."""
        self._address, self._processes = address, processes
        self._functions: dict[Callable, Any] = {}

    def __enter__(self) -> Session:
        """Raises MissingExtra without Ray, OptionError where no cluster answers."""
        _ask(self._address)
        with ExitStack() as stack:
            stack.enter_context(_settings(own=self._address == LOCAL))
            stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, "w"))))  # Ray talks there
            self._ray = _ray()
            choices: dict[str, Any] = {"address": self._address}
            if self._address == LOCAL:
                choices |= self._own(stack.enter_context(_folder()))
            try:
                stack.callback(self._ray.shutdown)
                with _own_signals():
                    self._ray.init(log_to_driver=False, logging_level=logging.ERROR, **choices)
            except (ConnectionError, OSError, RuntimeError, ValueError, self._ray.exceptions.RayError) as error:
                raise _unreached(self._address, error) from error
            self._kept = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def _own(self, folder: Path) -> dict[str, Any]:
        return {
            "num_cpus": self._processes,
            "num_gpus": 0,
            "include_dashboard": False,
            "object_store_memory": STORE_BYTES,
            "_temp_dir": str(folder),
        }

    def demand(self, cores: int, memory: int) -> dict[str, int]:
        """What a task asks of a node, as Ray's options: no more than the largest node has."""
        wanted = {"CPU": cores, "memory": memory}
        largest = {name: max((int(node.get(name, 0)) for node in self._nodes()), default=0) for name in wanted}
        cpu, bytes_ = (min(amount, largest[name] or amount) for name, amount in wanted.items())
        return {"num_cpus": cpu, "memory": bytes_}

    def slots(self, demand: dict[str, int]) -> int:
        """How many such tasks can run at once, at least one."""
        names = {"num_cpus": "CPU", "memory": "memory"}
        fitting = [
            min(int(node.get(names[name], 0) // amount) for name, amount in demand.items()) for node in self._nodes()
        ]
        return max(1, sum(fitting))

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def submit(self, function: Callable, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
        """A task that calls `function` of a module on some node."""
        if function not in self._functions:
            self._functions[function] = self._ray.remote(function)
        return self._functions[function].options(**options).remote(*arguments)

    def ended(self, tasks: Sequence[Any], seconds: float) -> list[Any]:
        """A task that ended, or none after so many seconds."""
        return self._ray.wait(list(tasks), num_returns=1, timeout=seconds)[0]

    def result(self, task: Any) -> Any:
        """What a task returned; raises what it raised, TaskLost, or KeepsakeError where the cluster failed."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(task)
        except (
            errors.WorkerCrashedError,
            errors.OutOfMemoryError,
            errors.NodeDiedError,
            errors.ObjectLostError,
        ) as lost:
            raise TaskLost(str(lost)) from lost
        except errors.RayError as error:
            cause = getattr(error, "cause", None) or error
            if isinstance(cause, errors.RayError):
                raise _failed(cause) from error
            raise cause from None

    def cancel(self, tasks: Sequence[Any], seconds: float) -> None:
        """Ask tasks to give up what they do, and end those that have not after so many seconds."""
        left = list(tasks)
        for force in (False, True) if left and self._ray.is_initialized() else ():
            for task in left:
                self._ray.cancel(task, force=force)
            _, left = self._ray.wait(left, num_returns=len(left), timeout=seconds)
            if not left:
                return


def _ask(address: str) -> None:
    """Whether anything answers at HOST:PORT: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal() and "//" not in host:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
        except (OSError, OverflowError) as error:
            raise _unreached(address, error) from error


def _unreached(address: str, error: Exception) -> OptionError:
    reason = " ".join(str(error).split())[:300]
    hint = "check the address and, where the cluster asks for a token, that ~/.ray/auth_token is here too; or use local"
    return OptionError(f"no Ray cluster answers at {address}: {reason}", hint=hint)


def _failed(error: Exception) -> KeepsakeError:
    """What is to be said of an error of Ray's own."""
    missing = re.search(r"No module named '([\w.]+)'", str(error))
    if missing:
        hint = "install this version of keepsake, and what it needs, on every node"
        return OptionError(f"a node of the cluster has no {missing[1]}", hint=hint)
    return KeepsakeError(f"the Ray cluster failed: {' '.join(str(error).split())[:300]}", hint=_ENDED)


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        hint = "pip install 'keepsake[cluster]'"
        raise MissingExtra("an album on a cluster needs Ray, which is not installed", hint=hint) from error
    return ray


@contextmanager
def _settings(*, own: bool) -> Iterator[None]:
    """What Ray reads from the environment; what it changes is changed back."""
    environment = dict(os.environ)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if own:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _token()}
    elif _TOKEN_FILE.expanduser().is_file():  # else Ray leaves it aside where an address is given
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        yield
    finally:
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update(environment)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself as it connects; afterwards it is handled as before."""
    handled = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and handled is not None:
            signal.signal(signal.SIGTERM, handled)


@cache
def _token() -> str:
    """Of this process, as Ray reads it once."""
    return secrets.token_hex(32)


@contextmanager
def _folder() -> Iterator[Path]:
    """For logs and sockets of a local cluster; gone afterwards, at the latest when the next one begins."""
    home = _SHORT if _SHORT.is_dir() else Path(tempfile.gettempdir())
    files.sweep(home)
    with files.staging(home) as folder:
        yield folder
