"""Outlined pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from animate.core.errors import OutputError
from animate.photo.preview import outline, preview, write_png

NOISE = np.random.default_rng(3).integers(0, 256, (37, 53, 3), np.uint8)


def test_a_png_reads_back_as_it_was(tmp_path):
    with Image.open(write_png(tmp_path / "a.png", NOISE)) as image:
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), NOISE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_only_png_and_only_where_there_is_a_folder(tmp_path):
    with pytest.raises(OutputError) as refused:
        write_png(tmp_path / "a.jpg", NOISE)
    assert ".png" in refused.value.hint
    with pytest.raises(OutputError):
        write_png(tmp_path / "nowhere" / "a.png", NOISE)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50))
def test_shrinking_keeps_a_plain_picture_plain_and_within_the_limit(height, width, longest):
    small = preview(np.full((height, width, 3), 77, np.uint8), longest)
    assert max(small.shape[:2]) <= max(longest, 1)
    assert np.all(small == 77)
    if max(height, width) <= longest:
        assert small.shape == (height, width, 3)


def test_shrinking_takes_means():
    pixels = np.zeros((2, 4, 3), np.uint8)
    pixels[:, 2:] = [[[10] * 3, [20] * 3], [[30] * 3, [40] * 3]]
    assert np.array_equal(preview(pixels, 2)[0, :, 0], [0, 25])


def test_an_outline_changes_a_copy_and_only_near_the_box():
    plain = np.full((200, 300, 3), 128, np.uint8)
    drawn = outline(plain, [(50, 60, 80, 90)])
    assert np.all(plain == 128)
    assert np.all(drawn[60, 80:120] == (255, 250, 240))
    assert np.all(drawn[90:140, 80:120] == 128)
    assert np.all(drawn[:50] == 128) and np.all(drawn[:, 140:] == 128)


@given(st.lists(st.tuples(*[st.floats(-400, 400)] * 2, *[st.floats(1, 600)] * 2), min_size=1, max_size=11))
def test_boxes_may_reach_over_the_edge(boxes):
    assert outline(np.zeros((60, 80, 3), np.uint8), boxes).shape == (60, 80, 3)


def test_numbers_differ():
    boxes = [(20.0, 20.0, 100.0, 100.0)] * 12
    drawn = [
        outline(np.zeros((160, 160, 3), np.uint8), boxes[:count])[20:60, 20:60].tobytes() for count in range(1, 13)
    ]
    assert len(set(drawn)) == 12
