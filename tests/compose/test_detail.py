"""Detail of a network in a photograph: only where it belongs, sharpening more than wiping, in the print's tones."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import portrait
from scipy.ndimage import gaussian_filter

from animate.compose import detail
from animate.core.types import Photo

POINTS = portrait(Photo(np.zeros((256, 256, 3), np.uint8))).keypoints.points
SIZE = float(np.ptp(POINTS[:, 1]))


def noise(seed: int, sigma: float, strength: float) -> np.ndarray:
    made = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (256, 256)), sigma)
    return 128 + strength * made / made.std()


def grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(values, 0, 255)[..., None], 3, 2).astype(np.uint8)


def laid(own: np.ndarray, new: np.ndarray, strength: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The picture with `new` laid over it, and where it belongs."""
    made = own.copy()
    rectangle, alpha = detail.region(POINTS, 256, 256)
    left, top, right, bottom = rectangle
    detail.lay(made, new[top:bottom, left:right], rectangle, strength * alpha, POINTS, SIZE)
    where = np.zeros((256, 256), np.float32)
    where[top:bottom, left:right] = alpha
    return made, where


def test_the_region_ends_softly_inside_itself_and_holds_the_face():
    (left, top, right, bottom), alpha = detail.region(POINTS, 10_000, 10_000)
    assert alpha.shape == (bottom - top, right - left)
    edge = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert edge.max() < 0.01
    assert np.abs(np.diff(alpha, axis=0)).max() < 0.1
    x, y = np.rint(POINTS[:, 0] - left).astype(int), np.rint(POINTS[:, 1] - top).astype(int)
    assert alpha[y, x].min() > 0.9


def test_at_the_border_of_the_photograph_it_does_not_fade():
    rectangle, alpha = detail.region(POINTS - (POINTS[:, 0].min(), 0, 0), 256, 256)
    assert rectangle[0] == 0 and alpha[alpha.shape[0] // 2, 0] > 0.5


def test_outside_nothing_changes_and_no_strength_changes_nothing():
    own, new = grey(noise(1, 1, 20)), grey(noise(2, 1, 20))
    made, where = laid(own, new)
    np.testing.assert_array_equal(made[where == 0], own[where == 0])
    assert (made[where == 1] != own[where == 1]).any()
    np.testing.assert_array_equal(laid(own, new, 0.0)[0], own)


def test_what_is_sharpened_counts_more_than_what_is_wiped_away():
    sharp = noise(3, 1.0, 25)
    soft = gaussian_filter(sharp, 1.5)
    gained, where = laid(grey(soft), grey(sharp), 0.5)
    kept, _ = laid(grey(sharp), grey(soft), 0.5)
    middle = where == 1
    detail_of = lambda picture: (picture[..., 0] - gaussian_filter(picture[..., 0].astype(float), 3))[middle].std()
    low, high = detail_of(grey(soft)), detail_of(grey(sharp))
    assert detail_of(gained) > low + 0.5 * (high - low)
    assert detail_of(kept) > low + 0.6 * (high - low)


def test_light_and_tone_stay_the_prints():
    own = (noise(4, 1, 12)[..., None] * np.array([1.0, 0.85, 0.65])).astype(np.uint8)
    new = np.clip(own[..., ::-1].astype(int) + 30, 0, 255).astype(np.uint8)
    made, where = laid(own, new)
    middle = where == 1
    np.testing.assert_allclose(made[middle].mean(0), own[middle].mean(0), atol=2)


def test_few_pixels_are_not_believed():
    assert detail.certainty(20) == 0 and detail.certainty(150) == 1
    assert 0 < detail.certainty(50) < detail.certainty(80) < 1


@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_the_same_every_time(seed):
    own, new = grey(noise(seed, 1, 20)), grey(noise(9, 1, 20))
    np.testing.assert_array_equal(laid(own, new)[0], laid(own, new)[0])
