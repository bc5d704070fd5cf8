"""The driver's light on a drawn mouth: taken without detail, within limits, from what the mouth covers only."""

import numpy as np
import pytest

from animate.compose.mouth_light import LIMITS, follow
from animate.core.numerics import luminance


@pytest.fixture
def drawn() -> np.ndarray:
    """Teeth over the dark, with seams, (40, 60, 3)."""
    rows = np.where(np.arange(40) < 20, 180.0, 40.0)[:, None, None]
    return rows * np.where(np.arange(60) % 8 == 0, 0.7, 1.0)[None, :, None] * np.array([1.0, 0.95, 0.9])


def test_light_like_its_own_changes_nothing(drawn):
    assert np.allclose(follow(drawn, drawn, np.ones((40, 60)), 255.0), drawn)


def test_it_is_dark_where_the_driver_is_dark_and_keeps_its_seams_and_hue(drawn):
    under = np.where(np.arange(60) < 30, 30.0, 150.0)[None, :, None] * np.ones((40, 1, 3))
    lit = follow(drawn, under, np.ones((40, 60)), 255.0)
    assert lit[5:15, 5:20].mean() < 0.5 * drawn[5:15, 5:20].mean()
    assert lit[25:35, 45:55].mean() > 1.2 * drawn[25:35, 45:55].mean()
    seam, tooth = lit[10, 8], lit[10, 7]
    assert seam[0] / tooth[0] == pytest.approx(0.7, abs=0.06)
    assert np.allclose(tooth / tooth[0], [1, 0.95, 0.9])


def test_the_change_is_bounded(drawn):
    ones = np.ones((40, 60))
    for under in (np.zeros_like(drawn), np.full_like(drawn, 255.0)):
        change = follow(drawn, under, ones, 255.0) / drawn
        assert change.min() >= LIMITS[0] - 1e-6 and change.max() <= LIMITS[1] + 1e-6


def test_lips_around_give_no_light(drawn):
    alpha = np.zeros((40, 60))
    alpha[8:32, 8:52] = 1
    lips = drawn.copy()
    lips[alpha == 0] = 255.0
    assert np.abs(follow(drawn, lips, alpha, 255.0) / drawn - 1)[alpha == 1].max() < 0.01


def test_teeth_get_no_whiter_than_the_whites_of_the_print(drawn):
    white = 190.0
    lit = follow(drawn, np.full_like(drawn, 255.0), np.ones((40, 60)), white)
    assert luminance(lit).max() < white + 0.01
    assert (lit >= drawn - 0.01).all()
