"""Rims: a wrong painting gets back what it is, hair that the matte missed stays with the person, a print its tone."""

import numpy as np
import pytest

from animate.layers.rims import share_out

SIZE, UNIT = 120, 40.0
HAIR, SOFT = 60, 0.08
BOX = (0, 0, SIZE, SIZE)


@pytest.fixture
def opacity() -> np.ndarray:
    """A person on the left, and a faint rim around it."""
    alpha = np.zeros((SIZE, SIZE), np.float32)
    alpha[:, :50], alpha[:, 50:60] = 1, SOFT
    return alpha


def scene(background: np.ndarray) -> np.ndarray:
    photo = np.broadcast_to(background[..., None], (SIZE, SIZE, 3)).astype(np.uint8).copy()
    photo[:, :50] = HAIR
    return photo


def painted(photo: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    plate = photo.copy()
    plate[:, :60] = np.broadcast_to(np.asarray(value)[..., None], (SIZE, SIZE, 3))[:, :60]
    return plate


def test_before_texture_a_wrong_painting_gets_back_what_is_there(opacity):
    stripes = np.where(np.arange(SIZE)[:, None] // 3 % 2, 220.0, 120.0) * np.ones(SIZE)
    photo = scene(stripes)
    plate = painted(photo, 340 - stripes)  # light where it is dark
    share_out(photo, plate, opacity, BOX, UNIT)
    rim = np.abs(plate.astype(float) - photo)[:, 50:60]
    assert rim.max() < 25  # was 100
    assert (plate[:, :50] == painted(photo, 340 - stripes)[:, :50]).all()


def test_before_a_plain_background_missed_hair_goes_along(opacity):
    photo = scene(np.full((SIZE, SIZE), 200.0))
    photo[40:60, 50:60] = HAIR
    plate = painted(photo, 200.0)
    share_out(photo, plate, opacity, BOX, UNIT)
    assert np.abs(plate.astype(int) - 200)[:, 50:].max() <= 1


def test_a_print_keeps_its_tone(opacity):
    tone = np.array([1.0, 0.85, 0.6])
    stripes = np.where(np.arange(SIZE)[:, None] // 3 % 2, 220.0, 120.0) * np.ones(SIZE)
    photo, plate = (np.round(part * tone).astype(np.uint8) for part in (scene(stripes), painted(scene(stripes), 150.0)))
    share_out(photo, plate, opacity, BOX, UNIT)
    assert np.abs(plate - plate[..., :1] * tone).max() < 3


def test_what_was_not_painted_stays(opacity):
    photo = scene(np.full((SIZE, SIZE), 200.0))
    plate = photo.copy()
    share_out(photo, plate, opacity, BOX, UNIT)
    assert (plate == photo).all()


def test_what_is_given_back_has_no_steps():
    """The texture grows evenly from row to row; so does what a wrong painting gets back."""
    alpha = np.full((SIZE, SIZE), SOFT, np.float32)
    alpha[:, :20] = 1
    stripes = np.linspace(1, 20, SIZE)[:, None] * np.where(np.arange(SIZE) % 2, 1.0, -1.0)
    photo = scene(150 + stripes)
    wrong = np.floor(210 + stripes)
    plate = np.broadcast_to(wrong[..., None], (SIZE, SIZE, 3)).astype(np.uint8).copy()
    share_out(photo, plate, alpha, BOX, UNIT)
    given = (wrong[10:110, 70:80] - plate[10:110, 70:80, 0]).mean(1)  # of each row
    assert given[-1] > given[0] + 20
    assert np.abs(np.diff(given)).max() < 1.2  # in blocks of 5 rows it would be 2
