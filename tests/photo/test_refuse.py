"""What is no photograph, too large, too small, cut off or out of reach ends in a clear error with a hint."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from animate.core.budget import PHOTO
from animate.core.errors import PhotoError, PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from animate.photo.file_type import sniff
from animate.photo.read import read_photo


def refused(source, kind=UnreadablePhoto, **limits) -> PhotoError:
    with pytest.raises(kind) as caught:
        read_photo(source, **limits)
    assert caught.value.hint and str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "data, says, advises",
    [
        (b"", "empty", "again"),
        (b"Dear Anna, here is the picture.\n" * 30, "text", "photograph"),
        ("Grüße, хай, 写真\n".encode() * 500, "text", "photograph"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page", "save the picture"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "export it as PNG"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF", "export"),
        (b"PK\x03\x04\x14\0", "archive", "unpack"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "JPEG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42isom", "video", "moves it"),
        (b"RIFF\x10\0\0\0AVI LIST", "video", "moves it"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL", "export"),
        (bytes(range(256)) * 4, "kind", "JPEG, PNG"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "cut off", "again"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path, data, says, advises):
    path = tmp_path / "grandma.jpg"
    path.write_bytes(data)
    error = refused(path)
    assert says in str(error) and advises in error.hint
    assert "grandma.jpg" in str(error)


def test_sniff_knows_avif_among_heifs():
    assert sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "a") == "AVIF"


def test_places_where_no_photograph_is(tmp_path):
    assert "one file" in refused(tmp_path).hint and "keepsake" not in refused(tmp_path).hint
    (tmp_path / "grandma.jpg").write_bytes(b"x")
    assert "grandma.jpg" in refused(tmp_path / "grandmo.jpg").hint
    assert "folder" in refused(tmp_path / "no" / "where.jpg").hint
    assert "save the picture" in refused("https://example.org/a.jpg").hint
    refused("a\0b.jpg")
    refused("x" * 5000)
    refused(7)
    os.mkfifo(tmp_path / "pipe")
    assert "ordinary" in str(refused(tmp_path / "pipe"))


@pytest.mark.parametrize(
    "cause, says",
    [(PermissionError(13, "Permission denied"), "may not be read"), (OSError(5, "Input/output error"), "Input/output")],
)
def test_files_that_cannot_be_opened(tmp_path, monkeypatch, cause, says):
    (tmp_path / "a.jpg").write_bytes(b"x")

    def fail(*_, **__):
        raise cause

    monkeypatch.setattr(Path, "open", fail)
    assert says in str(refused(tmp_path / "a.jpg"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_limits(face, packed, kind):
    data = packed(face, kind)
    assert "160 x 200" in str(refused(data, PhotoTooLarge, limits=replace(PHOTO, pixels=160 * 200 - 1)))
    assert read_photo(data, limits=replace(PHOTO, pixels=160 * 200, bytes=len(data))).width == 160
    refused(data, PhotoTooLarge, limits=replace(PHOTO, bytes=len(data) - 1))
    for height, width in ((1, 1), (39, 160)):
        assert f"{width} x {height}" in str(refused(packed(face[:height, :width], kind), PhotoTooSmall))


def test_bombs_are_refused_by_what_they_declare(face, packed):
    png = bytearray(packed(face, "PNG"))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    assert "150 megapixels" in str(refused(bytes(png), PhotoTooLarge))
    jpeg = bytearray(packed(face, "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    assert "150 megapixels" in str(refused(bytes(jpeg), PhotoTooLarge))
    for choices, at, size in (
        ({"lossless": True}, 21, b"\xff" * 4),
        ({"quality": 50}, 26, b"\xff\x3f" * 2),
        ({"exif": b"Exif\0\0MM\0*"}, 24, b"\xff\x3f\0" * 2),
    ):
        webp = bytearray(packed(face, "WEBP", **choices))
        webp[at : at + len(size)] = size
        assert "1638" in str(refused(bytes(webp), PhotoTooLarge))  # 16383 or 16384


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_off_late_gives_its_rows(face, packed, progressive):
    whole = packed(face, "JPEG", quality=90, progressive=progressive)
    photo = read_photo(whole[: int(len(whole) * 0.8)])
    assert 100 <= photo.height <= 200 and photo.width == 160
    assert np.abs(photo.pixels.astype(float) - face[: photo.height]).mean() < 6
    assert any("cut off" in note for note in photo.notes)


def test_a_jpeg_without_its_end_marker_is_whole(face, packed):
    whole = packed(face, "JPEG")
    assert np.array_equal(read_photo(whole[:-2]).pixels, read_photo(whole).pixels)


def test_a_turned_jpeg_cut_off_loses_the_right_side(face, packed):
    from PIL import Image

    exif = Image.Exif()
    exif[274] = 8
    whole = packed(np.ascontiguousarray(np.rot90(face, -1)), "JPEG", quality=90, exif=exif)
    photo = read_photo(whole[: int(len(whole) * 0.8)])
    assert photo.height == 200 and 80 <= photo.width < 160
    assert np.abs(photo.pixels.astype(float) - face[:, : photo.width]).mean() < 6


def test_a_jpeg_cut_off_early_is_refused(face, packed):
    whole = packed(face, "JPEG", quality=90)
    assert "cut off" in str(refused(whole[: int(len(whole) * 0.3)]))
    assert "cut off" in str(refused(whole[:200]))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "JPEG2000"])
def test_other_formats_cut_off_are_refused(face, packed, kind):
    whole = packed(face, kind)
    assert "cut off" in str(refused(whole[: len(whole) * 6 // 10]))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "PPM"])
@pytest.mark.parametrize("width", [15_000, 18_500, 30_000])
def test_the_limit_is_the_same_for_every_format(kind, width):
    """Sizes between ours and Pillow's own limits, as headers without pixels."""
    height = 10_001
    head = {
        "PNG": _png_header(width, height),
        "TIFF": _tiff_header(width, height),
        "BMP": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0),
        "PPM": f"P6\n{width} {height}\n255\n".encode() + bytes(99),
    }[kind]  # fmt: skip
    assert "150 megapixels" in str(refused(head, PhotoTooLarge))


def _png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"x")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _tiff_header(width: int, height: int) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height)]  # fmt: skip
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 9) + b"".join(struct.pack("<HHII", *e) for e in entries) + bytes(4)
