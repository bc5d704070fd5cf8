"""The gate before the page's server: who may ask, what may be read, what an answer's headers say."""

from __future__ import annotations

import json
import socket

import pytest
from running import run

from animate.interfaces.web import guard

HOST = "127.0.0.1:7860"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "page"
    (path / "upload").mkdir(parents=True)
    (path / "upload" / "grandma.jpg").write_bytes(b"x")
    (tmp_path / "secret.jpg").write_bytes(b"y")
    (path / "upload" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    return path


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def tried(*arguments, **named):
        raise AssertionError("the network was asked")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, tried)
    monkeypatch.setattr(socket.socket, "connect", tried)


def asked(folder, path="/", method="GET", body=b"", kind="text/html", **headers):
    """(status, headers, body, whether the request reached the page) of a request; an underscore in a name is a dash."""
    reached = []

    async def page(scope, receive, send):
        reached.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", kind.encode())]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    answers = []

    async def send(message):
        answers.append(message)

    named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {"type": "http", "path": path, "method": method}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in named.items()]
    run(guard.Guard(page, folder=folder)(scope, receive, send))
    said = {name.decode().lower(): value.decode() for name, value in answers[0]["headers"]}
    return answers[0]["status"], said, answers[1]["body"].decode(), reached


def event(folder, *data, **more):
    body = json.dumps({"data": data, "fn_index": 1, "session_hash": "a", **more}).encode()
    return asked(folder, "/gradio_api/queue/join", "POST", body, content_type="application/json")


def test_the_page_answers_itself(folder):
    status, headers, body, reached = asked(folder, origin=f"http://{HOST}", sec_fetch_site="same-origin")
    assert (status, body, len(reached)) == (200, "ok", 1)
    assert "frame-ancestors 'none'" in headers["content-security-policy"] and headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "", "127.0.0.1.evil.example", "10.0.0.5:7860"])
def test_another_host_name_is_turned_away(folder, host):
    status, _, words, reached = asked(folder, host=host)
    assert status == 400 and not reached and "localhost" in words


@pytest.mark.parametrize("path", ["upload", "queue/join", "reset", "cancel"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8000", "https://127.0.0.1:7860"])
def test_no_other_site_may_send_anything(folder, path, origin):
    headers = {"origin": origin, "content_type": "application/json", "content_length": "2"}
    status, headers, words, reached = asked(folder, f"/gradio_api/{path}", "POST", b"{}", **headers)
    assert status == 403 and not reached and "Another website" in words
    assert headers["content-type"].startswith("text/plain")


def test_a_site_that_hides_its_origin_is_turned_away_too(folder):
    assert asked(folder, "/gradio_api/upload", "POST", content_length="2", sec_fetch_site="cross-site")[0] == 403
    assert asked(folder, "/gradio_api/config", sec_fetch_site="same-site")[0] == 403


def test_a_link_to_the_page_works(folder):
    assert asked(folder, sec_fetch_site="cross-site", sec_fetch_mode="navigate")[0] == 200


def test_an_event_reaches_the_page_whole(folder):
    path = str(folder / "upload" / "grandma.jpg")
    status, _, _, reached = event(folder, {"path": path, "meta": {"_type": "gradio.FileData"}}, None, "words", 3)
    assert status == 200 and json.loads(reached[0])["data"][0]["path"] == path


@pytest.mark.parametrize(
    "path",
    ["http://11.22.33.44/a.jpg", "http://localhost/a.jpg", "https://dns.google/a.jpg", "//host/a.jpg", "/etc/passwd",
     "{folder}/upload/../../secret.jpg", "{folder}/upload/link.jpg", "{folder}/upload", "{folder}/upload/none.jpg",
     "file:///etc/passwd", "\0", "x" * 5000, 7, ["a"], {"a": "b"}],
)  # fmt: skip
def test_only_files_of_this_page_may_be_named(folder, path):
    path = path.format(folder=folder) if isinstance(path, str) else path
    for data in ({"path": path, "meta": {"_type": "gradio.FileData"}}, {"value": [{"path": path}]}):
        status, _, words, reached = event(folder, data)
        assert status == 403 and not reached and "given to this page" in words
    assert event(folder, event_data={"deep": {"path": path}})[0] == 403


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b"{}" + b" " * guard.LARGEST_EVENT])
def test_what_is_no_event_is_refused_in_plain_words(folder, body):
    kind = "application/json"
    status, _, words, reached = asked(folder, "/gradio_api/queue/join", "POST", body, content_type=kind)
    assert status in (400, 413) and not reached and words.endswith(".")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "http://11.22.33.44/a.jpg", "{folder}/../secret.jpg", "{folder}/upload/link.jpg", "{folder}"],
)
def test_only_files_of_this_page_may_be_read(folder, path):
    status, _, _, reached = asked(folder, "/gradio_api/file=" + path.format(folder=folder))
    assert status == 403 and not reached
    assert asked(folder, f"/gradio_api/file={folder}/upload/grandma.jpg")[0] == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [("/gradio_api/proxy=http://a", "GET"), ("/gradio_api/run/predict", "POST"), ("/gradio_api/vibe-edit", "POST"),
     ("/gradio_api/process_recording", "POST"), ("/gradio_api/file/etc/passwd", "GET"), ("/monitoring", "GET"),
     ("/gradio_api/runs", "GET"), ("/login", "POST"), ("/gradio_api/upload", "PUT"), ("/", "DELETE")],
)  # fmt: skip
def test_what_the_page_does_not_need_is_not_there(folder, path, method):
    status, _, _, reached = asked(folder, path, method, content_length="1")
    assert status == 404 and not reached


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "text/plain"])
def test_uploaded_pages_are_never_shown_in_place(folder, kind):
    _, headers, *_ = asked(folder, f"/gradio_api/file={folder}/upload/grandma.jpg", kind=kind)
    assert headers["content-type"] == "application/octet-stream" and headers["content-disposition"] == "attachment"


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "video/mp4", "video/webm"])
def test_pictures_and_films_are_shown(folder, kind):
    _, headers, *_ = asked(folder, f"/gradio_api/file={folder}/upload/grandma.jpg", kind=kind)
    assert headers["content-type"] == kind and "content-disposition" not in headers


def test_uploads_are_limited_in_size_number_and_space(folder, monkeypatch):
    def sent(size):
        length = {"content_length": size} if size else {}
        status, _, words, reached = asked(folder, "/gradio_api/upload", "POST", **length)
        assert bool(reached) == (status == 200)
        return status, words

    assert sent("1000")[0] == 200
    assert sent(None)[0] == sent("²")[0] == sent("-1")[0] == 411
    chunked = {"content_length": "1000", "transfer_encoding": "chunked"}
    assert asked(folder, "/gradio_api/upload", "POST", **chunked)[0] == 411
    status, words = sent(str(guard.LARGEST_FILE + 1))
    assert status == 413 and "larger than 700 MB" in words
    monkeypatch.setattr(guard, "MOST_BYTES", 500)
    status, words = sent("1000")
    assert status == 507 and "start it again" in words
    monkeypatch.setattr(guard, "MOST_BYTES", 10**12)
    monkeypatch.setattr(guard, "MOST_FILES", 1)
    assert sent("1000")[0] == 507
    monkeypatch.setattr(guard, "MOST_FILES", 10**6)
    monkeypatch.setattr(guard, "KEPT_FREE", 10**18)
    status, words = sent("1000")
    assert status == 507 and "disk" in words


def test_websockets_are_not_answered(folder):
    async def never(*arguments):
        raise AssertionError("it reached the page")

    run(guard.Guard(never, folder=folder)({"type": "websocket", "path": "/", "headers": []}, never, never))
