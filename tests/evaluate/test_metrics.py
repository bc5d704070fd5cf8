"""The bench's measures answer as they should on pictures whose answer is known."""

import numpy as np
import pytest
from skimage import data, filters

from animate.evaluate import metrics


@pytest.fixture(scope="module")
def face():
    return data.astronaut()[30:226, 120:316]


def test_equal_pictures_are_equal(face):
    assert metrics.l1(face, face) == 0
    assert metrics.psnr(face, face) == 99
    assert metrics.ssim(face, face) == pytest.approx(1)
    assert metrics.sharpness(face, face) == pytest.approx(1)
    assert metrics.likeness(face, face) == pytest.approx(1)


def test_a_known_difference_is_measured(face):
    grey = np.full((10, 10, 3), 100, np.uint8)
    assert metrics.l1(grey, grey + 51) == pytest.approx(0.2, abs=1e-6)
    assert metrics.psnr(grey, grey + 51) == pytest.approx(10 * np.log10(25), abs=1e-6)
    half = np.zeros((10, 10), bool)
    half[:5] = True
    assert metrics.l1(grey, np.where(half[..., None], grey, 200).astype(np.uint8), half) == 0


def test_blur_lowers_sharpness_and_noise_raises_it(face):
    blurred = (filters.gaussian(face, 2, channel_axis=2) * 255).astype(np.uint8)
    noisy = np.clip(face + np.random.default_rng(0).normal(0, 20, face.shape), 0, 255).astype(np.uint8)
    assert metrics.sharpness(blurred, face) < 0.5
    assert metrics.sharpness(noisy, face) > 1.5


def test_a_face_is_more_like_itself_than_like_something_else(face):
    other = data.camera()[30:226, 120:316][..., None].repeat(3, 2)
    brighter = np.clip(face * 1.1, 0, 255).astype(np.uint8)
    assert metrics.likeness(face, brighter) > metrics.likeness(face, other) + 0.1


def test_akd_counts_68_points():
    points = np.zeros((478, 3))
    assert len(set(metrics.IBUG_68)) == 68
    assert metrics.akd(points, points + [3, 4, 100]) == pytest.approx(5)


def test_regions_hold_the_face_and_its_openings():
    from animate.motion import landmarks

    points = landmarks.MEAN_FACE * 60 + [100, 100, 0]
    face, openings = metrics.face_region(points, (200, 200)), metrics.openings_region(points, (200, 200))
    assert 0.2 < face.mean() < 0.7
    assert 0 < openings.sum() < face.sum() * 0.2
    assert (openings & ~face).sum() == 0
