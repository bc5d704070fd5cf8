"""A picture with its faces outlined and numbered, and the PNG it is kept in.

Conventions: pixels (H, W, 3) uint8 RGB; a box is (x, y, width, height) in pixels of the picture; numbers start at 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animate.core.errors import OutputError
from animate.core.files import replacing

Box = Sequence[float]

PAPER, INK = (255, 250, 240), (70, 48, 30)


def outline(pixels: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """A copy of the picture with every box drawn light on dark, its number at the upper left corner."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    thick = max(2, round(max(image.size) / 400))
    for number, (x, y, width, height) in enumerate(boxes, 1):
        corners = np.array([x, y, x + width - 1, y + height - 1]).round().astype(int)
        draw.rectangle((corners + [-thick, -thick, thick, thick]).tolist(), outline=INK, width=3 * thick)
        draw.rectangle(corners.tolist(), outline=PAPER, width=thick)
        font = ImageFont.load_default(max(12, width / 6))
        place = (int(corners[0]) + 2 * thick, int(corners[1]) + 2 * thick)
        draw.rectangle(draw.textbbox(place, str(number), font), fill=INK)
        draw.text(place, str(number), PAPER, font)
    return np.asarray(image)


def preview(pixels: np.ndarray, longest: int) -> np.ndarray:
    """The picture with no side over `longest`, each new pixel a mean of the old ones; itself if it is small enough."""
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.BOX)
    return np.asarray(image)


def write_png(path: str | Path, pixels: np.ndarray, *, level: int = 6) -> Path:
    """The picture as a PNG at `path`, written beside and moved into place; raises OutputError."""
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() != ".png":
        raise OutputError(f"{path.name}: the picture is a PNG", hint="give it a name that ends in .png")
    try:
        with replacing(path) as part:
            Image.fromarray(pixels).save(part, "PNG", compress_level=level)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}", hint="choose another folder") from error
    return path
