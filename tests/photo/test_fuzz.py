"""Law: whatever happens to a file's bytes, reading gives a Photo or a PhotoError."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fuzz.mutations import damage_bytes
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
            read += isinstance(read_photo(damage_bytes(data, random), limits=replace(PHOTO, pixels=1_000_000)), Photo)
        except PhotoError as error:
            assert error.hint
    assert read < TRIES
