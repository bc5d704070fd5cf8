"""Mounts: margins and oval openings are found, heads and plain pictures are none; people pass behind them."""

import numpy as np
import pytest
from layers.crowd import draw, mesh
from scipy.ndimage import binary_erosion

from animate.layers import mount

HEIGHT, WIDTH = 560, 460
FACE = mesh(230, 230, 60)


def picture() -> np.ndarray:
    pixels, *_ = draw((HEIGHT, WIDTH), [FACE], [((50, 40, 30), (70, 80, 110))])
    return pixels


def matted(tone: tuple[int, int, int], grain: float, a: float = 0.34, b: float = 0.38) -> tuple[np.ndarray, np.ndarray]:
    """The picture in a mat of a tone, and where the mat is."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    outside = np.hypot((x - 230) / (a * WIDTH), (y - 260) / (b * HEIGHT)) > 1
    noise = np.random.default_rng(0).normal(0, grain, (HEIGHT, WIDTH, 1))
    mat = np.clip(np.array(tone) + noise, 0, 255).astype(np.uint8)
    return np.where(outside[..., None], mat, picture()), outside


def framed(left: int, right: int, top: int, bottom: int, slope: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The picture with white margins, the left one with a tilted edge, and where they are."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    outside = (x < left + slope * y) | (x >= WIDTH - right) | (y < top) | (y >= HEIGHT - bottom)
    return np.where(outside[..., None], np.uint8(238), picture()), outside


def bounded(found: mount.Mount | None, outside: np.ndarray, slack: int = 12) -> tuple[bool, bool, bool]:
    """Whether there is a mount, covers what is outside, and within the opening no more than a rim."""
    if found is None:
        return False, False, False
    inner = binary_erosion(~outside, iterations=slack, border_value=1)
    return True, bool((found.opacity[outside] == 1).mean() > 0.99), not found.opacity[inner].any()


@pytest.mark.parametrize("tone, grain", [((235, 228, 214), 2), ((60, 48, 40), 5), ((20, 20, 22), 2)])
def test_the_opening_of_a_mat_is_found(tone, grain):
    pixels, outside = matted(tone, grain)
    assert bounded(mount.find(pixels, [FACE]), outside) == (True, True, True)


def test_an_opening_is_found_in_a_large_scan():
    pixels, outside = matted((235, 228, 214), 2)
    found = mount.find(pixels.repeat(3, 0).repeat(3, 1), [FACE * 3])
    assert bounded(found, outside.repeat(3, 0).repeat(3, 1), slack=30) == (True, True, True)


@pytest.mark.parametrize("sides, slope", [((20, 20, 24, 60), 0.0), ((24, 0, 0, 0), 0.012), ((0, 0, 0, 80), 0.0)])
def test_margins_are_found_side_by_side(sides, slope):
    pixels, outside = framed(*sides, slope)
    assert bounded(mount.find(pixels, [FACE]), outside) == (True, True, True)


def test_a_portrait_before_a_wall_has_no_mount():
    assert mount.find(picture(), [FACE]) is None


def test_a_picture_of_one_tone_has_no_mount():
    assert mount.find(np.full((HEIGHT, WIDTH, 3), 120, np.uint8), [FACE]) is None


def test_what_would_hide_the_face_is_no_mount():
    pixels, _ = framed(90, 0, 0, 0)
    assert mount.find(pixels, [mesh(60, 230, 60)]) is None


def test_what_is_hidden_is_mirrored_at_the_edge_and_the_rest_stays():
    pixels, _ = framed(20, 0, 0, 0)
    found = mount.find(pixels, [FACE])
    continued = found.continued(pixels)
    edge = int((found.opacity[100] >= 1).sum())
    np.testing.assert_array_equal(continued[:, edge:], pixels[:, edge:])
    np.testing.assert_allclose(continued[:, edge - 5], pixels[:, edge + 5], atol=1)
    assert found.continued(found.opacity).shape == found.opacity.shape


def test_a_mount_laid_over_anything_is_the_photograph_outside_of_the_opening():
    pixels, outside = matted((235, 228, 214), 2)
    found = mount.find(pixels, [FACE])
    frame = np.zeros_like(pixels)
    found.lay(frame, pixels, (0, 0, WIDTH, HEIGHT))
    hidden = found.opacity == 1
    assert (frame[hidden] == pixels[hidden]).all() and not frame[found.opacity == 0].any()
    same = pixels.copy()
    found.lay(same, pixels, (40, 30, 400, 500))
    assert (same == pixels).all()
