"""The gate before the page's server: only this page's own requests pass, and only files of its own folder are read.

Conventions: an ASGI middleware. A refusal is one plain sentence with an HTTP status. Gradio fetches any address
and opens any file that a request names as uploaded, so every such path is checked here, before Gradio sees the request.
"""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOSTS = ("127.0.0.1", "localhost")
_OTHER = f"This page answers to {' and '.join(HOSTS)} only."
LARGEST_FILE = 700_000_000  # bytes of one upload: a scan of 200 million pixels without compression
MOST_FILES = 2000  # files that the folder holds at most, so that nobody fills the disk
MOST_BYTES = 8_000_000_000  # bytes that the folder holds at most
KEPT_FREE = 500_000_000  # bytes of the disk that uploads leave free
LARGEST_EVENT = 2_000_000  # bytes of one event of the page

_READ = re.compile(
    r"/|/(config|theme\.css|favicon\.ico|manifest\.json)/?|/(assets|static|svelte)/.*"
    r"|/gradio_api/(startup-events|theme\.css|app_id|queue/data|upload_progress|heartbeat/[\w-]+|file=.+)/?"
)
_WRITTEN = re.compile(r"/gradio_api/(upload|queue/join|reset|cancel)/?")
_INLINE = re.compile(r"(image/(png|jpeg|webp|gif|avif|bmp)|video/[\w.-]+)$")  # what a browser may show as it is
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), browsing-topics=()",
}


class Refused(Exception):
    """A request that is turned away: the HTTP status and a sentence for the person."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status


class Guard:
    """Wraps an ASGI application whose files, uploaded and made, all lie in `folder`."""

    def __init__(self, app, *, folder: str | Path):
        self._app, self._folder = app, Path(folder).resolve()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return None
        try:
            receive = await self._admitted(scope, receive)
        except Refused as refused:
            return await _refuse(send, refused)
        return await self._app(scope, receive, _with_headers(send, inline_only=_is_file(scope["path"])))

    async def _admitted(self, scope, receive):
        """The receive function to go on with; raises Refused."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        check_sender(headers)
        path, method = scope["path"], scope["method"]
        if method in ("GET", "HEAD"):
            self._check_read(path)
            return receive
        if method != "POST" or not _WRITTEN.fullmatch(path):
            raise Refused(404, "The page has nothing there.")
        if "/upload" in path:
            self._check_upload(headers)
            return receive
        return await self._checked_event(headers, receive)

    def _check_read(self, path: str) -> None:
        if not _READ.fullmatch(path):
            raise Refused(404, "The page has nothing there.")
        if _is_file(path) and not self.holds(path.split("file=", 1)[1]):
            raise Refused(403, "Only photographs and clips of this page can be read.")

    def _check_upload(self, headers: dict[str, str]) -> None:
        size = headers.get("content-length", "")
        if not size.isdecimal() or "transfer-encoding" in headers:  # which would make the size mean nothing
            raise Refused(411, "The size of the file was not given.")
        if int(size) > LARGEST_FILE:
            raise Refused(413, f"That file is larger than {LARGEST_FILE // 1_000_000} MB. Save it smaller, as a JPEG.")
        files = [file.stat().st_size for file in self._folder.rglob("*") if file.is_file()]
        if len(files) >= MOST_FILES or sum(files) + int(size) > MOST_BYTES:
            raise Refused(507, "The page holds as many files as it may. Close Keepsake and start it again.")
        if shutil.disk_usage(self._folder).free - int(size) < KEPT_FREE:
            raise Refused(507, "The disk is nearly full. Make some room, then try again.")

    async def _checked_event(self, headers: dict[str, str], receive):
        """Reads the whole event, checks what it names, and gives a receive function that hands it on."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
            if len(body) > LARGEST_EVENT:
                raise Refused(413, "That is more than the page ever sends.")
        if "application/json" not in headers.get("content-type", ""):
            raise Refused(415, "The page sends JSON only.")
        try:
            named = list(_named_files(json.loads(body or b"null")))
        except (ValueError, RecursionError) as error:
            raise Refused(400, "That is not what the page sends.") from error
        if not all(isinstance(path, str) and self.holds(path) for path in named):
            raise Refused(403, "Only files that were given to this page can be used.")
        return _replay(body, receive)

    def holds(self, path: str) -> bool:
        """Whether `path` is a file of the page's own folder; asks the disk, never a network."""
        try:
            file = Path(path).resolve()
            return file.is_relative_to(self._folder) and file.is_file()
        except (OSError, ValueError, RuntimeError):
            return False


def check_sender(
    headers: dict[str, str], known: Callable[[str], bool] = HOSTS.__contains__, other: str = _OTHER
) -> None:
    """Raises Refused unless a request comes from the page itself, or from a program that is no browser.

    Args:
        headers: those of the request, by their names in small letters.
        known: whether the server goes by a host name.
        other: the refusal of a host name that is not known.
    """
    host = headers.get("host", "")
    if not known(_hostname(host)):
        raise Refused(400, other)
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        raise Refused(403, "Another website asked for this; it is not answered.")
    own = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    if not own and headers.get("sec-fetch-mode") != "navigate":  # a link may lead here
        raise Refused(403, "Another website asked for this; it is not answered.")


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hostname(host: str) -> str:
    """The name or address in a Host header, "" for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _named_files(value: object) -> Iterator[object]:
    """Whatever in an event Gradio would take for a file: the `path` of any mapping."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("path") is not None:
                yield value["path"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _is_file(path: str) -> bool:
    return unquote(path).startswith("/gradio_api/file=")


def _replay(body: bytes, receive):
    """A receive function that gives `body` once, then whatever comes after it."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again():
        return waiting.pop() if waiting else await receive()

    return again


def _with_headers(send, *, inline_only: bool):
    """A send function that adds the headers of every answer; of files, only pictures and films are shown in place."""

    async def sending(message):
        if message["type"] == "http.response.start":
            ours = dict(_HEADERS)
            headers = [(name.lower(), value) for name, value in message.get("headers", [])]
            kind = dict(headers).get(b"content-type", b"").decode("latin-1").split(";")[0].strip()
            if inline_only and not _INLINE.match(kind):
                ours |= {"content-type": "application/octet-stream", "content-disposition": "attachment"}
            replaced = {name.encode() for name in ours}
            headers = [pair for pair in headers if pair[0] not in replaced]
            message = {**message, "headers": headers + [(n.encode(), v.encode()) for n, v in ours.items()]}
        await send(message)

    return sending


async def _refuse(send, refused: Refused) -> None:
    body = str(refused).encode()
    headers = {**_HEADERS, "content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
    start = {"type": "http.response.start", "status": refused.status}
    await send({**start, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]})
    await send({"type": "http.response.body", "body": body})
