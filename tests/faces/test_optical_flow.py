"""A picture that was shifted and lit is found shifted and lit by as much; what does not fit is not trusted."""

import numpy as np
import pytest
from scipy.ndimage import shift
from skimage import data

from animate.faces.optical_flow import LEAST, brightness, compare

UNIT = 43.0
POINTS = np.stack(np.meshgrid(np.arange(90, 160, 10.0), np.arange(80, 150, 10.0)), -1).reshape(-1, 2)


@pytest.fixture(scope="module")
def picture():
    return data.astronaut()[:256, 96:352].copy()


def test_the_same_picture_has_not_moved(picture):
    found = compare(picture, picture, POINTS, unit=UNIT)
    assert np.abs(found.shift).max() < 0.05 and (found.trust > 0.99).all()


def test_a_shift_is_found(picture):
    moved = shift(picture.astype(float), (-2, 3, 0), order=1, mode="nearest").astype(np.uint8)
    found = compare(picture, moved, POINTS, unit=UNIT)
    assert np.abs(np.median(found.shift, 0) - [3, -2]).max() < 0.2
    assert np.median(found.trust) > 0.4


def test_brightness_is_that_around_a_point(picture):
    plain, darker = (brightness((picture * share).astype(np.uint8), POINTS, unit=UNIT) - LEAST for share in (1, 0.7))
    x, y = POINTS[24].astype(int)
    assert plain[24] == pytest.approx((picture[y - 1 : y + 2, x - 1 : x + 2] @ [0.299, 0.587, 0.114]).mean(), abs=6)
    assert darker == pytest.approx(0.7 * plain, abs=1)


def test_another_picture_is_not_believed(picture):
    noise = np.random.default_rng(0).integers(0, 256, picture.shape, np.uint8)
    found = compare(picture, noise, POINTS, unit=UNIT)
    assert np.median(found.trust) < 0.2
