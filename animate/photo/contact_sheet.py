"""Many small pictures with their titles on one, in rows.

Conventions: pixels (H, W, 3) uint8 RGB.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PAPER, INK = (245, 239, 227), (58, 47, 38)
GAP = 12  # pixels between two pictures and around all
TITLE = 26  # pixels of a title's strip


def blank(titles: Sequence[str], *, columns: int = 4, side: int = 160) -> np.ndarray:
    """The sheet with its titles, without the pictures."""
    from PIL import Image, ImageDraw, ImageFont

    columns = min(columns, len(titles))
    rows = -(-len(titles) // columns)
    size = (GAP + columns * (side + GAP), GAP + rows * (side + TITLE + GAP))
    sheet = Image.new("RGB", (size[0] + size[0] % 2, size[1] + size[1] % 2), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, title in enumerate(titles):
        left, top = _corner(number, columns, side)
        draw.text((left + side / 2, top + side + TITLE / 2), title, INK, font, anchor="mm")
    return np.array(sheet)


def fill(sheet: np.ndarray, pictures: Sequence[np.ndarray], *, columns: int = 4, side: int = 160) -> None:
    """Put the pictures in their squares, in place, each in the middle of its own."""
    columns = min(columns, len(pictures))
    for number, picture in enumerate(pictures):
        left, top = _corner(number, columns, side)
        height, width = picture.shape[:2]
        left, top = left + (side - width) // 2, top + (side - height) // 2
        sheet[top : top + height, left : left + width] = picture


def _corner(number: int, columns: int, side: int) -> tuple[int, int]:
    row, column = divmod(number, columns)
    return GAP + column * (side + GAP), GAP + row * (side + TITLE + GAP)
