"""The API as a program uses it, against a real server on the loopback: jobs, files, errors, description."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import time
from pathlib import Path

import http_serving
import httpx
import pytest
from http_serving import PHOTO, ended, hand_in

from animate.core.options import choices


def files_of(server) -> set[str]:
    """The jobs that have a folder."""
    return {path.name for path in (server.log.parent / "serve" / "jobs").iterdir()}


def test_a_photograph_becomes_a_clip_and_its_citation(asking, server):
    answer = hand_in(asking, "grandma.png", gesture="smile", names="Anna", head="0.5")
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == job["links"]["job"] == f"/v1/jobs/{job['id']}"
    assert job["state"] in ("queued", "running") and job["links"]["clip"] is None
    done = ended(asking, job["id"])
    assert done["state"] == "done" and done["error"] is None
    assert done["result"]["clip"] == "grandma-keepsake.mp4"
    assert done["result"]["gestures"] == {"1": "smile"}
    assert (done["result"]["frames"], done["result"]["fps"], done["result"]["seconds"]) == (50, 25.0, 2.0)
    assert done["progress"] == {"stage": "Animating", "done": 50, "total": 50, "left": ""}
    assert done["options"] == {"head": "0.5", "names": "Anna"}
    assert done["created"] <= done["began"] <= done["ended"] < done["expires"]
    clip = asking.get(done["links"]["clip"])
    assert clip.content == b"a clip" and clip.headers["content-type"] == "video/mp4"
    assert 'filename="grandma-keepsake.mp4"' in clip.headers["content-disposition"]
    slip = asking.get(done["links"]["citation_json"]).json()
    assert slip["clip"]["file"] == "grandma-keepsake.mp4"
    assert slip["clip"]["sha256"] == hashlib.sha256(clip.content).hexdigest()
    assert "Anna" in asking.get(done["links"]["citation_txt"]).text
    assert asking.get("/v1/jobs").json()["jobs"][0] == done


def test_what_is_made_is_said_as_the_command_line_says_it(asking, fake, tmp_path, monkeypatch, capsys):
    from animate.interfaces.cli.main import main

    monkeypatch.chdir(tmp_path)
    Path("grandma.png").write_bytes(PHOTO)
    assert main(["photo", "grandma.png", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    result = ended(asking, hand_in(asking).json()["id"])["result"]
    assert result.keys() == said.keys()
    differing = ("took", "notes")  # the notes of this pipeline tell the threads
    assert {name: result[name] for name in said if name not in differing} == {
        name: said[name] for name in said if name not in differing
    }


def test_the_server_chooses_the_threads(asking):
    assert ended(asking, hand_in(asking).json()["id"])["result"]["notes"] == ["threads 3"]


def test_a_driver_moves_the_face_and_unsafe_names_lead_nowhere(asking, server):
    files = {"photo": ("../../evil\x00\\\u202e Anna ü.png", PHOTO), "driver": ("/etc/me.mp4", b"a video")}
    answer = asking.post("/v1/jobs", files=files, data={"format": "mp4"})
    assert answer.status_code == 202
    job = ended(asking, answer.json()["id"])
    assert job["state"] == "done" and (job["driver"], job["gesture"]) == ("me.mp4", "")
    assert re.fullmatch(r"[\w .()-]+", job["photo"]) and ".." not in job["photo"] and "Anna" in job["photo"]
    folder = server.log.parent / "serve" / "jobs" / job["id"]
    assert {path.name for path in folder.iterdir()} > {"photo", "driver"}
    assert (folder / "driver" / "me.mp4").read_bytes() == b"a video"


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"head": "9"}, "OptionError", "head is 9"),
        ({"head": "nan"}, "OptionError", "head is nan"),
        ({"head": "big"}, "OptionError", "head is 'big'"),
        ({"adapt": "maybe"}, "OptionError", "adapt is 'maybe'"),
        ({"faces": "some"}, "OptionError", "faces is"),
        ({"haed": "1"}, "OptionError", "no field called haed"),
        ({"threads": "1"}, "OptionError", "no field called threads"),
        ({"format": "avi"}, "OptionError", "format is 'avi'"),
        ({"end": "1", "start": "2"}, "OptionError", "end is 1"),
        ({"title": "x" * 3000}, "OptionError", "title has 3000"),
        ({"model": "vox"}, "OptionError", "vox is not installed"),
        ({"gesture": "dance"}, "UnknownGesture", "no gesture called 'dance'"),
    ],
)
def test_options_are_read_by_their_owner_and_refused_with_a_hint(asking, fields, kind, words):
    answer = hand_in(asking, **fields)
    assert answer.status_code == 422
    said = answer.json()
    assert said.keys() == {"error", "hint", "kind"}
    assert said["kind"] == kind and words in said["error"] and said["hint"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../journal", "{journal}", "me.card", "http://127.0.0.1/a.mp4", "driver.mp4"]
)
@pytest.mark.parametrize("field", ["gesture", "faces"])
def test_no_file_of_the_server_can_be_named(asking, server, path, field):
    path = path.format(journal=server.journal)
    answer = hand_in(asking, **{field: f"1={path}" if field == "faces" else path})
    assert answer.status_code == 422 and answer.json()["kind"] == "UnknownGesture"


def test_a_gesture_and_a_driver_exclude_each_other(asking):
    files = {"photo": ("a.png", PHOTO), "driver": ("me.mp4", b"a video")}
    answer = asking.post("/v1/jobs", files=files, data={"gesture": "smile"})
    assert answer.status_code == 422 and "leave the other out" in answer.json()["hint"]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [("letter.txt", "UnreadablePhoto", "letter.txt is not a picture"), ("broken.png", "Unexpected", "should not")],
)
def test_a_job_that_cannot_be_done_fails_in_plain_words(asking, name, kind, words):
    job = ended(asking, hand_in(asking, name).json()["id"])
    assert job["state"] == "failed" and job["result"] is None
    assert job["error"]["kind"] == kind and words in job["error"]["error"] and job["error"]["hint"]
    assert "Traceback" not in json.dumps(job) and "/" not in job["error"]["error"]
    refused = asking.get(f"{job['links']['job']}/clip")
    assert refused.status_code == 409 and refused.json()["error"] == "the job failed"


def test_a_running_job_is_stopped_by_deleting_it(asking, server):
    keys = [hand_in(asking, name).json()["id"] for name in ("slow.png", "next.png")]
    until = time.monotonic() + 60
    while asking.get(f"/v1/jobs/{keys[0]}").json()["progress"]["done"] < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    running, queued = (asking.get(f"/v1/jobs/{key}").json() for key in keys)
    assert (running["state"], running["progress"]["stage"], running["progress"]["total"]) == (
        "running",
        "Animating",
        50,
    )
    assert (queued["state"], queued["ahead"]) == ("queued", 0)
    assert asking.get(f"/v1/jobs/{keys[0]}/clip").status_code == 409
    assert asking.delete(f"/v1/jobs/{keys[0]}").status_code == 204
    assert ended(asking, keys[1])["state"] == "done"
    for method in (asking.get, asking.delete):
        answer = method(f"/v1/jobs/{keys[0]}")
        assert answer.status_code == 404 and answer.json()["error"] == "there is no such job"
    assert keys[0] not in files_of(server)
    assert "made slow" not in server.journal.read_text()


def test_a_queued_job_never_runs_once_it_is_deleted(asking, server):
    keys = [hand_in(asking, name).json()["id"] for name in ("slow-first.png", "unwanted.png")]
    for key in reversed(keys):
        assert asking.delete(f"/v1/jobs/{key}").status_code == 204
    assert ended(asking, hand_in(asking).json()["id"])["state"] == "done"
    assert "unwanted" not in server.journal.read_text()


def test_deleting_a_finished_job_leaves_nothing_of_it(asking, server):
    key = hand_in(asking, "private.png", names="Somebody Secret").json()["id"]
    ended(asking, key)
    assert any(b"Somebody Secret" in path.read_bytes() for path in (server.log.parent / "serve").glob("jobs.sqlite*"))
    assert asking.delete(f"/v1/jobs/{key}").status_code == 204
    assert key not in files_of(server)
    left = [path for path in (server.log.parent / "serve").rglob("*") if path.is_file()]
    assert len(left) > 3 and not [path for path in left if b"Somebody Secret" in path.read_bytes()]


def test_faces_gestures_and_marks(asking):
    faces = asking.post("/v1/faces", files={"photo": ("group.png", PHOTO)}, data={"page": "0"})
    assert faces.status_code == 200
    assert faces.json() == {
        "photo": "group.png", "width": 320, "height": 240, "notes": ["turned upright"],
        "faces": [
            {"number": 1, "box": [180, 40, 90, 110], "score": 0.9},
            {"number": 2, "box": [40, 60, 70, 90], "score": 0.9},
        ],
    }  # fmt: skip
    by_hand = asking.post("/v1/faces", files={"photo": ("empty.png", PHOTO)}, data={"box": "1,2,30,40"})
    assert by_hand.json()["faces"][0]["box"] == [1, 2, 30, 40]
    missing = asking.post("/v1/faces", files={"photo": ("empty.png", PHOTO)})
    assert (missing.status_code, missing.json()["kind"]) == (422, "NoFace")
    assert asking.post("/v1/faces", files={"photo": ("a.png", PHOTO)}, data={"head": "1"}).status_code == 422
    assert [gesture["name"] for gesture in asking.get("/v1/gestures").json()["gestures"]] == [
        "breath",
        "smile",
        "glance",
    ]
    marks = asking.post("/v1/verify", files={"file": ("clip.mp4", b"a clip"), "citation": ("c.json", b"{}")})
    assert marks.status_code == 200 and marks.json()["lines"] == ["Nothing was found in clip.mp4."]
    refused = asking.post("/v1/verify", files={"file": ("clip.txt", b"a text")})
    assert (refused.status_code, refused.json()["kind"]) == (422, "UnreadableVideo")


def test_a_file_that_kills_whoever_reads_it_does_not_kill_the_server(asking):
    answer = asking.post("/v1/faces", files={"photo": ("killer.png", PHOTO)})
    assert answer.status_code == 500 and answer.json()["kind"] == "LookDied"
    assert asking.post("/v1/faces", files={"photo": ("group.png", PHOTO)}).status_code == 200


def test_what_was_only_looked_at_is_not_kept(asking, server):
    asking.post("/v1/faces", files={"photo": ("group.png", PHOTO)})
    assert not list((server.log.parent / "serve" / "incoming").iterdir())


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/v1/jobs/../../etc/passwd", {}, 404),
        ("GET", "/v1/jobs/..%2f..%2fjobs.sqlite/clip", {}, 404),
        ("PUT", "/v1/jobs", {}, 405),
        ("GET", "/docs", {}, 404),
        ("POST", "/v1/jobs", {"json": {"photo": "/etc/passwd"}}, 422),
        ("POST", "/v1/jobs", {"data": {"photo": "/etc/passwd"}}, 422),
        ("POST", "/v1/jobs", {"files": [("photo", ("a.png", PHOTO)), ("photo", ("b.png", PHOTO))]}, 422),
        ("POST", "/v1/jobs", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        ("GET", "/v1/jobs?most=many", {}, 422),
    ],
)
def test_whatever_is_wrong_is_answered_as_json(asking, method, path, arguments, status):
    answer = asking.request(method, path, **arguments)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "hint", "kind"}
    assert not re.search("Traceback|Error:|<class|UploadFile", answer.text)


def test_health_needs_no_token_and_everything_else_does(server):
    with httpx.Client(base_url=server.address, trust_env=False) as stranger:
        assert stranger.get("/health").json()["status"] == "ok"
        assert stranger.get("/openapi.json").status_code == 200
        for path in ("/v1/gestures", "/v1/jobs", "/docs", "/"):
            answer = stranger.get(path, headers={"authorization": "Bearer wrong"})
            assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
            assert "Authorization" in answer.json()["hint"]


def test_a_request_that_is_too_large_is_refused_before_it_is_read(asking, server):
    large = asking.post("/v1/jobs", files={"photo": ("large.png", b"x" * 3_000_000)})
    assert large.status_code == 413 and "1 MB" in large.json()["error"]


def test_the_refusal_does_not_wait_for_the_body(server):
    lines = ["POST /v1/jobs HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Authorization: Bearer {http_serving.TOKEN}"]
    lines += ["Content-Type: multipart/form-data; boundary=x", "Content-Length: 999999999999", "", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall("\r\n".join(lines).encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(asking):
    def chunks():
        yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
        for _ in range(30):
            yield b"x" * 100_000

    answer = asking.post("/v1/jobs", content=chunks(), headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 413 and answer.json()["hint"]


def test_the_description_describes_everything(asking):
    described = asking.get("/openapi.json").json()
    operations = [about for path in described["paths"].values() for about in path.values()]
    assert len(operations) == 11
    assert all(about["description"] and about["tags"] for about in operations)
    assert len({about["operationId"] for about in operations}) == len(operations)
    for about in operations:
        for status, answer in about["responses"].items():
            assert answer["description"] and answer["description"] != "Successful Response", (about, status)
    schemas = described["components"]["schemas"]
    fields = schemas["Body_create_job"]["properties"]
    offered = {name: (default, limits) for name, _, default, limits in choices()}
    del offered["threads"], offered["more_anyway"]
    assert fields.keys() == {"photo", "driver", "gesture", "format", *offered}
    assert all(about["description"] for about in fields.values())
    assert fields["head"] | {"title": ""} == {
        "type": "number", "default": 1.0, "minimum": 0.0, "maximum": 2.0, "title": "",
        "description": "How far the head moves; 0 holds it still.",
    }  # fmt: skip
    assert fields["frame"]["enum"] == ["whole", "face", "auto"]
    assert schemas["JobAnswer"]["properties"]["state"]["enum"] == ["queued", "running", "done", "failed"]
    assert "HTTPBearer" in described["components"]["securitySchemes"]


def test_answers_may_not_be_kept_framed_or_sniffed(asking):
    headers = asking.get("/health").headers
    assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers and "access-control-allow-origin" not in headers


def test_the_log_holds_no_token_but_the_one_that_was_printed(server):
    assert server.log.read_text().count(http_serving.TOKEN) == 1
