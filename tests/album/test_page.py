"""The page of an album in a browser, from the disk: clips move under the pointer, and not with reduced motion."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from animate.interfaces.cli.main import main

STATE = "video => [video.paused, video.currentTime > 0, video.controls]"


@pytest.fixture
def album(fake, tmp_path) -> Path:
    (tmp_path / "scans").mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "scans" / "a b#1.png")
    assert main(["album", str(tmp_path / "scans"), "-o", str(tmp_path / "clips"), "--workers", "0"]) == 0
    return tmp_path / "clips" / "index.html"


@pytest.mark.slow
def test_clips_move_under_the_pointer_unless_motion_is_reduced(album, browser):
    fetched: list[str] = []
    with browser.new_context() as context, browser.new_context(reduced_motion="reduce") as reduced:
        page = context.new_page()
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(album.as_uri())
        video = page.locator("video")
        assert video.evaluate(STATE) == [True, False, False]
        video.hover()
        page.wait_for_function("() => document.querySelector('video').currentTime > 0")
        page.mouse.move(0, 0)
        page.wait_for_function("() => document.querySelector('video').paused")
        quiet = reduced.new_page()
        quiet.goto(album.as_uri())
        quiet.locator("video").hover()
        quiet.wait_for_timeout(300)
        assert quiet.locator("video").evaluate(STATE) == [True, False, True]
    assert all(address.startswith(album.parent.as_uri()) for address in fetched)
    assert {address.rpartition("/")[2] for address in fetched} == {"index.html", "a%20b%231.mp4", "a%20b%231.mp4.jpg"}
