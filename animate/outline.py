"""A picture with its faces outlined and numbered, and the PNG it is kept in; numpy and the standard library only.

Conventions: pixels (H, W, 3) uint8 RGB; a box is (x, y, width, height) in pixels of the picture; numbers start at 1.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animate.errors import OutputError

Box = Sequence[float]

PAPER = (255, 250, 240)
INK = (70, 48, 30)
# Digits of 5 x 7 points, a row a number, the leftmost point in the highest bit.
DIGITS = (
    (14, 17, 19, 21, 25, 17, 14), (4, 12, 4, 4, 4, 4, 14), (14, 17, 1, 2, 4, 8, 31), (31, 2, 4, 2, 1, 17, 14),
    (2, 6, 10, 18, 31, 2, 2), (31, 16, 30, 1, 1, 17, 14), (6, 8, 16, 30, 17, 17, 14), (31, 1, 2, 4, 8, 8, 8),
    (14, 17, 17, 14, 17, 17, 14), (14, 17, 17, 15, 1, 2, 12),
)  # fmt: skip


def shrink(pixels: np.ndarray, longest: int) -> tuple[np.ndarray, int]:
    """The picture divided by the least whole number that brings it to `longest`, each pixel a mean; and that number."""
    step = -(-max(pixels.shape[:2]) // longest)
    if step <= 1:
        return pixels, 1
    height, width = (max(1, side // step) for side in pixels.shape[:2])
    blocks = pixels[: height * step, : width * step]
    rows, columns = min(step, blocks.shape[0]), min(step, blocks.shape[1])
    total = np.zeros((height, width, 3), np.uint32)
    for row in range(rows):
        for column in range(columns):
            total += blocks[row::step, column::step]
    return (total // (rows * columns)).astype(np.uint8), step


def outline(pixels: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """A copy of the picture with every box drawn light on dark, its number at the upper left corner."""
    drawn = pixels.copy()
    thick = max(2, round(max(pixels.shape[:2]) / 400))
    for number, box in enumerate(boxes, 1):
        x, y, width, height = (round(side) for side in box)
        _frame(drawn, x - thick, y - thick, width + 2 * thick, height + 2 * thick, 3 * thick, INK)
        _frame(drawn, x, y, width, height, thick, PAPER)
        _number(drawn, number, x, y, max(thick, round(width / 60)))
    return drawn


def write_png(path: str | Path, pixels: np.ndarray, *, level: int = 6) -> Path:
    """The picture as an 8-bit RGB PNG at `path`, written beside and moved into place; raises OutputError."""
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise OutputError(f"{path.name}: the outlined picture is a PNG", hint="give it a name that ends in .png")
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # every row starts with its filter, 0 for none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), level)), (b"IEND", b""))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts))
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written: {error.strerror}", hint="choose another folder with -o"
        ) from error
    return path


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _fill(pixels: np.ndarray, x: int, y: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
    pixels[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = colour


def _frame(
    pixels: np.ndarray, x: int, y: int, width: int, height: int, thick: int, colour: tuple[int, int, int]
) -> None:
    _fill(pixels, x, y, width, thick, colour)
    _fill(pixels, x, y + height - thick, width, thick, colour)
    _fill(pixels, x, y, thick, height, colour)
    _fill(pixels, x + width - thick, y, thick, height, colour)


def _number(pixels: np.ndarray, number: int, x: int, y: int, dot: int) -> None:
    digits = [int(digit) for digit in str(number)]
    _fill(pixels, x, y, (6 * len(digits) + 3) * dot, 11 * dot, INK)
    for place, digit in enumerate(digits):
        for row, bits in enumerate(DIGITS[digit]):
            for column in range(5):
                if bits >> (4 - column) & 1:
                    _fill(pixels, x + (2 + 6 * place + column) * dot, y + (2 + row) * dot, dot, dot, PAPER)
