"""Painted colour: in the print's tones, with the print's grain, where it should be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.data import astronaut

from animate.compose import print_match
from animate.compose.print_match import Grain, Palette
from animate.motion.landmarks import MEAN_FACE

SIDE = 700
FACE = (MEAN_FACE[:, :2] * 150 + SIDE / 2).astype(np.float32)


def face(noise: float = 0.0, blur: float = 0.0) -> np.ndarray:
    """A smooth picture (SIDE, SIDE, 3) with grain."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    grain = np.random.default_rng(3).standard_normal((SIDE, SIDE))
    grain = gaussian_filter(grain, blur) if blur else grain
    light = 130 + 40 * np.sin(rows / 60) + 30 * np.cos(columns / 70) + noise * grain / grain.std()
    return light[..., None].repeat(3, 2).round().astype(np.uint8)


def test_a_grey_print_stays_grey_exactly():
    palette = Palette(astronaut()[..., :1].repeat(3, 2))
    colour = palette.colour(np.random.default_rng(0).random((40, 40, 3), np.float32) * 255)
    assert palette.single and not np.ptp(colour, axis=-1).any()
    assert not np.ptp(palette.tone(np.float32([[20, 0, -5]])), axis=-1).any()


def test_a_sepia_print_gives_its_own_tones():
    light = np.linspace(20, 235, 256).astype(np.float32)[:, None].repeat(64, 1)
    sepia = lambda x: np.stack([x, 0.85 * x + 5, 0.6 * x + 12], -1)
    palette = Palette(sepia(light).round().astype(np.uint8))
    assert palette.single
    made = palette.colour(np.float32([[90, 120, 200], [200, 120, 80]]))
    assert np.abs(made - sepia(made[:, 0])).max() < 3


def test_a_face_of_a_few_pixels_has_its_usual_tone():
    palette = Palette(np.uint8([[[120, 100, 80], [110, 90, 70], [130, 110, 90]]]))
    assert palette.single
    red, green, blue = palette.colour(np.float32([100, 100, 100]))
    assert red > green > blue


def test_a_colour_photograph_is_left_alone():
    palette = Palette(astronaut())
    colour = np.float32([[200, 20, 90]])
    assert not palette.single and palette.colour(colour) is colour and palette.tone(colour) is colour


@pytest.mark.parametrize("blur", [0.0, 0.9, 1.6])
def test_grain_is_as_strong_and_as_fine_as_the_scans(blur):
    found = Grain(face(6.0, blur), FACE)
    assert found.strength == pytest.approx(6, rel=0.15)
    near = [
        np.corrcoef(tile[:, 1:].ravel(), tile[:, :-1].ravel())[0, 1]
        for tile in (
            found.tile,
            gaussian_filter(np.random.default_rng(1).standard_normal((256, 256)), blur) if blur else found.tile,
        )
    ]
    assert near[0] == pytest.approx(near[1], abs=0.1)
    assert np.array_equal(found.at((3, 5, 40, 300)), found.at((3 + 256, 5, 40 + 256, 300)))


def test_a_clean_picture_and_a_tiny_face_get_no_grain_and_a_small_one_little():
    assert Grain(face(), FACE).strength < 0.6  # what rounding leaves
    assert Grain(face(6.0), FACE / 15).strength == 0
    assert 1 < Grain(face(6.0), FACE / 2.5).strength < 3  # pores and features are as fine as grain there
    assert Grain(face(6.0), FACE + 900).strength == 0  # outside the scan


def test_laying_keeps_the_strength_of_grain_between_photo_and_paint():
    scan = face(6.0)
    grain = Grain(scan, FACE)
    for share in (0.0, 0.5, 1.0):
        frame = scan.copy()
        smooth = face().transpose(2, 0, 1).astype(np.float32)
        print_match.blend(
            frame, (50, 60, 250, 260), smooth[:, 60:260, 50:250], np.full((200, 200), share, np.float32), grain
        )
        assert np.std(frame[60:260, 50:250, 0].astype(float) - smooth[0, 60:260, 50:250]) == pytest.approx(6, rel=0.15)
        assert share or (frame == scan).all()
        frame[60:260, 50:250] = scan[60:260, 50:250]
        assert (frame == scan).all()
