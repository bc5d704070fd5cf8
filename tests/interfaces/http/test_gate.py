"""The gate: who may ask, how often, how much, and what a refusal looks like."""

from __future__ import annotations

import asyncio
import json

import pytest
from running import run

from animate.interfaces.http import gate
from animate.interfaces.http.gate import Gate, Rules, host_names

TOKEN = "0123456789abcdef"
HOST = "127.0.0.1:8000"


@pytest.fixture
def rules(tmp_path):
    def made(**more) -> Rules:
        usual = {"token": TOKEN, "known": host_names("127.0.0.1", ()), "largest": 1000, "rate": 1000}
        return Rules(**usual | {"folder": tmp_path, "open": ("/health",)} | more)

    return made


class Asked:
    """A gate and the application behind it, which reads the whole body."""

    def __init__(self, rules: Rules):
        self.gate, self.bodies = Gate(self._app, rules), []

    async def _app(self, scope, receive, send):
        body, more = b"", scope["method"] == "POST"
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def __call__(self, path="/v1/jobs", method="GET", body=(b"",), client="10.0.0.1", token=TOKEN, **headers):
        """(status, headers, JSON) of a request; an underscore in a header's name is a dash."""
        return run(self.ask(path, method, body, client, token, **headers))

    async def ask(self, path="/v1/jobs", method="GET", body=(b"",), client="10.0.0.1", token=TOKEN, **headers):
        parts, answers = list(body), []

        async def receive():
            if not parts:
                await asyncio.sleep(3600)
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts) or part == b"more"}

        async def send(message):
            answers.append(message)

        named = {"host": HOST, "authorization": f"Bearer {token}", **headers}
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
        scope = {"type": "http", "path": path, "method": method, "headers": raw, "client": (client, 1)}
        await self.gate(scope, receive, send)
        said = {name.decode().lower(): value.decode() for name, value in answers[0]["headers"]}
        return answers[0]["status"], said, json.loads(b"".join(answer["body"] for answer in answers[1:]))


def test_a_request_with_the_token_passes(rules):
    asked = Asked(rules())
    assert asked()[0] == 200 and asked(method="POST", body=(b"a", b"b"))[0] == 200
    assert asked.bodies == [b"", b"ab"]


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_without_the_token_nothing_passes(rules, sent):
    asked = Asked(rules())
    status, headers, said = asked(authorization=sent)
    assert (status, headers["www-authenticate"], asked.bodies) == (401, "Bearer", [])
    assert said.keys() == {"error", "hint", "kind"}
    assert asked("/health", authorization=sent)[0] == 200


def test_tokens_are_compared_in_constant_time(rules, monkeypatch):
    compared = []
    monkeypatch.setattr(gate.hmac, "compare_digest", lambda *both: compared.append(both) or both[0] == both[1])
    assert Asked(rules())(token="x")[0] == 401
    assert compared == [(b"x", TOKEN.encode())]


def test_a_server_without_a_token_asks_for_none(rules):
    assert Asked(rules(token=""))(authorization="")[0] == 200


def test_guessing_is_slowed_down_and_who_has_the_token_is_not(rules):
    asked = Asked(rules())
    assert {asked(token=f"wrong {number}")[0] for number in range(gate.WRONG_TOKENS)} == {401}
    status, headers, _ = asked(token="wrong")
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 60
    assert asked()[0] == 200 and asked(token="wrong", client="10.0.0.2")[0] == 401


def test_work_is_limited_for_each_address_and_questions_less(rules):
    asked = Asked(rules(rate=2))
    post = lambda client: asked(method="POST", client=client)
    assert [post("10.0.0.1")[0] for _ in range(2)] == [200, 200]
    status, headers, said = post("10.0.0.1")
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 60 and headers["retry-after"] in said["hint"]
    assert asked(method="DELETE")[0] == 429
    assert post("10.0.0.2")[0] == 200
    assert [asked()[0] for _ in range(2 * gate.READS + 1)] == [200] * 2 * gate.READS + [429]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "", "127.0.0.1.evil.example", "10.0.0.5:8000", "[", "[::"]
)
def test_another_host_name_is_turned_away(rules, host):
    asked = Asked(rules())
    status, _, said = asked(host=host)
    assert status == 400 and "host name" in said["error"] and not asked.bodies


@pytest.mark.parametrize(
    ("listening", "names", "good", "bad"),
    [
        ("127.0.0.1", (), ("127.0.0.1", "localhost", "::1"), ("10.0.0.5", "archive.local", "")),
        ("0.0.0.0", (), ("10.0.0.5", "localhost", "fe80::1"), ("archive.local", "evil.example", "")),
        ("0.0.0.0", ("Archive.local",), ("archive.local", "10.0.0.5"), ("evil.example", "local")),
        ("archive.local", (), ("archive.local",), ("evil.example",)),
    ],
)
def test_the_host_names_of_a_server(listening, names, good, bad):
    known = host_names(listening, names)
    assert all(map(known, good)) and not any(map(known, bad))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8001", "https://127.0.0.1:8000"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_website_may_ask(rules, origin, method):
    asked = Asked(rules(token=""))
    assert asked(method=method, origin=origin)[0] == 403
    assert asked(method=method, sec_fetch_site="cross-site")[0] == 403
    assert not asked.bodies


@pytest.mark.parametrize("length", ["1001", "99999999999999", "-1", "1e3", "x"])
def test_a_length_that_is_too_large_or_none_is_refused_unread(rules, length):
    asked = Asked(rules())
    assert asked(method="POST", content_length=length, expect="100-continue")[0] == 413
    assert not asked.bodies


def test_a_body_without_a_length_is_counted(rules):
    asked = Asked(rules())
    assert asked(method="POST", body=(b"x" * 600, b"x" * 400))[0] == 200
    assert asked(method="POST", body=(b"x" * 600, b"x" * 401, b"x"))[0] == 413


def test_a_body_that_does_not_come_is_given_up(rules, monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.05)
    asked = Asked(rules())
    status, _, said = asked(method="POST", body=(b"more",), expect="100-continue")
    assert status == 408 and said["hint"]


def test_a_refused_body_is_read_for_a_moment_only(rules, monkeypatch):
    monkeypatch.setattr(gate, "LINGER", 0.05)
    assert Asked(rules())(method="POST", token="x", body=(b"more",))[0] == 401


def test_the_disk_keeps_room(rules, monkeypatch):
    monkeypatch.setattr(gate, "KEPT_FREE", 10**18)
    asked = Asked(rules())
    status, _, said = asked(method="POST")
    assert status == 507 and "disk" in said["error"] and not asked.bodies
    assert asked()[0] == 200


def test_few_bodies_are_read_at_once(rules):
    asked, reading, most = Asked(rules()), [0], [0]

    async def app(scope, receive, send):
        reading[0] += 1
        most[0] = max(most[0], reading[0])
        await asyncio.sleep(0.01)
        reading[0] -= 1
        await asked._app(scope, receive, send)

    async def together():
        asked.gate._app = app
        return await asyncio.gather(*(asked.ask(method="POST") for _ in range(3 * gate.AT_ONCE)))

    assert {answer[0] for answer in run(together())} == {200}
    assert most[0] == gate.AT_ONCE


def test_whoever_is_waited_for_holds_up_nobody_whose_body_comes(rules):
    asked, done = Asked(rules()), asyncio.Event()

    async def app(scope, receive, send):
        first = len(asked.bodies) < gate.AT_ONCE
        await asked._app(scope, receive, send)
        if first:
            await done.wait()
        else:
            done.set()

    async def together():
        asked.gate._app = app
        posting = [asyncio.create_task(asked.ask(method="POST", body=(b"a", b"b"))) for _ in range(gate.AT_ONCE + 1)]
        return await asyncio.wait_for(asyncio.gather(*posting), 30)

    assert {answer[0] for answer in run(together())} == {200}


def test_websockets_are_not_answered(rules):
    async def never(*arguments):
        raise AssertionError("it reached the application")

    run(Gate(never, rules())({"type": "websocket", "path": "/", "headers": []}, never, never))
