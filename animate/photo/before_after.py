"""A picture that shows a photograph before and after it was prepared: the face side by side, below it all of it.

Conventions: pixels are (H, W, 3) uint8 RGB; a box is (x, y, width, height) in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PAPER, GAP = 250, 8
CLOSE, WHOLE = 520, 520  # longest side in pixels of the face's surroundings, and of the whole photograph
AROUND = (0.55, 0.6, 0.75)  # of a box's sides, what is shown beside, above and below it
LARGEST = 6.0  # how many times as large small faces are shown


def close_up(pixels: np.ndarray, box: Sequence[float], *, longest: int = CLOSE) -> np.ndarray:
    """Head and shoulders around a face's box, with a longest side of `longest` pixels."""
    x, y, width, height = box
    beside, above, below = AROUND
    left, right = max(round(x - beside * width), 0), round(x + (1 + beside) * width)
    top, bottom = max(round(y - above * height), 0), round(y + (1 + below) * height)
    return _sized(pixels[top:bottom, left:right], longest, LARGEST)


def before_after(
    before: np.ndarray, after: np.ndarray, box: Sequence[float] | None, *, whole: bool = True
) -> np.ndarray:
    """Both side by side, the earlier one on the left.

    Args:
        before: the photograph.
        after: the same, prepared.
        box: the face that is shown; None for none.
        whole: below it all of the photograph is shown too.
    """
    rows = []
    if box is not None:
        rows.append([close_up(pixels, box) for pixels in (before, after)])
    if whole or box is None:
        rows.append([_sized(pixels, WHOLE, 1.0) for pixels in (before, after)])
    wide = max(sum(part.shape[1] for part in row) + 3 * GAP for row in rows)
    sheet = np.full((sum(row[0].shape[0] + GAP for row in rows) + GAP, wide, 3), PAPER, np.uint8)
    top = GAP
    for row in rows:
        left = (wide - sum(part.shape[1] for part in row) - GAP) // 2
        for part in row:
            sheet[top : top + part.shape[0], left : left + part.shape[1]] = part
            left += part.shape[1] + GAP
        top += row[0].shape[0] + GAP
    return sheet


def _sized(pixels: np.ndarray, longest: int, most: float) -> np.ndarray:
    """Pixels with a longest side of `longest`, but at most `most` times as large."""
    from PIL import Image

    share = min(longest / max(pixels.shape[:2]), most)
    size = max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
