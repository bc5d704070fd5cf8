"""What a matte takes for a person and looks like the background is cleared; hats, and what is certain, stay."""

import numpy as np
import pytest
from layers.crowd import draw, mesh

from animate.layers import alike
from animate.layers.heads import head_of

FACE = mesh(300, 260, 60)
SIZE = (620, 600)
Y, X = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
CLOUD = (np.abs(X - 470) < 40) & (np.abs(Y - 200) < 60)  # 2.5 eye distances beside the head


def scene(striped: bool) -> tuple[np.ndarray, np.ndarray]:
    """A person before a wall, plain or with stripes, and the true matte."""
    pixels, matte, _ = draw(SIZE, [FACE], [((40, 30, 25), (60, 70, 90))])
    if striped:
        wall = np.where((X // 12) % 2 == 0, 90, 190)[..., None].repeat(3, 2)
        pixels = (matte[..., None] * pixels + (1 - matte[..., None]) * wall).astype(np.uint8)
    return pixels, matte


@pytest.mark.parametrize("striped", [False, True])
def test_a_cloud_that_looks_like_the_wall_is_cleared_and_the_person_stays(striped):
    pixels, matte = scene(striped)
    doubtful = np.maximum(matte, 0.7 * CLOUD)
    cleared = alike.cleared(pixels, doubtful, [head_of(FACE)])
    assert cleared[CLOUD].mean() < 0.15
    assert cleared[matte > 0.9].mean() > 0.97


def test_a_hat_that_is_unlike_the_wall_stays_though_the_network_is_unsure():
    pixels, matte = scene(False)
    hat = (np.abs(X - 300) < 110) & (np.abs(Y - 90) < 30)
    pixels[hat] = (70, 40, 60)
    doubtful = np.maximum(matte, 0.7 * hat)
    assert alike.cleared(pixels, doubtful, [head_of(FACE)])[hat].mean() > 0.6


def test_what_is_certain_is_not_doubted():
    pixels, matte = scene(False)
    certain = np.maximum(matte, CLOUD.astype(np.float32))
    np.testing.assert_array_equal(alike.cleared(pixels, certain, [head_of(FACE)])[CLOUD], 1)


def test_without_background_nothing_changes():
    pixels, _ = scene(False)
    full = np.full(SIZE, 0.7, np.float32)
    np.testing.assert_array_equal(alike.cleared(pixels, full, [head_of(FACE)]), full)
