"""The gate before the server: who may ask, how often and how much; what is turned away does not reach the work.

Conventions: an ASGI middleware. A refusal is JSON as every error of the server; it comes before the body is read.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import math
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from animate.interfaces.http.failures import failure
from animate.interfaces.web.guard import HOSTS, KEPT_FREE, Refused, check_sender, is_loopback

READS = 20  # requests that change nothing, for each that does
WRONG_TOKENS = 20  # a minute
AT_ONCE = 8  # requests with a body
PATIENCE = 30.0  # seconds without a byte of a body that was announced
LINGER_BYTES, LINGER = 32_000_000, 2.0  # bytes and seconds of a refused body that are read, so that its sender listens
OTHER_NAME = "This server does not go by the host name of the request; it can be given one by --name."
MILLION = 1_000_000

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Rules:
    """What the gate holds to.

    Attributes:
        token: what every request must bring; "" for none.
        known: whether the server goes by a host name.
        largest: bytes of a request.
        rate: requests a minute from one address that start work or delete something.
        folder: where uploads go.
        open: paths that need no token.
    """

    token: str
    known: Callable[[str], bool]
    largest: int
    rate: int
    folder: Path
    open: Collection[str] = ()


def host_names(host: str, names: Collection[str]) -> Callable[[str], bool]:
    """Whether a server at address `host` goes by a name: those given, this computer's own, and beyond loopback any
    address in digits, which no other website can make a browser send.
    """
    own = {*HOSTS, "::1", host.lower(), *(name.lower() for name in names)}
    beyond = not is_loopback(host)
    return lambda name: name.lower() in own or (beyond and _in_digits(name))


def _in_digits(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Gate:
    """Wraps the ASGI application that works."""

    def __init__(self, app, rules: Rules):
        self._app, self._rules = app, rules
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._bodies = asyncio.Semaphore(AT_ONCE)
        self._reserved = 0  # bytes of the disk for bodies that are on their way

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        sending = _with_headers(send)
        try:
            self._check(scope, headers)
            if scope["method"] in ("GET", "HEAD", "DELETE"):
                return await self._app(scope, receive, sending)
            await self._take(scope, headers, receive, sending)
        except HTTPException as refused:
            await _refuse(refused, headers, receive, sending)

    def _check(self, scope, headers: dict[str, str]) -> None:
        """Raises HTTPException for a request that is turned away by what its first lines say."""
        try:
            check_sender(headers, self._rules.known, OTHER_NAME)
        except Refused as error:
            raise HTTPException(error.status, failure(str(error))) from error
        client = (scope.get("client") or ("",))[0]
        if scope["path"] not in self._rules.open:
            self._check_token(headers, client)
        reads = scope["method"] in ("GET", "HEAD")
        most = self._rules.rate * (READS if reads else 1)
        self._count(RateLimitItemPerMinute(most), "reads" if reads else "works", client)
        size = headers.get("content-length", "0")
        if not size.isdecimal() or int(size) > self._rules.largest:
            raise _too_large(self._rules.largest)

    def _check_token(self, headers: dict[str, str], client: str) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(token.strip().encode(), self._rules.token.encode())
        if not self._rules.token or (right and scheme.lower() == "bearer"):
            return
        self._count(RateLimitItemPerMinute(WRONG_TOKENS), "wrong", client)
        hint = "send the header Authorization: Bearer TOKEN, with the token that the server printed when it started"
        raise HTTPException(401, failure("the token is missing or wrong", hint), {"WWW-Authenticate": "Bearer"})

    def _count(self, most: RateLimitItem, what: str, client: str) -> None:
        if self._limiter.hit(most, what, client):
            return
        again = self._limiter.get_window_stats(most, what, client).reset_time - time.time()
        seconds = max(1, math.ceil(again))
        refusal = failure(f"more than {most.amount} requests a minute", f"come again in {seconds} seconds")
        raise HTTPException(429, refusal, {"Retry-After": str(seconds)})

    async def _take(self, scope, headers: dict[str, str], receive, send) -> None:
        """Hands on a request with a body: few bodies come at once, and none for which the disk has no room."""
        await self._bodies.acquire()
        coming = [True]

        def has_come() -> None:
            if coming:
                coming.clear()
                self._bodies.release()

        needed = 0
        try:
            needed = self._reserve(int(headers.get("content-length", self._rules.largest)))
            await self._app(scope, _bounded(receive, self._rules.largest, has_come), send)
        finally:
            self._reserved -= needed
            has_come()

    def _reserve(self, size: int) -> int:
        """Sets aside room for a body of `size` bytes and for what is kept of it; raises HTTPException."""
        needed = 2 * size
        if shutil.disk_usage(self._rules.folder).free - self._reserved - needed < KEPT_FREE:
            raise HTTPException(507, failure("the server's disk is nearly full", "make room there, then try again"))
        self._reserved += needed
        return needed


def _too_large(largest: int) -> HTTPException:
    limit = f"{largest / MILLION:g} MB"
    return HTTPException(
        413, failure(f"the request is larger than {limit}", "send a smaller file, for instance a JPEG")
    )


def _bounded(receive, largest: int, has_come: Callable[[], None]):
    """A receive function that raises HTTPException for a body that is too large or does not come; says when it has."""
    state = {"size": 0, "more": True}

    async def receiving():
        if not state["more"]:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            hint = "send it again, over a faster connection"
            raise HTTPException(408, failure(f"nothing came for {PATIENCE:.0f} seconds", hint)) from None
        state["size"] += len(message.get("body", b""))
        state["more"] = message.get("more_body", False)
        if state["size"] > largest:
            raise _too_large(largest)
        if not state["more"]:
            has_come()
        return message

    return receiving


def _with_headers(send):
    """A send function that adds the headers of every answer."""

    async def sending(message):
        if message["type"] == "http.response.start":
            ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *ours]}
        await send(message)

    return sending


async def _refuse(refused: HTTPException, headers: dict[str, str], receive, send) -> None:
    """Answers at once, then reads on a little: many a program listens only when it has sent everything."""
    body = json.dumps(refused.detail).encode()
    about = {"content-type": "application/json", "content-length": str(len(body)), **(refused.headers or {})}
    start = {"type": "http.response.start", "status": refused.status_code}
    await send({**start, "headers": [(name.lower().encode(), value.encode()) for name, value in about.items()]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if "expect" not in headers:
        try:
            await asyncio.wait_for(_drain(receive), LINGER)
        except TimeoutError:
            pass
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive) -> None:
    size, more = 0, True
    while more and size < LINGER_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
