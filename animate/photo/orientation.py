"""The eight EXIF orientations, as views: no pixel is copied to turn a photograph upright.

Orientation o says how the stored rows and columns lie in the picture (EXIF 2.32, tag 274); 1 is upright.
"""

from __future__ import annotations

import numpy as np

_BACK = {6: 8, 8: 6}  # the others undo themselves


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """A view (H, W, ...) of the stored array as a person should see it."""
    turned = stored.swapaxes(0, 1) if orientation >= 5 else stored
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return turned


def as_stored(picture: np.ndarray, orientation: int) -> np.ndarray:
    """The reverse: a view of an upright picture in stored order, so that stored rows can be written into it."""
    return upright(picture, _BACK.get(orientation, orientation))


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height of the upright picture."""
    return (height, width) if orientation >= 5 else (width, height)
