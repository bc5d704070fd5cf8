"""Dark, flat and blown-out prints come back with a full range, and nothing else changed."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from animate.photo.contrast import luminance, stretch


@pytest.mark.parametrize("spoil", [lambda p: p * 0.05, lambda p: p * 0.07 + 120, lambda p: p * 0.3 + 175])
def test_the_range_is_filled(face, spoil):
    spoiled = spoil(face.astype(float)).astype(np.uint8)
    tones = luminance(stretch(spoiled))[20:-20, 16:-16]
    assert np.ptp(np.percentile(luminance(spoiled), (2, 98))) < 80
    assert np.ptp(np.percentile(tones, (2, 98))) > 180
    assert 60 < np.median(tones) < 170


def test_hue_and_saturation_stay(face):
    small, after = face[::20, ::20].reshape(-1, 3), stretch(face // 3)[::20, ::20].reshape(-1, 3)
    for before, now in zip(small // 3, after, strict=True):
        if before.max() - before.min() > 20:
            hue, saturation, _ = colorsys.rgb_to_hsv(*(before / 255))
            hue_now, saturation_now, _ = colorsys.rgb_to_hsv(*(now / 255))
            assert abs((hue - hue_now + 0.5) % 1 - 0.5) < 0.03 and abs(saturation - saturation_now) < 0.03


def test_order_of_tones_stays():
    ramp = np.dstack([np.tile(np.linspace(90, 140, 200).astype(np.uint8), (100, 1))] * 3)
    assert (np.diff(stretch(ramp)[50, :, 0].astype(int)) >= 0).all()


def test_a_white_border_does_not_count(face):
    framed = np.full((face.shape[0] + 40, face.shape[1] + 32, 3), 255, np.uint8)
    framed[20:-20, 16:-16] = face // 8
    assert luminance(stretch(framed))[60:-60, 60:-60].max() > 150


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_stays(value):
    blank = np.full((60, 50, 3), value, np.uint8)
    assert np.array_equal(stretch(blank), blank)
    assert not np.shares_memory(stretch(blank), blank)


def test_tiny_and_full_range_pictures(face):
    assert stretch(np.array([[[10, 20, 30]], [[200, 210, 220]]], np.uint8)).shape == (2, 1, 3)
    assert np.abs(luminance(stretch(face)).astype(int) - luminance(face)).mean() < 40
