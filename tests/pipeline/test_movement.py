"""What is meant by a movement, and what is said when nothing is."""

import struct
from pathlib import Path

import pytest
from PIL import Image

from animate.core.errors import DriverError, UnknownGesture, UnreadableVideo
from animate.media.read import open_video
from animate.pipeline import movement


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("me.mp4", "video", "own.card"):
        Path(name).write_bytes(b"1")
    still, other = (Image.new("RGB", (20, 16), colour) for colour in ("red", "blue"))
    for name in ("b.jpg", "b.png", "b.webp", "b.tif", "b.gif"):
        still.save(name)
    for name in ("moving.webp", "moving.gif", "moving.png"):
        still.save(name, save_all=True, append_images=[other] * 3, duration=100)


@pytest.mark.parametrize("words", ["smile", "Smile", "SMILE", " smile "])
def test_the_case_of_a_gesture_does_not_matter(words):
    assert movement.gesture_named(words) == "smile"


@pytest.mark.parametrize(
    "file", ["me.mp4", "video", "moving.webp", "moving.gif", "moving.png", "none.mp4", "x/none", Path("smile")]
)
def test_a_file_is_a_video(file):
    assert movement.gesture_named(file) is None


def test_a_gesture_file_is_one():
    assert movement.gesture_named("own.card") == Path("own.card")


@pytest.mark.parametrize(("words", "meant"), [("blnk", "blink"), ("smlie", "smile"), ("nodding", "nod")])
def test_gestures_that_sound_alike_are_suggested(words, meant):
    with pytest.raises(UnknownGesture) as caught:
        movement.gesture_named(words)
    assert f"did you mean {meant}" in caught.value.hint and "look-around" in caught.value.hint


def test_a_name_like_no_gesture_lists_them_all():
    with pytest.raises(UnknownGesture) as caught:
        movement.gesture_named("xyz")
    assert "did you mean" not in caught.value.hint and "surprise" in caught.value.hint


@pytest.mark.parametrize("photo", ["b.jpg", Path("b.jpg"), "b.png", "b.webp", "b.tif", "b.gif"])
def test_two_photographs_are_explained(photo):
    with pytest.raises(DriverError) as caught:
        movement.gesture_named(photo)
    assert (
        f"{photo} is a photograph" in str(caught.value) and "one photograph is animated at a time" in caught.value.hint
    )


def test_an_animation_that_is_too_large_is_not_called_a_photograph(tmp_path):
    small = Path("moving.gif").read_bytes()
    (tmp_path / "a.gif").write_bytes(small[:6] + struct.pack("<HH", 9000, 9000) + small[10:])
    assert movement.gesture_named(tmp_path / "a.gif") is None
    with pytest.raises(UnreadableVideo, match="9000 x 9000 pixels, the limit"):
        open_video(tmp_path / "a.gif")


def test_an_address_is_explained_and_not_changed():
    with pytest.raises(DriverError) as caught:
        movement.gesture_named("https://example.com/me.mp4")
    assert "https://example.com/me.mp4 is an address" in str(caught.value) and "nothing is fetched" in caught.value.hint


def test_movements_are_checked_before_anything_is_read():
    movement.check("smile", {1: "driver", 2: "nod"})
    for driver, faces in (("frown", 1), ("smile", {1: "frown"}), ("frown", {1: "driver"})):
        with pytest.raises(UnknownGesture):
            movement.check(driver, faces)
    movement.check("frown", {1: "nod"})  # nobody follows it
