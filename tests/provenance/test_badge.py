"""The visible mark: always in its corner, legible on anything, and found again after what people do to clips."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from animate.provenance import badge
from animate.provenance.badge import THRESHOLD, Badge, contrast, find, place


def photograph(width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(skimage.data.astronaut()).resize((width, height)))


def grounds(width: int = 400, height: int = 300) -> dict[str, np.ndarray]:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    plain = {
        "white": (255, 255, 255),
        "black": (0, 0, 0),
        "sepia": (176, 148, 112),
        "red": (255, 0, 0),
        "yellow": (255, 255, 0),
    }
    flat = {name: np.full((height, width, 3), colour, np.uint8) for name, colour in plain.items()}
    return flat | {"noise": noise, "photo": photograph(width, height)}


def resized(frame: np.ndarray, factor: float) -> np.ndarray:
    size = round(frame.shape[1] * factor), round(frame.shape[0] * factor)
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC))


def squeezed(frame: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


@given(st.integers(24, 4000), st.integers(24, 4000))
def test_it_sits_whole_in_the_bottom_left_corner(width, height):
    size, margin = place(width, height)
    assert 18 <= size <= max(18, 0.12 * min(width, height) + 1) and margin >= 0
    assert size + 2 * margin <= min(width, height)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(1500, 2000, 100), (2000, 1500, 90), (512, 512, 26), (360, 270, 18), (300, 4000, 36)]
)
def test_it_is_about_a_twentieth_of_the_height(width, height, size):
    assert place(width, height)[0] == size


def test_only_the_corner_changes_and_the_frame_that_came_does_not():
    frame = photograph(400, 300)
    before = frame.copy()
    stamped = Badge(400, 300).stamp(frame)
    assert (frame == before).all() and stamped.dtype == np.uint8
    rows, columns = np.nonzero((stamped != frame).any(axis=2))
    size, margin = place(400, 300)
    assert columns.min() >= margin and columns.max() < margin + size
    assert rows.max() < 300 - margin and rows.min() >= 300 - margin - size
    own = frame.copy()
    assert Badge(400, 300).stamp(own, in_place=True) is own and (own == stamped).all()


def test_stamping_is_the_same_each_time_and_settled_by_the_first_frame():
    white, black = grounds()["white"], grounds()["black"]
    one, other = Badge(400, 300), Badge(400, 300)
    assert all((one.stamp(frame) == other.stamp(frame)).all() for frame in (white, black, white))
    assert not (Badge(400, 300).stamp(black) == one.stamp(black)).all()


@pytest.mark.parametrize("name", grounds())
def test_it_is_legible_on_anything(name):
    frame = grounds()[name]
    stamped = Badge(400, 300).stamp(frame)
    size, margin = place(400, 300)
    corner = stamped[300 - margin - size : 300 - margin, margin : margin + size].reshape(-1, 3)
    ground, sign = (mask.ravel() for mask in badge.masks(size))
    light, dark = corner[sign > 0.99].mean(axis=0), np.percentile(corner[(ground > 0.99) & (sign < 0.01)], 95, axis=0)
    assert contrast(light, dark) >= 4.0


@settings(max_examples=30)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_whatever_moves_under_it_later_the_contrast_stays_above_three(first, later):
    mark = Badge(200, 200)
    mark.stamp(np.full((200, 200, 3), first, np.uint8))
    stamped = mark.stamp(np.full((200, 200, 3), later, np.uint8))
    size, margin = place(200, 200)
    corner = stamped[200 - margin - size : 200 - margin, margin : margin + size].reshape(-1, 3)
    ground, sign = (mask.ravel() for mask in badge.masks(size))
    assert contrast(corner[sign > 0.99].mean(axis=0), corner[(ground > 0.99) & (sign < 0.01)].mean(axis=0)) >= 3.0


def test_contrast_is_the_one_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21.0)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", grounds())
def test_the_eye_tells_stamped_from_unstamped(name):
    frame = grounds()[name]
    assert find(frame) < 0.45 < 0.75 < find(Badge(400, 300).stamp(frame)) <= 1.0


@pytest.mark.parametrize("factor", [0.33, 0.5, 0.75, 1.0, 1.4])
@pytest.mark.parametrize("quality", [20, 90])
def test_it_is_found_after_squeezing_and_resizing(factor, quality):
    stamped = Badge(1200, 900).stamp(photograph(1200, 900))
    assert find(squeezed(resized(stamped, factor), quality)) > THRESHOLD + 0.05


def test_a_small_clip_enlarged_is_found_too():
    assert find(resized(Badge(260, 200).stamp(photograph(260, 200)), 2.0)) > THRESHOLD


@pytest.mark.parametrize(("width", "height"), [(2000, 300), (300, 2000), (24, 24), (361, 641)])
def test_odd_shapes_are_stamped_and_found(width, height):
    assert find(Badge(width, height).stamp(photograph(width, height))) > THRESHOLD


def test_it_is_not_found_elsewhere_or_mirrored():
    stamped = Badge(400, 300).stamp(photograph(400, 300))
    assert max(find(np.fliplr(stamped)), find(np.flipud(stamped))) < THRESHOLD
    assert find(np.zeros((4, 4, 3), np.uint8)) == 0.0


def test_a_frame_of_another_size_is_refused():
    with pytest.raises(ValueError, match="made for"):
        Badge(400, 300).stamp(photograph(300, 400))


def test_it_costs_less_than_a_millisecond():
    mark, frame = Badge(2000, 1500), np.zeros((1500, 2000, 3), np.uint8)
    mark.stamp(frame, in_place=True)
    start = time.process_time()
    for _ in range(20):
        mark.stamp(frame, in_place=True)
    assert (time.process_time() - start) / 20 < 1e-3
