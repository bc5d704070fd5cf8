"""Requests as strangers send them, damaged: to the page's gate and to the HTTP API, whole but for workers and networks.

Conventions: a request's body is the damaged file; path and headers are right. The answer has a status below 500 and,
where it is a refusal, plain words; nothing of a refused request stays on the disk.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from running import run

from animate.core.errors import KeepsakeError

HOST, BOUNDARY = "127.0.0.1:8000", "0f1e2d"
LARGEST = 300_000  # bytes of a request


def event(body: bytes) -> None:
    """An event of the page at its gate: handed on, or refused in words."""
    from animate.interfaces.web.guard import Guard

    reached: list[bytes] = []

    async def page(scope, receive, send):
        reached.append((await receive())["body"])

    with tempfile.TemporaryDirectory() as folder:
        sent = _asked(Guard(page, folder=folder), "/gradio_api/queue/join", body, "application/json")
        if reached:
            assert reached == [body] and not sent
            return
        assert 400 <= sent[0]["status"] < 500 and sent[1]["body"].endswith(b"."), sent


def form(address: str, body: bytes) -> int:
    """A form at an address of the HTTP API; the status of the answer."""
    with _api() as (app, root), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Starlette leaves the parts of a broken form to be collected
        sent = _asked(app, f"/v1/{address}", body, f"multipart/form-data; boundary={BOUNDARY}")
        gc.collect()
        status, answer = sent[0]["status"], json.loads(b"".join(part["body"] for part in sent[1:]))
        assert status < 500, answer
        if status >= 300:
            assert answer["error"] and answer["kind"] and "Unexpected" not in answer["kind"], answer
            assert not [*(root / "jobs").iterdir()], answer
        assert not [*(root / "incoming").iterdir()]
    return status


def page(body: bytes) -> None:
    """What an event carries, to every handler of the page, with a photograph there and with none."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return
    sent = {**(sent if isinstance(sent, dict) else {}), "tab": "a"}
    with _fake_pipeline():
        handlers, session, driving = _handlers()
        for name, held in _HANDLERS.items():
            for there in (True, False):
                given = {"session": session, "driving": driving}
                with contextlib.suppress(KeepsakeError):
                    getattr(handlers, name)(dict(sent), *(given[one] if there else None for one in held))


_HANDLERS = {
    "came": (), "outlined": ("session",), "chosen": ("session",), "several": ("session",), "helped": ("session",),
    "more_came": ("session",), "more_away": ("session",), "more_insisted": ("session",), "moved": ("session",),
    "driver_came": (), "trimmed": ("driving",), "show": (), "remove": (),
}  # fmt: skip


@contextlib.contextmanager
def _fake_pipeline() -> Iterator[None]:
    import fakes

    import animate

    fake = fakes.FakePipeline()
    with patch.dict(sys.modules, {"animate.api": fake}), patch.object(animate, "api", fake, create=True):
        yield


@cache
def _handlers() -> tuple:
    """The page's handlers, a session and a driving video; made once a process."""
    from animate.interfaces.web import work
    from animate.interfaces.web.handlers import Handlers

    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of gradio's
        handlers = Handlers(folder)
    (folder / "grandma.png").touch()
    session = work.open_photo(str(folder / "grandma.png"), folder)
    return handlers, session, work.Driving(str(folder / "me.mp4"))


@contextlib.contextmanager
def _api() -> Iterator[tuple]:
    """The gate with everything behind it, and its folder."""
    from animate.interfaces.http.app import OPEN, build
    from animate.interfaces.http.desk import Desk
    from animate.interfaces.http.folder import Folder
    from animate.interfaces.http.gate import Gate, Rules, host_names
    from animate.interfaces.http.jobs import JobStore

    root = Path(tempfile.mkdtemp())
    folder = Folder(root)
    folder.jobs.mkdir()
    folder.incoming.mkdir()
    queue = SimpleNamespace(put=lambda key: None)
    try:
        with contextlib.closing(JobStore(folder.store)) as store:
            desk = Desk(folder, store, SimpleNamespace(alive=[1], queue=queue), 3600.0)  # type: ignore[arg-type]
            desk.looks = SimpleNamespace(ask=_look)  # type: ignore[assignment]
            rules = Rules("", host_names("127.0.0.1", ()), LARGEST, 10_000, root, OPEN)
            yield Gate(build(desk, token=False), rules), root
    finally:
        shutil.rmtree(root)


def _look(work, *arguments) -> dict:
    """What a look at a file answers when it shows nothing."""
    from animate.interfaces.http import look

    assert all(path.is_file() for path in arguments if isinstance(path, Path))
    if work is look.faces:
        return {"photo": "a", "width": 1, "height": 1, "faces": [], "notes": []}
    states = dict.fromkeys(("manifest", "invisible", "icon", "slip", "photo", "conclusion", "mark_id"), "absent")
    return {"file": "a", "confidence": 0.0, "lines": ["x"], "contradictions": [], **states}


def _asked(app, path: str, body: bytes, kind: str) -> list[dict]:
    """The messages with which an application answers a POST that comes in two parts."""
    half = len(body) // 2
    parts, sent = [body[:half], body[half:]], []

    async def receive():
        if not parts:
            await asyncio.sleep(60)
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    headers = {"host": HOST, "content-type": kind, "content-length": str(len(body))}
    scope = {"type": "http", "path": path, "raw_path": path.encode(), "method": "POST", "query_string": b"",
             "http_version": "1.1", "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "server": None,
             "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}  # fmt: skip
    run(app(scope, receive, send))
    return sent
