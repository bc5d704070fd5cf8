"""Depth, transparency and colour profiles end as the 8-bit sRGB that a person sees."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageChops, ImageCms

from animate.core.errors import UnreadablePhoto
from animate.photo.read import read_photo


def far(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b).mean())


@pytest.fixture(scope="module")
def grey(face) -> np.ndarray:
    return np.asarray(Image.fromarray(face).convert("L"))


def tiff(array: np.ndarray, **choices) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **choices)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_grey_keeps_its_tones(grey, packed, kind):
    photo = read_photo(packed(grey.astype(np.uint16) * 257, kind))
    assert np.array_equal(photo.pixels, np.dstack([grey] * 3))
    assert any("8 bit" in note for note in photo.notes)


def test_sixteen_bit_rgb_png_keeps_its_tones(face):
    cv2 = pytest.importorskip("cv2")
    data = cv2.imencode(".png", face[:, :, ::-1].astype(np.uint16) * 257)[1].tobytes()
    assert far(read_photo(data).pixels, face) <= 0.5


@pytest.mark.parametrize("order", "<>")
def test_sixteen_bit_rgb_tiff_keeps_its_tones(face, order):
    data = tiff(face.astype(np.uint16) * 257, photometric="rgb", byteorder=order)
    assert far(read_photo(data).pixels, face) <= 0.5


def test_tiff_where_zero_is_white(grey):
    for negative in (255 - grey, 65535 - grey.astype(np.uint16) * 257):
        assert np.array_equal(read_photo(tiff(negative, photometric="miniswhite")).pixels[..., 0], grey)


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_float_tiff(grey, white):
    data = tiff((grey / 255 * white).astype(np.float32), photometric="minisblack")
    assert far(read_photo(data).pixels[..., 0], grey) <= 0.5


@pytest.mark.parametrize(
    "array, choices",
    [
        (np.zeros((3, 50, 50), np.uint16), {"photometric": "rgb", "planarconfig": "separate"}),
        (np.zeros((50, 50), np.uint32), {"photometric": "minisblack"}),
        (np.zeros((50, 50, 3), np.float32), {"photometric": "rgb"}),
    ],
)
def test_rare_tiffs_are_refused_rather_than_misread(array, choices):
    with pytest.raises(UnreadablePhoto, match="rare kind") as caught:
        read_photo(tiff(array, **choices))
    assert "8 or 16 bit" in caught.value.hint


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparency_ends_on_white(face, packed, kind):
    alpha = np.full(face.shape[:2], 255, np.uint8)
    alpha[:50], alpha[50:100] = 0, 128
    choices = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    photo = read_photo(packed(np.dstack([face, alpha]), kind, **choices))
    assert (photo.pixels[:50] == 255).all()
    assert np.abs(photo.pixels[50:100].astype(int) - (face[50:100] / 2 + 127.5)).max() <= 2
    assert np.array_equal(photo.pixels[100:], face[100:])
    assert any("white" in note for note in photo.notes)


def test_transparent_grey_and_palette(face, grey, packed):
    alpha = np.full(grey.shape, 255, np.uint8)
    alpha[:50] = 0
    shades = read_photo(packed(np.dstack([grey, alpha]), "PNG")).pixels
    assert (shades[:50] == 255).all() and np.array_equal(shades[50:, :, 0], grey[50:])
    stream = io.BytesIO()
    Image.fromarray(np.minimum(grey, 200)).convert("P").save(stream, "PNG", transparency=200)
    table = read_photo(stream.getvalue()).pixels
    assert (table[grey >= 200] == 255).all() and np.array_equal(table[grey < 200, 0], grey[grey < 200])


def test_a_picture_marked_wholly_transparent_is_shown(face, packed):
    photo = read_photo(packed(np.dstack([face, np.zeros_like(face[..., :1])]), "PNG"))
    assert np.array_equal(photo.pixels, face)
    assert any("ignored" in note for note in photo.notes)


def test_rgb_profile_becomes_srgb(face, packed, adobe_rgb):
    srgb, adobe = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(adobe_rgb))
    wide = np.asarray(ImageCms.profileToProfile(Image.fromarray(face), srgb, adobe))
    assert far(wide, face) > 3
    photo = read_photo(packed(wide, "PNG", icc_profile=adobe_rgb))
    assert far(photo.pixels, face) < 1.5
    assert any("A test profile" in note for note in photo.notes)


def test_srgb_profile_changes_nothing(face, packed):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read_photo(packed(face, "PNG", icc_profile=srgb))
    assert np.array_equal(photo.pixels, face) and photo.notes == ()


def test_rgb_profile_on_a_grey_picture(grey, packed, adobe_rgb):
    pixels = read_photo(packed(grey, "PNG", icc_profile=adobe_rgb)).pixels.astype(int)
    assert np.ptp(pixels, axis=2).max() <= 2 and far(pixels[..., 0], grey) < 6


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_without_profile(face, packed, kind):
    photo = read_photo(packed(face, kind, "CMYK", **({"quality": 95} if kind == "JPEG" else {})))
    assert far(photo.pixels, face) < 4
    assert any("CMYK" in note for note in photo.notes)


def test_cmyk_jpeg_that_is_not_adobes(face, packed):
    """Adobe's CMYK JPEGs are inverted; without Adobe's marker the numbers mean ink."""
    stream = io.BytesIO()
    ImageChops.invert(Image.fromarray(face).convert("CMYK")).save(stream, "JPEG", quality=95)
    data = stream.getvalue()
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    assert far(read_photo(data[:at] + data[at + 16 :]).pixels, face) < 4


@pytest.mark.parametrize(
    "ink, seen", [((255, 0, 0, 0), (0, 158, 224)), ((0, 255, 0, 0), (226, 0, 122)), ((0, 0, 0, 0), (255, 255, 255))]
)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(packed, press, ink, seen, kind):
    stream = io.BytesIO()
    Image.new("CMYK", (64, 64), ink).save(stream, kind, icc_profile=press)
    assert np.abs(read_photo(stream.getvalue()).pixels[32, 32].astype(int) - seen).max() <= 12


@pytest.mark.parametrize(
    "damage", [lambda icc: b"nonsense", lambda icc: icc[:100], lambda icc: icc[:16] + b"CMYK" + icc[20:]]
)
def test_broken_profile_is_ignored_with_a_note(face, packed, adobe_rgb, damage):
    photo = read_photo(packed(face, "PNG", icc_profile=damage(adobe_rgb)))
    assert np.array_equal(photo.pixels, face)
    assert any("ignored" in note for note in photo.notes)
