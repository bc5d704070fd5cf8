"""Awkward picture files, made from the astronaut (a public-domain NASA portrait that scikit-image carries)."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.data import astronaut


@pytest.fixture(scope="session")
def face() -> np.ndarray:
    """(200, 160, 3) uint8: higher than wide, so that a turn shows."""
    return np.ascontiguousarray(astronaut()[20:220, 140:300])


@pytest.fixture(scope="session")
def packed():
    """What saves an array as a file's bytes."""

    def pack(pixels: np.ndarray, kind: str, mode: str | None = None, **choices) -> bytes:
        image = Image.fromarray(pixels)
        stream = io.BytesIO()
        (image.convert(mode) if mode else image).save(stream, kind, **choices)
        return stream.getvalue()

    return pack


@pytest.fixture(scope="session")
def adobe_rgb() -> bytes:
    """A profile with the primaries and the gamma of Adobe RGB (1998)."""
    points = {"r": (0.6097, 0.3111, 0.0195), "g": (0.2053, 0.6257, 0.0609), "b": (0.1492, 0.0632, 0.7446)}
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = {f"{name}XYZ": b"XYZ \0\0\0\0" + _fixed(*point) for name, point in points.items()}
    tags |= {f"{name}TRC": gamma for name in "rgb"}
    return _profile("mntr", "RGB ", "XYZ ", tags)


@pytest.fixture(scope="session")
def press() -> bytes:
    """A CMYK profile of a press whose full cyan looks like (0, 158, 224), full magenta like (226, 0, 122)."""
    inks = np.array([(0, 158, 224), (226, 0, 122), (255, 237, 0), (35, 31, 32)]) / 255
    corners = np.array(
        [
            [
                np.prod([ink for ink, used in zip(inks, (c, m, y, k), strict=True) if used] or [(1, 1, 1)], axis=0)
                for c in (0, 1)
                for m in (0, 1)
                for y in (0, 1)
                for k in (0, 1)
            ]
        ]
    )
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = np.array(ImageCms.applyTransform(Image.fromarray((corners * 255).round().astype(np.uint8)), to_lab))
    lab[..., 1:] ^= 128  # Pillow keeps a and b as signed bytes, the profile with 128 for 0
    ramp = bytes(range(256))
    matrix = _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table = b"mft1\0\0\0\0\x04\x03\x02\0" + matrix + ramp * 4 + lab.tobytes() + ramp * 3
    return _profile("prtr", "CMYK", "Lab ", {"A2B0": table})


def _profile(kind: str, space: str, connection: str, tags: dict[str, bytes]) -> bytes:
    """An ICC profile, version 2.4, with nothing but what is needed (ICC.1:2001-04, section 6)."""
    name = b"A test profile\0"
    tags = tags | {
        "wtpt": b"XYZ \0\0\0\0" + _fixed(0.9642, 1, 0.8249),
        "desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
    }
    at, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag.encode() + struct.pack(">II", at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = (
        struct.pack(">IIi", at + len(body), 0, 0x02400000)
        + f"{kind}{space}{connection}".encode()
        + bytes(12)
        + b"acsp"
        + bytes(28)
        + _fixed(0.9642, 1, 0.8249)
        + bytes(48)
    )
    return head + table + body


def _fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)
