"""The page in a real browser, on the fake pipeline: from a photograph to a saved clip, and what must not happen."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import fakes
import pytest

from animate.photo.preview import write_png

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("gradio")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 60_000  # milliseconds; a busy machine is slow


@pytest.fixture(scope="session")
def server(tmp_path_factory, chromium):
    """The address of a page and the file with what its process says."""
    folder = tmp_path_factory.mktemp("page")
    log, temporary = folder / "log", folder / "temporary"
    temporary.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = os.pathsep.join((str(Path(fakes.__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
    with open(log, "w") as file:
        page = subprocess.Popen(
            [sys.executable, fakes.__file__, str(port)],
            stdout=file,
            stderr=file,
            env=os.environ | {"PYTHONPATH": paths, "TMPDIR": str(temporary)},
        )
    try:
        _wait(lambda: "Keepsake is at" in log.read_text() or page.poll() is not None, 120)
        assert page.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}/", log
    finally:
        page.terminate()
        page.wait(30)
    assert not list(temporary.iterdir()), "photographs were left behind"


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser, server):
    """The page as it opens; at the end no request may have gone anywhere but to this computer."""
    asked: list[str] = []
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE)
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(server[0])
    opened.wait_for_selector("#gestures")
    yield opened
    opened.close()
    assert asked
    assert all(url.startswith((server[0], "data:", f"blob:{server[0]}")) for url in asked), asked


@pytest.fixture
def photo(tmp_path) -> Path:
    return write_png(tmp_path / "grandma.png", fakes.PIXELS)


def _wait(ready, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not ready() and time.monotonic() < until:
        time.sleep(0.1)
    assert ready()


def _upload(page, photo: Path) -> None:
    page.set_input_files("#upload input[type=file]", photo)
    page.wait_for_selector("#picture svg")


def _says(page, words: str | re.Pattern) -> None:
    sync_api.expect(page.locator("#progress")).to_contain_text(words, timeout=PATIENCE)


def test_from_a_photograph_to_a_saved_clip(page, photo, tmp_path):
    _says(page, "Choose a photograph first.")
    assert page.is_disabled("#go")
    _upload(page, photo)
    _says(page, "One face will move.")
    page.click("#picture .face[data-face='2']")
    _says(page, "2 faces will move.")
    page.click("#go")
    _says(page, re.compile("left|almost done"))
    page.wait_for_selector("#clip video")
    page.wait_for_function("document.querySelector('#clip video').readyState >= 2")
    assert page.evaluate("document.querySelector('#clip video').videoWidth") == 320
    assert page.is_visible("text=This is an animation, not footage.")
    with page.expect_download() as coming:
        page.click("#save")
    assert coming.value.suggested_filename == "grandma-keepsake.mp4"
    coming.value.save_as(tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"


def test_stop_really_stops(page, photo, server):
    finished = server[1].read_text().count("a clip was finished")
    _upload(page, photo)
    page.click("text=Look around")  # the slow one
    page.click("#go")
    _says(page, "left")
    page.click("#stop")
    _says(page, "Stopped.")
    assert page.is_visible("#go")
    _wait(lambda: "a clip was given up" in server[1].read_text(), 30)
    assert server[1].read_text().count("a clip was finished") == finished


def test_a_face_nobody_found_is_outlined_by_hand(page, tmp_path):
    _upload(page, write_png(tmp_path / "empty.png", fakes.PIXELS))
    assert page.is_visible("text=No face was found.")
    assert page.is_disabled("#go")
    page.wait_for_function("document.querySelector('#picture img').complete")
    box = page.locator("#picture svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=3)
    page.mouse.up()
    _says(page, "One face will move.")


def test_what_is_not_a_picture_is_said_with_a_hint(page, tmp_path):
    letter = tmp_path / "letter.bmp"
    letter.write_text("Dear Anna")
    page.set_input_files("#upload input[type=file]", letter)
    page.wait_for_selector("text=letter.bmp is not a picture. Choose a JPEG, PNG or TIFF.")


def test_faces_are_chosen_with_the_keyboard_too(page, photo):
    _upload(page, photo)
    page.focus("#picture .face[data-face='1']")
    page.keyboard.press("Enter")
    _says(page, "Choose a face")
    assert page.is_disabled("#go")


def test_a_foreign_host_name_is_turned_away(server):
    request = urllib.request.Request(server[0], headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 400
