"""Nothing leaves this computer: command line and page run sealed; whatever they ask of a network fails the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pages
import pytest
import sealed
from pages import says, upload
from PIL import Image
from skimage import data

from animate.photo.preview import write_png

PICTURE, WIDE = Path(__file__).parents[3] / "docs" / "page.jpg", 960  # of the page, for the README
PROXIES = {
    "HTTP_PROXY": "http://10.1.2.3:3128",
    "HTTPS_PROXY": "http://10.1.2.3:3128",
    "ALL_PROXY": "http://10.1.2.3:1",
}


@pytest.fixture
def portrait(tmp_path) -> Path:
    return write_png(tmp_path / "astronaut.png", data.astronaut()[:300, 100:400])


@pytest.fixture
def network(tmp_path, monkeypatch) -> Path:
    """The file in which a sealed process writes what it asked of a network."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, Path(pages.__file__).parents[:2])))
    return tmp_path / "network"


def keepsake(network: Path, *arguments: object, before: tuple[str, ...] = ()) -> dict:
    command = [*before, sys.executable, sealed.__file__, str(network), "-m", "animate", "--json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | PROXIES)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    ["socket.create_connection(('192.0.2.1', 80), 1)", "socket.getaddrinfo('example.org', 80)",
     "socket.gethostbyname('example.org')", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))"],
)  # fmt: skip
def test_the_seal_holds(network, program):
    done = subprocess.run([sys.executable, "-c", f"import sealed, socket\nsealed.seal({str(network)!r})\n{program}"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode and network.read_text().startswith("socket.")


@pytest.mark.slow
def test_the_command_line_asks_no_network(network, portrait, tmp_path):
    clip = tmp_path / "clip.mp4"
    keepsake(network, "photo", portrait, "breath", "-o", clip, "--seconds", 1)
    keepsake(network, "verify", clip)
    keepsake(network, "faces", portrait)
    assert not network.exists(), network.read_text()


@pytest.mark.slow
def test_the_command_line_works_where_there_is_no_network(network, portrait, tmp_path):
    alone = ("unshare", "--map-root-user", "--net")
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("no network namespace may be made here")
    keepsake(network, "photo", portrait, "breath", "-o", tmp_path / "clip.mp4", "--seconds", 1, before=alone)
    assert (tmp_path / "clip.mp4").is_file() and not network.exists()


@pytest.mark.slow
def test_the_page_makes_a_clip_and_asks_no_network(browser, portrait, tmp_path):
    with pages.serving(tmp_path, pipeline="real", **PROXIES) as served, pages.opened(browser, served.address) as page:
        upload(page, portrait)
        if os.environ.get("KEEPSAKE_GOLDEN") == "write":
            page.wait_for_function("document.querySelectorAll('#gestures .moving video').length >= 18", timeout=120_000)
        page.click("#go")
        says(page, "Done.")
        assert page.locator("#clip video").count()
        if os.environ.get("KEEPSAKE_GOLDEN") == "write":  # `make golden`
            page.screenshot(path=tmp_path / "page.png", full_page=True)
            with Image.open(tmp_path / "page.png") as seen:
                seen.convert("RGB").resize((WIDE, round(WIDE * seen.height / seen.width))).save(PICTURE, quality=85)
    with Image.open(PICTURE) as kept:
        assert kept.width == WIDE


def test_a_page_that_is_told_to_fetch_does_not(server):
    path = "http://192.0.2.1/grandma.jpg"
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}], "fn_index": 0, "session_hash": "a"}
    headers = {"Content-Type": "application/json"}
    for place, sent in (("queue/join", json.dumps(body).encode()), (f"file={path}", None), (f"proxy={path}", None)):
        request = urllib.request.Request(f"{server.address}gradio_api/{place}", data=sent, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        refused.value.close()
        assert refused.value.code in (403, 404)
    assert not server.sealed.exists()


def test_another_site_uploads_nothing(server):
    before = sorted(server.temporary.rglob("*"))
    headers = {"Origin": "http://evil.example", "Content-Type": "multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.html"\r\n\r\n<b>hello</b>\r\n--x--\r\n'
    request = urllib.request.Request(f"{server.address}gradio_api/upload", data=body, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 403 and sorted(server.temporary.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize("programs", [("ffmpeg",), ()])
def test_a_clip_is_shown_whatever_ffmpeg_is_there(browser, photo, tmp_path, programs):
    path = tmp_path / "bin"
    path.mkdir()
    for name in programs:
        (path / name).write_text("#!/bin/sh\nexit 1\n")
        (path / name).chmod(0o755)
    with pages.serving(tmp_path, PATH=str(path)) as served, pages.opened(browser, served.address) as page:
        upload(page, photo)
        page.click("#go")
        says(page, "Done.")
        page.wait_for_function("document.querySelector('#clip video').readyState >= 2")
