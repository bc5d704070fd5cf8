"""Dark, faded and reversed pictures are noted; ordinary ones, brown, red or blue, are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

from animate.photo import check
from animate.photo.read import read_photo

FIVE = np.array([[203, 99], [248, 101], [224, 123], [205, 142], [242, 143]], float)  # of the astronaut
SHARED = next(
    (p / "shared/data" for p in Path(__file__).resolve().parents if (p / "shared/data/faults").is_dir()), None
)
beside = pytest.mark.skipif(SHARED is None, reason="the test photographs are not beside this checkout")


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return astronaut()


@pytest.fixture(scope="module")
def brown(portrait) -> np.ndarray:
    """As an old print: one tone between dark brown and yellowed paper."""
    share = portrait.mean(axis=2, keepdims=True) / 255
    return (np.array([35, 25, 15]) * (1 - share) + np.array([235, 215, 175]) * share).astype(np.uint8)


def test_ordinary_pictures_have_no_notes(portrait, brown):
    red = (portrait * np.array([0.9, 0.65, 0.55])).astype(np.uint8)
    for pixels in (portrait, brown, red):
        assert check.notes(pixels) == () == check.notes(pixels, [FIVE])


def test_a_dark_picture(portrait):
    assert "very dark" in check.dark(portrait // 10) and "more light" in check.dark(portrait // 10)
    assert check.dark(portrait // 3) == "" and check.faded(portrait // 10) == ""
    assert check.dark(np.zeros((50, 50, 3), np.uint8))


def test_a_faded_picture(portrait):
    assert "faded" in check.faded(150 + portrait // 4) and check.faded(100 + portrait // 2) == ""


def test_a_negative_by_its_face(portrait, brown):
    for pixels in (portrait, brown):
        assert "negative" in check.negative(255 - pixels, [FIVE])
        assert check.negative(pixels, [FIVE]) == ""
    assert check.negative(255 - portrait, [FIVE - 500]) == check.negative(
        255 - portrait
    )  # a face outside does not count


def test_a_negative_by_its_tints(portrait, brown):
    mask = (255 - portrait) / 255 * np.array([225, 130, 75]) + np.array([15, 8, 4])
    assert "negative" in check.negative(mask.astype(np.uint8))
    assert "negative" in check.negative(255 - brown)
    share = brown.mean(axis=2, keepdims=True) / 255
    blueprint = np.array([20, 45, 95]) * (1 - share) + np.array([240, 235, 220]) * share
    assert check.negative(blueprint.astype(np.uint8)) == ""


@beside
@pytest.mark.parametrize(
    ("name", "note"), [("p06_negative.jpg", "negative"), ("p14_dark.jpg", "very dark"), ("oms.jpg", "")]
)
def test_the_faults(name, note):
    found = check.notes(read_photo(SHARED / "faults" / name).pixels)
    assert len(found) == bool(note) and note in "".join(found)


@beside
@pytest.mark.slow
def test_old_photographs_are_not_taken_for_negatives_or_dark_ones():
    paths = sorted((SHARED / "oldphotos").glob("*.*"))
    assert len(paths) > 50
    noted = {path.name: found for path in paths if (found := check.notes(read_photo(path).pixels))}
    assert noted == {}


def test_twelve_bits_in_sixteen_are_scaled(face, packed):
    grey = face.mean(axis=2) / 255
    photo = read_photo(packed((grey * 4095).astype(np.uint16), "TIFF"))
    assert np.abs(photo.pixels[:, :, 0] - grey * 255).max() < 2
    assert any("12 of 16 bits" in note for note in photo.notes) and not any("light itself" in n for n in photo.notes)


def test_linear_light_becomes_tones(face, packed):
    grey = face.mean(axis=2) / 255
    light = np.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055) ** 2.4) * 0.7
    photo = read_photo(packed((light * 4095).astype(np.uint16), "TIFF"))
    assert 0.8 < photo.pixels.mean() / (grey.mean() * 255) < 1.05
    assert any("light itself" in note for note in photo.notes)


def test_sixteen_bits_stay_sixteen(face, packed):
    dim = (face[:, :, 0] / 255 * 20_000).astype(np.uint16)
    photo = read_photo(packed(dim, "TIFF"))
    assert photo.notes[0] == "grey of more than 8 bit reduced to 8 bit" and not any("scaled" in n for n in photo.notes)
    assert np.abs(photo.pixels[:, :, 0] - dim / 257).max() <= 1


@beside
def test_the_twelve_bit_fault_is_as_bright_as_its_print():
    photo, print_ = (read_photo(SHARED / "faults" / name) for name in ("p05_grey16_12bit_linear.tif", "oms.jpg"))
    assert abs(np.median(photo.pixels) - np.median(print_.pixels)) < 25
    assert check.notes(photo.pixels) == ()


def test_reading_a_file_checks_it(face, packed):
    assert any("very dark" in note for note in read_photo(packed(face // 12, "PNG")).notes)
    assert any("faded" in note for note in read_photo(packed(150 + face // 4, "PNG")).notes)
    assert read_photo(packed(face, "PNG")).notes == ()
