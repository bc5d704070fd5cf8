"""Every kind of file that holds a photograph reads right, and says what had to be done."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from animate.core.budget import PHOTO
from animate.core.errors import PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from animate.photo.read import read_photo


def far(a: np.ndarray, b: np.ndarray) -> float:
    assert a.shape == b.shape
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize(
    "kind, choices",
    [
        ("PNG", {}),
        ("BMP", {}),
        ("PPM", {}),
        ("WEBP", {"lossless": True}),
        ("JPEG2000", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
    ],
)
def test_lossless_formats_are_exact(face, packed, kind, choices):
    photo = read_photo(packed(face, kind, **choices))
    assert np.array_equal(photo.pixels, face)
    assert photo.pixels.dtype == np.uint8 and photo.pixels.flags.c_contiguous and photo.notes == ()


@pytest.mark.parametrize(
    "kind, choices",
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 90}),
        ("TIFF", {"compression": "jpeg", "quality": 95}),
    ],
)
def test_lossy_formats_are_close(face, packed, kind, choices):
    assert far(read_photo(packed(face, kind, **choices)).pixels, face) < 5


@pytest.mark.parametrize(
    "kind, mode, limit",
    [
        ("JPEG", "L", 3),
        ("PNG", "L", 0),
        ("PNG", "LA", 0),
        ("TIFF", "L", 0),
        ("PNG", "1", 0),
        ("TIFF", "1", 0),
        ("BMP", "1", 0),
    ],
)
def test_grey_and_one_bit(face, packed, kind, mode, limit):
    as_seen = np.asarray(Image.fromarray(face).convert(mode).convert("RGB"))
    assert far(read_photo(packed(face, kind, mode)).pixels, as_seen) <= limit


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_palette(face, kind):
    image = Image.fromarray(face).quantize(200)
    stream = io.BytesIO()
    image.save(stream, kind)
    assert far(read_photo(stream.getvalue()).pixels, np.asarray(image.convert("RGB"))) < 0.5


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_first_of_several_pictures(face, kind):
    stream = io.BytesIO()
    others = [Image.fromarray(face[::-1]), Image.fromarray(255 - face)]
    Image.fromarray(face).save(stream, kind, save_all=True, append_images=others)
    photo = read_photo(stream.getvalue())
    assert far(photo.pixels, face) < 8
    assert any(("3 pages; number 1" if kind == "TIFF" else "several pictures") in note for note in photo.notes)


def test_name_hash_and_size_are_those_of_the_file(face, packed, tmp_path):
    path = tmp_path / "naïve ümlaut 写真 (1).JPG"
    path.write_bytes(packed(face, "PNG"))  # the suffix is wrong, too
    photo = read_photo(path)
    assert (photo.name, photo.bytes) == (path.name, path.stat().st_size)
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (photo.width, photo.height) == (160, 200)
    assert np.array_equal(read_photo(str(path)).pixels, read_photo(path.read_bytes()).pixels)


def test_bytes_have_a_hash_but_no_name(face, packed):
    data = packed(face, "BMP")
    photo = read_photo(data)
    assert (photo.name, photo.bytes, photo.sha256) == ("", len(data), hashlib.sha256(data).hexdigest())


def test_a_large_scan_is_read_in_strips(packed):
    rows = np.add.outer(np.arange(1500), np.arange(2000)).astype(np.uint8)
    scan = np.dstack([rows, rows.T[:1500, :1].repeat(2000, 1), 255 - rows])
    assert np.array_equal(read_photo(packed(scan, "PNG", compress_level=1)).pixels, scan)


@pytest.mark.parametrize("array", ["grey", "one channel", "rgba", "deep", "float", "bool"])
def test_arrays(face, array):
    grey = face[:, :, 0]
    given, expected = {
        "grey": (grey, grey),
        "one channel": (grey[:, :, None], grey),
        "rgba": (np.dstack([face, np.full_like(grey, 255)]), face),
        "deep": (face.astype(np.uint16) * 257, face),
        "float": (face / np.float32(255), face),
        "bool": (grey > 99, (grey > 99) * 255),
    }[array]
    pixels = read_photo(given).pixels
    assert np.array_equal(pixels, np.dstack([expected] * 3) if expected.ndim == 2 else expected)


def test_an_array_is_copied_and_has_no_file(face):
    mine = face.copy()
    photo = read_photo(mine)
    mine[:] = 0
    assert np.array_equal(photo.pixels, face)
    assert (photo.name, photo.sha256, photo.bytes) == ("", "", 0)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5),
        np.zeros((50, 50, 2), np.uint8),
        np.zeros((0, 50, 3), np.uint8),
        np.full((50, 50), 7.0),
        np.full((50, 50, 3), np.nan),
        np.zeros((50, 50), np.int64),
    ],
)
def test_arrays_that_are_no_photographs(array):
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(array)
    assert caught.value.hint


def test_array_limits():
    with pytest.raises(PhotoTooSmall):
        read_photo(np.zeros((1, 1, 3), np.uint8))
    with pytest.raises(PhotoTooLarge):
        read_photo(np.zeros((100, 100, 3), np.uint8), limits=replace(PHOTO, pixels=9_999))
