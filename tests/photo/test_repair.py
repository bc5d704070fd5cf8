"""Tones, dust, cracks and grain: what is worn is mended, what is healthy or belongs to people stays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.data import astronaut

from animate.photo import damage, fill, tone

SHAPE = (300, 400)
NOTHING = np.zeros(SHAPE, bool)
SEPIA_DARK, SEPIA_LIGHT = np.array([40, 25, 15]), np.array([235, 215, 180])


@pytest.fixture(scope="module")
def print_() -> np.ndarray:
    """A soft print with a little grain."""
    rng = np.random.default_rng(0)
    values = 120 + 40 * np.sin(np.arange(400) / 60)[None] + np.zeros((300, 1))
    return np.repeat((values + rng.normal(0, 2, SHAPE))[..., None], 3, 2).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return astronaut()


def sepia(picture: np.ndarray) -> np.ndarray:
    share = picture.mean(axis=2, keepdims=True) / 255
    return (SEPIA_DARK * (1 - share) + SEPIA_LIGHT * share).astype(np.uint8)


# Tones


def test_healthy_prints_are_left_alone(portrait):
    grey = np.repeat(portrait.mean(axis=2, keepdims=True), 3, 2).astype(np.uint8)
    assert tone.restoring(portrait, one_tone=False) is None
    assert tone.restoring(grey, one_tone=True) is None


def test_a_faded_print_gets_contrast_back_but_not_all_of_it(portrait):
    faded = (90 + portrait.mean(axis=2, keepdims=True).repeat(3, 2) * 0.4).astype(np.uint8)
    made = tone.apply(faded, tone.restoring(faded, one_tone=True))
    before, after = (np.ptp(np.percentile(picture, [2, 98])) for picture in (faded, made))
    assert 1.3 * before < after < np.ptp(np.percentile(portrait.mean(axis=2), [2, 98]))


def test_a_sepia_print_stays_sepia(portrait):
    old = (60 + sepia(portrait) * 0.55).astype(np.uint8)
    made = tone.apply(old, tone.restoring(old, one_tone=True)).astype(int)
    tint = lambda picture: (picture[..., 0].astype(int) - picture[..., 2]).mean()
    assert tint(made) > 0.8 * tint(old) > 5
    assert np.ptp(made.mean(axis=2)) > np.ptp(old.mean(axis=2))


def test_a_cast_becomes_weaker(portrait):
    red = (portrait * np.array([0.6, 0.8, 0.75]) + np.array([95, 15, 20])).astype(np.uint8)
    made = tone.apply(red, tone.restoring(red, one_tone=False))
    cast = lambda picture: abs((picture[..., 0].astype(int) - picture[..., 1]).mean() - 10)
    assert cast(made) < 0.8 * cast(red)


@pytest.mark.parametrize("one_tone", [True, False])
def test_a_curve_rises_everywhere(portrait, one_tone):
    curve = tone.restoring((90 + portrait * 0.4).astype(np.uint8), one_tone=one_tone)
    assert curve.shape == (256, 3) and (np.diff(curve.astype(int), axis=0) >= 0).all()


def test_a_blank_picture_has_no_curve():
    assert tone.restoring(np.full((50, 50, 3), 130, np.uint8), one_tone=True) is None


# Damage


def scratched(picture: np.ndarray, *, dark_side: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A long bright scratch; as a rail it throws a shadow."""
    made, where = picture.copy(), np.zeros(picture.shape[:2], bool)
    for x in range(60, 360):
        y = 150 + x // 8
        made[y : y + 2, x] = 240
        where[y : y + 2, x] = True
        if dark_side:
            made[y + 2 : y + 4, x] = 30
    return made, where


def dusty(picture: np.ndarray, places) -> tuple[np.ndarray, np.ndarray]:
    made, where = picture.copy(), np.zeros(picture.shape[:2], bool)
    for y, x in places:
        made[y : y + 2, x : x + 2] = 235
        where[y : y + 2, x : x + 2] = True
    return made, where


def test_dust_and_a_scratch_are_found_and_little_else(print_):
    worn, where = dusty(scratched(print_)[0], [(40, 50), (60, 340), (250, 100)])
    where |= scratched(print_)[1]
    found = damage.find(worn, NOTHING, NOTHING, face=0)
    assert (found.spots, found.cracks) == (3, 1)
    assert found.mask[where].mean() > 0.9
    assert (found.mask & ~damage.ndimage.binary_dilation(where, iterations=3)).sum() == 0


def test_a_sound_print_has_no_damage(print_):
    found = damage.find(print_, NOTHING, NOTHING, face=0)
    assert (found.mask.sum(), found.spots, found.cracks) == (0, 0, 0)


def test_dots_of_a_pattern_are_no_dust(print_):
    dots = [(y, x) for y in range(100, 200, 12) for x in range(100, 260, 12)]
    assert damage.find(dusty(print_, dots)[0], NOTHING, NOTHING, face=0).spots == 0


def test_a_rail_with_its_shadow_is_no_scratch(print_):
    assert damage.find(scratched(print_, dark_side=True)[0], NOTHING, NOTHING, face=0).cracks == 0


def test_the_edge_of_the_print_is_no_scratch(print_):
    edged = print_.copy()
    edged[:, 395:397] = 245
    assert damage.find(edged, NOTHING, NOTHING, face=0).cracks == 0


def test_features_are_never_touched_and_people_keep_what_is_dark_or_short(print_):
    worn, where = scratched(print_)
    worn[80:82, 200:202] = 10  # a mole
    people, features = ~NOTHING, NOTHING.copy()
    features[:, 180:220] = True
    found = damage.find(worn, features, people, face=100)
    assert found.cracks == 1 and found.spots == 0
    assert not found.mask[:, 180:220].any() and found.mask[where & ~features].mean() > 0.8
    assert damage.find(worn, features, people, face=280).cracks == 0, "as short as a necklace"


# Filling and grain


def test_what_is_filled_continues_its_surroundings(print_):
    worn, where = scratched(print_)
    mask = damage.find(worn, NOTHING, NOTHING, face=0).mask
    kept = mask.copy()
    made = fill.fill(worn, mask)
    np.testing.assert_array_equal(mask, kept)
    np.testing.assert_array_equal(made[~mask], worn[~mask])
    assert np.abs(made[where].astype(int) - print_[where]).mean() < 5
    rough = lambda picture: (picture[..., 0] - gaussian_filter(picture[..., 0].astype(float), 1))[where].std()
    assert 0.4 < rough(made) / rough(print_) < 2.0
    np.testing.assert_array_equal(made, fill.fill(worn, mask))


def test_grain_is_measured_and_made_quieter_while_edges_stay():
    rng = np.random.default_rng(1)
    clean = np.full((200, 200, 3), 90.0)
    clean[:, 100:] = 190
    noisy = np.clip(clean + rng.normal(0, 9, clean.shape[:2])[..., None], 0, 255).astype(np.uint8)
    strength = fill.grain_of(noisy)
    assert strength == pytest.approx(9, rel=0.15) and fill.grain_of(clean.astype(np.uint8)) < fill.QUIET
    made = fill.calm(noisy, strength).astype(float)
    assert made[:, 20:80].std() < 0.75 * noisy[:, 20:80].std()
    step = lambda picture: picture[:, 101].mean() - picture[:, 98].mean()
    assert step(made) > 0.9 * step(noisy.astype(float))
