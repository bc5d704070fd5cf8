"""What a clip shows."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from animate.core.types import Photo
from animate.photo.resize import shrink
from animate.pipeline import framing

BOXES = ((200.0, 300.0, 60.0, 80.0), (900.0, 320.0, 60.0, 80.0), (280.0, 310.0, 50.0, 60.0))


@pytest.fixture
def scan():
    return Photo(np.random.default_rng(0).integers(0, 255, (1000, 1600, 3), np.uint8), "group.png", "a" * 64)


def framed(scan, moving, frame, *, side=1600, longest=3840):
    photo = shrink(scan, side)
    scale = photo.width / scan.width
    portraits = [fakes.portrait(photo, tuple(part * scale for part in box)) for box in BOXES]
    return framing.frame_photo(scan, photo, portraits, moving, frame=frame, longest=longest)


@pytest.mark.parametrize("frame", ["whole", "auto"])
def test_the_whole_photograph_is_left_as_it_is(scan, frame, monkeypatch):
    monkeypatch.setattr(framing, "SMALL", 0.05)
    shown, portraits = framed(scan, (1,), frame)
    assert shown is scan and list(portraits) == [1, 2, 3] and portraits[2].face.box == BOXES[1]


@pytest.mark.parametrize("frame", ["face", "auto"])
def test_head_and_shoulders_fill_the_clip(scan, frame):
    shown, portraits = framed(scan, (1,), frame)
    assert portraits[1].face.box[3] > shown.height * 0.2 and max(shown.width, shown.height) <= framing.LEAST
    assert set(portraits) == {1, 3}, "a neighbour in the picture is known, one outside is not"
    assert portraits[1].photo is shown and "head and shoulders" in " ".join(shown.notes)
    assert shown.sha256 == scan.sha256


def test_all_who_move_are_shown(scan):
    shown, portraits = framed(scan, (1, 2), "face")
    for number in (1, 2):
        x, y, width, height = portraits[number].face.box
        assert x >= 0 and x + width <= shown.width and y >= 0 and y + height <= shown.height


def test_a_close_up_is_cut_from_the_scan_at_its_own_pixels(scan, monkeypatch):
    monkeypatch.setattr(framing, "LEAST", 1)
    shown, portraits = framed(scan, (1,), "face", side=400)
    x, y, *_ = portraits[1].face.box
    left, top = 200 - x, 300 - y
    assert (left, top) == pytest.approx((round(left), round(top)), abs=0.01)
    left, top = round(left), round(top)
    np.testing.assert_array_equal(shown.pixels, scan.pixels[top : top + shown.height, left : left + shown.width])


def test_it_is_never_enlarged_more_than_twice_nor_beyond_the_wanted_size(scan):
    shown, portraits = framed(scan, (1,), "face")
    assert portraits[1].face.box[3] / 80 == pytest.approx(framing.MOST, rel=0.01)
    shown, _ = framed(scan, (1,), "face", longest=300)
    assert max(shown.width, shown.height) == 300
