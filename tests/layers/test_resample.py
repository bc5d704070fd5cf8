"""Sampling and laying: whole places change nothing, a shift is a shift, opacity mixes, patches end at the border."""

import numpy as np
import pytest

from animate.layers import resample

SPAN = (3, 5, 40, 37)


@pytest.fixture
def layer() -> np.ndarray:
    rng = np.random.default_rng(0)
    opacity = rng.random((50, 60, 1), np.float32)
    return np.concatenate([opacity * rng.integers(0, 255, (50, 60, 3)), opacity], -1).astype(np.float32)


def still(span) -> np.ndarray:
    left, top, right, bottom = span
    return resample.places(np.zeros((2, bottom - top, right - left), np.float32), span)


@pytest.mark.parametrize("sharp", [True, False])
def test_at_whole_places_every_kernel_gives_the_values_themselves(layer, sharp):
    assert (resample.sampled(layer, still(SPAN), sharp=sharp) == layer[5:37, 3:40]).all()
    pixels = layer[..., :3].astype(np.uint8)
    assert (resample.moved(pixels, still(SPAN) + np.float32([2, -1]), None, sharp=sharp) == pixels[4:36, 5:42]).all()


def test_a_coarse_grid_is_linear_in_between():
    rows, columns = np.mgrid[:8, :9].astype(np.float32)
    grid = np.stack([3 * columns + 1, rows - 2 * columns], -1)
    found = resample.spread(np.ascontiguousarray(grid), 8, SPAN)
    y, x = np.mgrid[5:37, 3:40] / 8
    assert np.abs(found - np.stack([3 * x + 1, y - 2 * x], -1)).max() < 0.15  # OpenCV's places are 1/32 of a cell


def test_laid_at_rest_over_what_is_behind_gives_the_photograph(layer):
    rng = np.random.default_rng(1)
    photo, behind = rng.integers(0, 255, (2, 50, 60, 3)).astype(np.uint8)
    opacity = layer[..., 3:]
    picture = np.concatenate([photo - (1 - opacity) * behind, opacity], -1).astype(np.float32)
    window = behind[5:37, 3:40].copy()
    resample.lay(window, resample.sampled(picture, still(SPAN), sharp=True), None)
    assert (window == photo[5:37, 3:40]).all()


def test_a_patch_ends_at_the_border_and_is_gone_beyond():
    motions, covers = np.zeros((6, 10, 12), np.float32), np.ones((3, 10, 12), np.float32)
    box, inner, cover = resample.clipped(((-4, 45, 8, 55), motions, covers), (60, 50))
    assert box == (0, 45, 8, 50) and inner.shape == (6, 5, 8) and cover.shape == (3, 5, 8)
    assert resample.clipped(((70, 0, 82, 10), motions, covers), (60, 50)) is None
