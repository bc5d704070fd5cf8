"""Hair around the lips is dark or white and rough on both sides; a shadow, or the edge of a lip, is not hair."""

from __future__ import annotations

import numpy as np
import pytest

from animate.compose import beard
from animate.motion import landmarks
from animate.pipeline.mouths import BEARD

SIZE, SKIN = 400, 170.0
UPPER, LOWER = (*BEARD.above[0], *BEARD.above[1]), (*BEARD.under, *BEARD.chin)


@pytest.fixture
def points() -> np.ndarray:
    return (landmarks.MEAN_FACE * 110 + (SIZE / 2, SIZE / 2, 0)).astype(np.float32)


def measured(pixels: np.ndarray, points: np.ndarray) -> beard.Beard:
    picture = np.repeat(np.clip(pixels, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
    return beard.measure(picture, points, BEARD, float(np.linalg.norm(points[61] - points[291])))


def skin() -> np.ndarray:
    return np.full((SIZE, SIZE), SKIN) + np.random.default_rng(0).normal(0, 2, (SIZE, SIZE))


def box(points: np.ndarray, where: tuple[int, ...]) -> tuple[slice, slice]:
    low, high = points[list(where), :2].min(0).astype(int) - 3, points[list(where), :2].max(0).astype(int) + 3
    return slice(low[1], high[1]), slice(low[0], high[0])


def strands(pixels: np.ndarray, at: tuple[slice, slice], low: float, high: float) -> None:
    pixels[at] = np.random.default_rng(1).uniform(low, high, pixels[at].shape)


def test_bare_skin_has_none(points):
    assert measured(skin(), points) == beard.Beard(0.0, 0.0)


def test_a_moustache_and_a_full_beard_are_told_apart(points):
    pixels = skin()
    strands(pixels, box(points, UPPER), 20, 110)
    assert measured(pixels, points) == beard.Beard(1.0, 0.0)
    strands(pixels, box(points, LOWER), 20, 110)
    assert measured(pixels, points) == beard.Beard(1.0, 1.0)


def test_a_beard_without_a_moustache_leaves_the_upper_lip_bare(points):
    pixels = skin()
    strands(pixels, box(points, LOWER), 20, 110)
    assert measured(pixels, points) == beard.Beard(0.0, 1.0)


def test_a_white_beard_is_lighter_than_skin(points):
    pixels = skin()
    strands(pixels, box(points, UPPER + LOWER), 190, 225)
    found = measured(pixels, points)
    assert found.above == found.below == 1


def test_shadows_are_no_hair(points):
    pixels = skin()
    pixels[:, SIZE // 2 :] *= 0.35  # light from one side
    assert measured(pixels, points).above == 0
    pixels = skin()
    pixels[box(points, LOWER)] *= 0.5  # the shade below the lip
    assert measured(pixels, points).below == 0


def test_nothing_is_claimed_where_nothing_can_be_measured(points):
    assert measured(skin(), points * 0.02) == beard.Beard(0.0, 0.0)
    assert measured(np.zeros((SIZE, SIZE)), points) == beard.Beard(0.0, 0.0)
