"""The plate: what was behind is continued, grain stays, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion, gaussian_filter

from animate.layers.plate import LEAST, paint, skirt

UNIT = 60.0


def scene(background: np.ndarray, grain: float = 0.0):
    """pixels with a dark head before a background (H, W) or (H, W, 3), people, what is uncovered, the truth."""
    truth = np.broadcast_to(background if background.ndim == 3 else background[..., None], (*background.shape[:2], 3))
    truth = truth + np.random.default_rng(0).normal(0, grain, (*truth.shape[:2], 1))
    truth = np.clip(truth + 0.5, 0, 255).astype(np.uint8)
    y, x = np.mgrid[: truth.shape[0], : truth.shape[1]]
    away = np.hypot((x - truth.shape[1] / 2) / 75, (y - truth.shape[0] / 2) / 100)
    people = away < 1
    pixels = truth.copy()
    pixels[people] = (60, 45, 40)
    return pixels, people, people & (away > 0.6), truth


def stripes(period: float, size: int = 400) -> np.ndarray:
    line = 140 + 60 * np.sign(np.sin(np.arange(size) * 2 * np.pi / period))
    return np.broadcast_to(gaussian_filter(line, 0.8), (size, size))


def test_nothing_changes_outside_the_band():
    pixels, people, uncovered, _ = scene(stripes(24), 5.0)
    painted = paint(pixels, people, uncovered | ~people, UNIT)  # background that is named uncovered stays too
    assert np.array_equal(painted[~uncovered], pixels[~uncovered])
    assert (painted[uncovered] != pixels[uncovered]).any(-1).mean() > 0.99


@pytest.mark.parametrize("left", [0, 1, 2, 30])
def test_where_hardly_any_background_is_known_nothing_is_painted(left):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    people = np.ones((60, 60), bool)
    people.ravel()[:left] = False
    assert np.array_equal(paint(pixels, people, people, 20.0), pixels)


def test_faces_of_others_are_not_copied():
    """A face beside the hole is nowhere again, though it is the nearest; where nothing else is known, it is."""
    pixels, people, uncovered, _ = scene(np.full((400, 400), 150.0), 3.0)
    y, x = np.mgrid[:400, :400]
    face = (np.hypot(x - 320, y - 200) < 60) & ~people
    pixels[face] = (40, 200, 60)
    free, kept = paint(pixels, people, uncovered, UNIT), paint(pixels, people, uncovered, UNIT, face)
    green = [(each[uncovered][:, 1].astype(int) - each[uncovered][:, 0] > 60).mean() for each in (free, kept)]
    assert green[0] > 0.03 and green[1] == 0
    assert not np.array_equal(paint(pixels, people, uncovered, UNIT, ~people)[uncovered], pixels[uncovered])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("period", [16, 37])
def test_stripes_go_on_behind_a_head(period, turned):
    background = stripes(period).T if turned else stripes(period)
    pixels, people, uncovered, truth = scene(background, 2.0)
    painted = paint(pixels, people, uncovered, UNIT)
    band = uncovered & binary_dilation(~people, iterations=20)  # what a usual movement uncovers
    wrong = np.abs(painted.astype(int) - truth)[band].max(-1)
    assert np.mean(wrong > 40) < 0.12


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("grain", [4.0, 10.0])
def test_grain_is_that_of_the_surroundings(grain, scale):
    background = np.repeat(np.repeat(np.linspace(90, 170, 400)[None].repeat(400, 0), scale, 0), scale, 1)
    pixels, _, _, _ = scene(background, grain)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]] / scale
    away = np.hypot((x - 200) / 75, (y - 200) / 100)
    people, uncovered = away < 1, (away < 1) & (away > 0.6)
    pixels[people] = (60, 45, 40)
    painted = paint(pixels, people, uncovered, UNIT * scale).astype(float)[..., 0]
    fine = painted - gaussian_filter(painted, 2)
    inside = fine[binary_erosion(uncovered, iterations=6)].std()
    outside = fine[binary_erosion(~people, iterations=10)].std()
    assert inside == pytest.approx(outside, rel=0.25)


def test_tone_follows_a_slope_and_leaves_no_halo():
    pixels, people, uncovered, truth = scene(np.linspace(90, 170, 400)[None].repeat(400, 0), 3.0)
    blurred = gaussian_filter(pixels.astype(float), (2, 2, 0))
    pixels = np.clip(blurred + 0.5, 0, 255).astype(np.uint8)  # a dark rim of about 4 pixels lies outside of the head
    wide = binary_dilation(people, iterations=5)
    painted = paint(pixels, wide, wide & (uncovered | ~people), UNIT)
    band = wide & (uncovered | ~people)
    off = gaussian_filter(painted.astype(float) - truth, (3, 3, 0))[binary_erosion(band, iterations=4)]
    assert np.percentile(np.abs(off), 95) < 14


def test_colour_stays_colour():
    pixels, people, uncovered, truth = scene(np.broadcast_to(np.array((60.0, 110, 160)), (300, 300, 3)), 3.0)
    painted = paint(pixels, people, uncovered, UNIT)
    assert np.abs(painted[uncovered].mean(0) - truth[uncovered].mean(0)).max() < 3


def test_without_any_background_the_photograph_stays():
    pixels = np.full((60, 60, 3), 90, np.uint8)
    everywhere = np.ones((60, 60), bool)
    assert np.array_equal(paint(pixels, everywhere, everywhere, 20.0), pixels)
    assert np.array_equal(paint(pixels, everywhere, ~everywhere, 20.0), pixels)


@pytest.mark.slow
def test_a_clip_is_painted_twice_the_same():
    pixels, people, uncovered, _ = scene(stripes(24), 5.0)
    assert np.array_equal(paint(pixels, people, uncovered, UNIT), paint(pixels, people, uncovered, UNIT))


def test_a_skirt_is_thin_and_never_takes_away():
    matte = np.zeros((200, 200), np.float32)
    matte[80:120, 80:120] = 1
    wide = skirt(matte, UNIT)
    assert (wide >= matte).all() and wide[100, 122] > LEAST and wide[100, 140] == 0
    assert np.array_equal(skirt(np.zeros_like(matte), UNIT), np.zeros_like(matte))
