"""What a clip shows."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from animate.core.types import Clip, Photo, Provenance
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


def of(framing, number):
    """The box of a face in the clip that is shown."""
    left, top, *_ = framing.window
    x, y, width, height = framing.portraits[number].face.box
    return x - left, y - top, width, height


def clip_of(framing):
    """A still clip of what is animated, as it is shown."""
    photo, record = framing.photo, Provenance("keepsake 0", "fake", "a.png", "", (1, 1), {1: "breath"})
    return framing.cut(Clip(photo.width, photo.height, 25.0, 2, lambda: iter([photo.pixels] * 2), record, photo))


@pytest.mark.parametrize("frame", ["whole", "auto"])
def test_the_whole_photograph_is_left_as_it_is(scan, frame, monkeypatch):
    monkeypatch.setattr(framing, "SMALL", 0.05)
    framed_ = framed(scan, (1,), frame)
    assert framed_.photo is scan and list(framed_.portraits) == [1, 2, 3] and framed_.window is None
    assert clip_of(framed_).photo is scan


@pytest.mark.parametrize("frame", ["face", "auto"])
def test_head_and_shoulders_fill_the_clip(scan, frame):
    framed_ = framed(scan, (1,), frame)
    clip = clip_of(framed_)
    assert of(framed_, 1)[3] > clip.height * 0.2 and max(clip.width, clip.height) <= framing.LEAST
    assert set(framed_.portraits) == {1, 3}, "a neighbour nearby is known, so that it keeps still; one far away is not"
    assert framed_.portraits[1].photo is framed_.photo and "head and shoulders" in " ".join(framed_.photo.notes)
    assert clip.photo.sha256 == scan.sha256 and (clip.photo.width, clip.photo.height) == (clip.width, clip.height)
    for frame_ in clip:
        np.testing.assert_array_equal(frame_, clip.photo.pixels)


def test_all_who_move_are_shown(scan):
    framed_ = framed(scan, (1, 2), "face")
    clip = clip_of(framed_)
    for number in (1, 2):
        x, y, width, height = of(framed_, number)
        assert x >= 0 and x + width <= clip.width and y >= 0 and y + height <= clip.height


def test_a_close_up_is_cut_from_the_scan_at_its_own_pixels(scan, monkeypatch):
    monkeypatch.setattr(framing, "LEAST", 1)
    framed_ = framed(scan, (1,), "face", side=400)
    clip = clip_of(framed_)
    x, y, *_ = of(framed_, 1)
    left, top = round(200 - x), round(300 - y)
    assert (left + x, top + y) == pytest.approx((200, 300), abs=0.01)
    np.testing.assert_array_equal(clip.photo.pixels, scan.pixels[top : top + clip.height, left : left + clip.width])


def test_it_is_never_enlarged_more_than_twice_nor_beyond_the_wanted_size(scan):
    framed_ = framed(scan, (1,), "face")
    assert of(framed_, 1)[3] / 80 == pytest.approx(framing.MOST, rel=0.01)
    clip = clip_of(framed(scan, (1,), "face", longest=300))
    assert max(clip.width, clip.height) == pytest.approx(300, abs=1)
