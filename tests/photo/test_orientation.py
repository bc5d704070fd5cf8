"""The eight EXIF cases agree, in every format that can carry them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from animate.photo.orientation import as_stored, upright, upright_size
from animate.photo.read import read_photo

CASES = range(1, 9)


@pytest.mark.parametrize("case", CASES)
def test_views_undo_each_other(face, case):
    stored = as_stored(face, case)
    assert np.array_equal(upright(stored, case), face)
    assert np.shares_memory(stored, face)
    assert upright_size(stored.shape[1], stored.shape[0], case) == (face.shape[1], face.shape[0])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
@pytest.mark.parametrize("case", CASES)
def test_every_case_is_shown_upright(face, packed, kind, case):
    exif = Image.Exif()
    exif[274] = case
    choices = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}, "AVIF": {"quality": 90}}.get(kind, {})
    photo = read_photo(packed(np.ascontiguousarray(as_stored(face, case)), kind, exif=exif, **choices))
    assert photo.pixels.shape == face.shape
    assert np.abs(photo.pixels.astype(float) - face).mean() < (5 if kind in ("JPEG", "AVIF") else 0.01)
    assert (case > 1) == any("upright" in note for note in photo.notes)


@pytest.mark.parametrize("case", [0, 9, 4000])
def test_nonsense_is_taken_for_upright(face, packed, case):
    exif = Image.Exif()
    exif[274] = case
    photo = read_photo(packed(face, "PNG", exif=exif))
    assert np.array_equal(photo.pixels, face) and photo.notes == ()


def test_damaged_exif_is_taken_for_upright(face, packed):
    assert np.array_equal(read_photo(packed(face, "PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09")).pixels, face)
