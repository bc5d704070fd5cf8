"""Of a TIFF with several pages the largest is read, or the one asked for; notes and errors give their number."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from animate.core.errors import PhotoTooSmall, UnreadablePhoto
from animate.photo.read import read_photo


def tiff(*pages: np.ndarray, **choices) -> bytes:
    stream = io.BytesIO()
    first, *others = (Image.fromarray(page) for page in pages)
    first.save(stream, "TIFF", save_all=True, append_images=others, **choices)
    return stream.getvalue()


@pytest.fixture
def scan(face) -> bytes:
    """A thumbnail first, then the scan, then a slip of paper."""
    return tiff(face[::4, ::4].copy(), face, face[:60].copy())


def test_the_largest_page_is_read(face, scan):
    photo = read_photo(scan)
    assert np.array_equal(photo.pixels, face)
    assert photo.notes == ("the file holds 3 pages; number 2 was used",)


def test_a_page_can_be_chosen(face, scan):
    assert np.array_equal(read_photo(scan, page=3).pixels, face[:60])
    assert np.array_equal(read_photo(scan, page=1).pixels, face[::4, ::4])
    for page in (4, -1):
        with pytest.raises(UnreadablePhoto, match=f"no page {page}") as caught:
            read_photo(scan, page=page)
        assert "1 to 3" in caught.value.hint


def test_the_first_of_pages_of_one_size(face):
    assert np.array_equal(read_photo(tiff(face, 255 - face)).pixels, face)


def test_a_mask_is_no_page_to_look_at(face):
    mask = np.full((400, 320), 255, np.uint8)
    stream = io.BytesIO()
    hidden = Image.fromarray(mask)
    hidden.encoderinfo = {"tiffinfo": {254: 4}}
    Image.fromarray(face).save(stream, "TIFF", save_all=True, append_images=[hidden])
    data = stream.getvalue()
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        assert image.tag_v2[254] == 4
    assert np.array_equal(read_photo(data).pixels, face)


def test_an_error_gives_the_number_of_pages(face):
    small = tiff(face[:20].copy(), face[:30].copy())
    with pytest.raises(PhotoTooSmall) as caught:
        read_photo(small)
    assert "holds 2 pages, this is number 2" in caught.value.hint


def test_other_files_have_one_page(face, packed):
    assert read_photo(packed(face, "PNG"), page=1).notes == ()
    with pytest.raises(UnreadablePhoto, match="no page 2") as caught:
        read_photo(packed(face, "JPEG"), page=2)
    assert "one page" in caught.value.hint


def test_a_chain_of_thousands_of_pages_is_read_quickly():
    entries = [(256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 4, 1, 100), (279, 4, 1, 10_000)]  # fmt: skip
    page = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    begin = 8 + 10_000
    pages = b"".join(page + struct.pack("<I", begin + (k + 1) * (len(page) + 4)) for k in range(3000))
    photo = read_photo(b"II*\0" + struct.pack("<I", begin) + bytes(10_000) + pages)
    assert photo.notes[0] == "the file holds 200 or more pages; number 1 was used"


def test_where_no_face_is_found_the_other_pages_are_named(face):
    from animate.core.errors import NoFace
    from animate.pipeline.portraits import find_faces

    blank = np.full((300, 300, 3), 128, np.uint8)
    with pytest.raises(NoFace) as caught:
        find_faces(read_photo(tiff(blank, face)), network=None)
    assert "the file holds 2 pages; number 1 was used: another can be chosen" in caught.value.hint
