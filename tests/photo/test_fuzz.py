"""Law: whatever happens to a file's bytes, reading gives a Photo or a PhotoError."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from animate.core.budget import PHOTO
from animate.core.errors import PhotoError
from animate.core.types import Photo
from animate.photo.read import read_photo

KINDS = {
    "jpeg": ("JPEG", "RGB", {}),
    "progressive": ("JPEG", "RGB", {"progressive": True}),
    "cmyk": ("JPEG", "CMYK", {}),
    "png": ("PNG", "RGB", {}),
    "palette": ("PNG", "P", {}),
    "see-through": ("PNG", "LA", {}),
    "deep": ("PNG", "I;16", {}),
    "tiff": ("TIFF", "RGB", {}),
    "lzw": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "deep tiff": ("TIFF", "I;16", {}),
    "webp": ("WEBP", "RGB", {}),
    "avif": ("AVIF", "RGB", {"speed": 10}),
    "gif": ("GIF", "P", {}),
    "bmp": ("BMP", "RGB", {}),
    "jpeg2000": ("JPEG2000", "RGB", {}),
    "pgm": ("PPM", "L", {}),
}
TRIES = 25


def mutate(data: bytes, random: np.random.Generator) -> bytes:
    """A few bytes changed, mostly in the header; or a piece lost, doubled, zeroed or cut off."""
    data = bytearray(data)
    place = int(random.integers(len(data))) if random.random() < 0.5 else int(random.integers(min(len(data), 700)))
    length = int(random.integers(1, 60))
    match int(random.integers(6)):
        case 0 | 1:
            for at in random.integers(0, min(len(data), 700) if random.random() < 0.6 else len(data), 1 + length // 8):
                data[at] = int(random.choice([0, 255, int(random.integers(256))]))
        case 2:
            del data[place : place + length]
        case 3:
            data[place:place] = data[place : place + length]
        case 4:
            data[place : place + length] = bytes(len(data[place : place + length]))
        case 5:
            del data[place:]
    return bytes(data)


@pytest.mark.parametrize("name", KINDS)
def test_every_mutation_gives_a_photo_or_a_photo_error(face, packed, adobe_rgb, name):
    kind, mode, choices = KINDS[name]
    small = face[:80:1, :60]
    if mode == "I;16":
        small, mode = small[:, :, 0].astype(np.uint16) * 257, None
    exif = Image.Exif()
    exif[274] = 6
    if kind in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        choices = choices | {"exif": exif, "icc_profile": adobe_rgb}
    data = packed(small, kind, mode, **choices)
    random = np.random.default_rng(sum(name.encode()))
    read = 0
    for _ in range(TRIES):
        try:
            read += isinstance(read_photo(mutate(data, random), limits=replace(PHOTO, pixels=1_000_000)), Photo)
        except PhotoError as error:
            assert error.hint
    assert read < TRIES
