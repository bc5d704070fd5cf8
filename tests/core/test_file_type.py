"""What a file is, by its first bytes."""

from __future__ import annotations

import pytest

from animate.core.file_type import detect, detect_file, webp_size


@pytest.mark.parametrize(
    ("head", "name", "family"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG", "picture"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG", "picture"),
        (b"GIF89a\1\0\1\0\0", "GIF", "picture"),
        (b"MM\0*\0\0\0\x08", "TIFF", "picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 \0", "WEBP", "picture"),
        (b"RIFF\x10\0\0\0AVI LIST\0", "AVI", "video"),
        (b"RIFF\x10\0\0\0WAVEfmt \0", "WAVE", "sound"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF", "picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42isom", "MP4", "video"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "QuickTime", "video"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81", "Matroska", "video"),
        (b"OggS\0\2\0\0", "Ogg", "video"),
        (b"P6\n3 2\n255\n\0\1\2\3\4\5", "PPM", "picture"),
        (b"P6 was the number of the house.", "text", "text"),
        (b"BM\x36\0\0\0\0\0\0\0", "BMP", "picture"),
        (b"BMW, 1936, with aunt Anna", "text", "text"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF", "document"),
        (b"PK\x03\x04\x14\0", "ZIP", "archive"),
        ("<svg>Grüße".encode()[:-1], "SVG", "text"),
        (b"<!doctype html><html>", "HTML", "text"),
    ],
)
def test_files_are_known_by_their_first_bytes(tmp_path, head, name, family):
    found = detect(head)
    assert (found.name, found.family) == (name, family)
    (tmp_path / "a").write_bytes(head + (b"" if found.family == "text" else bytes(5000)))
    assert detect_file(tmp_path / "a") == found


@pytest.mark.parametrize("head", [b"", b"\0", bytes(range(256))])
def test_other_files_are_not_known(head):
    assert detect(head) is None


def test_the_size_that_a_webp_declares():
    head = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f"
    assert webp_size(head + (13999 | 13999 << 14).to_bytes(4, "little") + bytes(9)) == (14000, 14000)
    assert webp_size(head) is None
