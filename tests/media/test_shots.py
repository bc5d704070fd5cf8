"""Hard cuts are found, and nothing else is taken for one."""

import numpy as np
import pytest
from skimage import data, transform

from animate.media.shots import mark_shots, thumbnail


def view(picture, index, *, zoom=1.0, shift=0.0, shake=0.0):
    """A 192 x 192 view of a picture in which something moves a little from frame to frame."""
    random = np.random.default_rng(index)
    across, down = random.normal(0, shake, 2) + (shift + 0.4 * np.sin(index / 3), 0)
    size = 192 / zoom
    at = transform.SimilarityTransform(scale=1 / zoom, translation=(128 - size / 2 + across, 128 - size / 2 + down))
    moved = transform.warp(picture, at, output_shape=(192, 192), order=1, mode="edge", preserve_range=True)
    return np.clip(moved + random.normal(0, 2, moved.shape), 0, 255).astype(np.uint8)


ASTRONAUT = data.astronaut()[:256, 96:352]
CAT = transform.resize(data.cat(), (256, 256), preserve_range=True)


def starts(frames):
    return [index for index, (_, first) in enumerate(mark_shots(frames)) if first]


@pytest.mark.parametrize(
    "after",
    [
        {"picture": CAT},
        {"zoom": 1.35},
        {"shift": 55.0},
    ],
    ids=["another picture", "punch-in", "the same person elsewhere"],
)
def test_a_hard_cut_is_found(after):
    rest = {"picture": ASTRONAUT} | after
    frames = [view(ASTRONAUT, k) for k in range(12)] + [view(index=k, **rest) for k in range(12, 24)]
    assert starts(frames) == [0, 12]


def test_two_cuts_close_together_are_both_found():
    frames = [view(picture, k) for k, picture in enumerate([ASTRONAUT] * 8 + [CAT] * 6 + [ASTRONAUT] * 8)]
    assert starts(frames) == [0, 8, 14]


@pytest.mark.parametrize(
    "way",
    [
        lambda k: {"shift": 3.0 * k},
        lambda k: {"zoom": 1 + 0.02 * k},
        lambda k: {"shake": 9.0},
        lambda k: {"shift": 0.0 if k < 12 else 8.0},
    ],
    ids=["pan", "zoom", "shake", "jolt"],
)
def test_movement_is_no_cut(way):
    assert starts([view(ASTRONAUT, k, **way(k)) for k in range(24)]) == [0]


def test_a_flash_and_something_held_up_are_no_cuts():
    frames = [view(ASTRONAUT, k) for k in range(24)]
    frames[8] = np.minimum(frames[8].astype(int) + 120, 255).astype(np.uint8)
    for frame in frames[15:20]:
        frame[100:150, 70:130] = (45, 95, 165)
    assert starts(frames) == [0]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_every_frame_comes_through_in_its_order(count):
    frames = [np.full((20, 30, 3), k, np.uint8) for k in range(count)]
    marked = list(mark_shots(iter(frames)))
    assert [int(frame[0, 0, 0]) for frame, _ in marked] == list(range(count))
    assert [first for _, first in marked] == [k == 0 for k in range(count)]


def test_thumbnails_are_mean_colours_at_any_size():
    half = np.zeros((64, 128, 3), np.uint8)
    half[:, 64:] = 200
    for picture in (half, half[:8, ::16], np.repeat(np.repeat(half, 9, 0), 9, 1)):
        small = thumbnail(picture)
        assert small.shape == (32, 32, 3)
        assert small[:, 0] == pytest.approx(0) and small[:, -1] == pytest.approx(200)
