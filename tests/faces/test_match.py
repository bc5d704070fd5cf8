"""A picture that was shifted and lit is found shifted and lit by as much; what does not fit is not trusted."""

import numpy as np
import pytest
from scipy.ndimage import shift
from skimage import data

from animate.faces.match import match

UNIT = 43.0
POINTS = np.stack(np.meshgrid(np.arange(90, 160, 10.0), np.arange(80, 150, 10.0)), -1).reshape(-1, 2)


@pytest.fixture(scope="module")
def picture():
    return data.astronaut()[:256, 96:352].copy()


def test_the_same_picture_has_not_moved(picture):
    found = match(picture, picture, POINTS, unit=UNIT)
    assert np.abs(found.shift).max() < 0.05 and (found.trust > 0.99).all() and np.abs(found.light).max() < 0.01


def test_a_shift_is_found(picture):
    moved = shift(picture.astype(float), (-2, 3, 0), order=1, mode="nearest").astype(np.uint8)
    found = match(picture, moved, POINTS, unit=UNIT)
    assert np.abs(np.median(found.shift, 0) - [3, -2]).max() < 0.2
    assert np.median(found.trust) > 0.4 and np.abs(np.median(found.light)) < 0.03


def test_light_is_the_logarithm_of_a_ratio(picture):
    darker = (picture * 0.7).astype(np.uint8)
    found = match(picture, darker, POINTS, unit=UNIT)
    assert np.median(found.light) == pytest.approx(np.log(0.7), abs=0.03)
    assert np.abs(np.median(found.shift, 0)).max() < 0.2


def test_another_picture_is_not_believed(picture):
    noise = np.random.default_rng(0).integers(0, 256, picture.shape, np.uint8)
    found = match(picture, noise, POINTS, unit=UNIT)
    assert np.median(found.trust) < 0.2
