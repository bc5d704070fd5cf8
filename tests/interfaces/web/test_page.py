"""The page in a real browser, on the fake pipeline: from a photograph to a saved clip, and what must not happen."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import fakes
import pages
import pytest
from pages import says, upload

from animate.photo.preview import write_png


def test_from_a_photograph_to_a_saved_clip(page, photo, tmp_path):
    says(page, "Choose a photograph first.")
    assert page.is_disabled("#go")
    upload(page, photo)
    says(page, "One face will move.")
    page.click("#picture .face[data-face='2']")
    says(page, "2 faces will move.")
    page.click("#go")
    says(page, re.compile("left|almost done"))
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
    finished = server.log.read_text().count("a clip was finished")
    upload(page, photo)
    page.click("text=Look around")  # the slow one
    page.click("#go")
    says(page, "left")
    page.click("#stop")
    says(page, "Stopped.")
    assert page.is_visible("#go")
    pages.wait(lambda: "a clip was given up" in server.log.read_text(), 30)
    assert server.log.read_text().count("a clip was finished") == finished


def test_a_face_nobody_found_is_outlined_by_hand(page, tmp_path):
    upload(page, write_png(tmp_path / "empty.png", fakes.PIXELS))
    assert page.is_visible("text=No face was found.")
    assert page.is_disabled("#go")
    page.wait_for_function("document.querySelector('#picture img').complete")
    box = page.locator("#picture svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=3)
    page.mouse.up()
    says(page, "One face will move.")


def test_what_is_not_a_picture_is_said_with_a_hint(page, tmp_path):
    letter = tmp_path / "letter.bmp"
    letter.write_text("Dear Anna")
    page.set_input_files("#upload input[type=file]", letter)
    page.wait_for_selector("text=letter.bmp is not a picture. Choose a JPEG, PNG or TIFF.")


def test_faces_are_chosen_with_the_keyboard_too(page, photo):
    upload(page, photo)
    page.focus("#picture .face[data-face='1']")
    page.keyboard.press("Enter")
    says(page, "Choose a face")
    assert page.is_disabled("#go")


def test_a_foreign_host_name_is_turned_away(server):
    request = urllib.request.Request(server.address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 400
