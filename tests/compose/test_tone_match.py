"""Tones of one photograph brought to those of another."""

from __future__ import annotations

import numpy as np
import pytest
from two_pictures import LIP, SKIN, face, picture, sepia

from animate.compose.print_match import Palette
from animate.compose.tone_match import ToneMatch
from animate.core.numerics import luminance
from animate.motion import landmarks
from animate.pipeline.source_face import EYES, palette_of

POINTS = face()
CHEEKS = [50, 101, 36, 205, 280, 330, 266, 425, 151, 9, 108, 337, 118, 347, 199, 208, 428, 123, 352, 187, 411]


def match(own: np.ndarray, main: np.ndarray) -> ToneMatch:
    palettes = palette_of(own, POINTS), palette_of(main, POINTS)
    return ToneMatch(own, POINTS, main, POINTS, CHEEKS, EYES, (70.0, 70.0), palettes)


def test_the_same_photograph_stays_as_it_is():
    pixels = picture(POINTS)
    assert np.abs(match(pixels, pixels)(pixels) - pixels).mean() < 1


def test_a_darker_photograph_gets_the_tones_of_the_main_one():
    main, darker = picture(POINTS), picture(POINTS, light=0.7)
    toned = match(darker, main)(darker)
    skin = np.s_[120:140, 60:80]
    assert np.abs(darker[skin].mean((0, 1)) - main[skin].mean((0, 1))).max() > 30
    assert np.abs(toned[skin].mean((0, 1)) - main[skin].mean((0, 1))).max() < 8


def test_a_colour_picture_is_sepia_on_a_sepia_print():
    main = sepia(picture(POINTS))
    toned = match(picture(POINTS), main)(picture(POINTS))
    curve = Palette(main).curve
    light = luminance(toned)
    off = np.abs(toned - light[..., None] - curve[light.astype(int).clip(0, 255)]).max(-1)
    assert np.percentile(off, 99) < 3


def test_a_grey_picture_of_a_person_in_colours_is_known_as_one():
    grey = np.repeat(luminance(picture(POINTS))[..., None], 3, axis=-1).astype(np.uint8)
    colours = picture(POINTS)
    colours[::2] = colours[::2, :, ::-1]  # skin of two hues
    assert match(grey, colours).colours_unknown and not match(colours, grey).colours_unknown
    skin = np.s_[120:140, 60:80]
    assert np.abs(match(grey, colours)(grey)[skin] - colours[skin]).mean() < 25


def test_light_from_one_side_is_made_up_for_smoothly():
    main, flat = picture(POINTS), np.full_like(picture(POINTS), 170)
    found = match(flat, main)
    x, y = np.meshgrid([100.0, 200.0], [150.0])
    left, right = found.light(POINTS, x, y)[0]
    assert luminance(left) > luminance(right) + 5


def test_what_covers_a_region_is_noticed():
    main = picture(POINTS)
    covered = main.copy()
    low, high = POINTS[list(landmarks.OUTER_LIPS), :2].min(0), POINTS[list(landmarks.OUTER_LIPS), :2].max(0)
    left, top, right, bottom = (*(low - 30).astype(int), *(high + 30).astype(int))
    covered[top:bottom, left:right] = (60, 90, 60)
    ring = (199, 208, 428)
    assert match(main, main).misfit(ring) < 0.02 < 0.3 < match(covered, main).misfit(ring)
    assert match(main, main).misfit(()) == float("inf")


@pytest.mark.parametrize("ring", [CHEEKS, ()])
def test_the_gain_of_like_light_is_one(ring):
    pixels = picture(POINTS)
    assert match(pixels, pixels).gain(ring) == pytest.approx(1, abs=0.02)
    assert luminance(np.array(SKIN)) > luminance(np.array(LIP))
