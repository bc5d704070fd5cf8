"""Pictures made smaller by whole factors and labels brought back along the edges of the large picture.

Conventions: arrays are (h, w) or (h, w, C) float32; `factor` is a whole number of pixels, so that small pixel (i, j)
is the mean of a square of the large picture; what overhangs repeats the border.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import uniform_filter

from animate.core.numerics import LUMA

_BAND = 32  # small rows that are made together
GREY = np.array(LUMA, np.float32)


def shrink(picture: np.ndarray, factor: int) -> np.ndarray:
    """The means (ceil(h / factor), ceil(w / factor), ...) of squares of `picture`, float32."""
    picture = np.asarray(picture)
    if factor == 1:
        return picture.astype(np.float32)
    high, wide = (-(-side // factor) for side in picture.shape[:2])
    result = np.empty((high, wide, *picture.shape[2:]), np.float32)
    for top in range(0, high, _BAND):  # band by band: no copy of the whole in floating point
        band = picture[top * factor : (top + _BAND) * factor].astype(np.float32)
        short = (-band.shape[0] % factor, -band.shape[1] % factor)
        if any(short):
            band = cv2.copyMakeBorder(band, 0, short[0], 0, short[1], cv2.BORDER_REPLICATE)
        count = band.shape[0] // factor
        small = cv2.resize(band, (wide, count), interpolation=cv2.INTER_AREA)
        result[top : top + count] = small.reshape(count, wide, *picture.shape[2:])
    return result


def enlarge(small: np.ndarray, factor: int, box: tuple[int, int, int, int]) -> np.ndarray:
    """The rectangle `box` (left, top, right, bottom) of `small` enlarged, bilinearly: (height, width, ...)."""
    left, top, right, bottom = box
    if factor == 1:
        return small[top:bottom, left:right].astype(np.float32)
    rows, columns = (
        (max(low // factor - 1, 0), (high - 1) // factor + 2) for low, high in ((top, bottom), (left, right))
    )
    part = np.ascontiguousarray(small[slice(*rows), slice(*columns)], np.float32)
    size = part.shape[1] * factor, part.shape[0] * factor
    whole = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)  # places (i + 1/2) / factor - 1/2, as they should be
    y, x = rows[0] * factor, columns[0] * factor
    return whole[top - y : bottom - y, left - x : right - x].reshape(bottom - top, right - left, *small.shape[2:])


def guided(guide: np.ndarray, values: np.ndarray, radius: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset (h, w) of the guided filter of `values` (h, w) by a grey `guide` (h, w) in 0..1.

    The filtered picture is slope * guide + offset, of a guide of any size (He and Sun, Fast Guided Filter, 2015).
    """

    def mean(picture: np.ndarray) -> np.ndarray:
        return uniform_filter(picture, 2 * radius + 1, mode="nearest")

    middle, average = mean(guide), mean(values)
    slope = (mean(guide * values) - middle * average) / (mean(guide * guide) - middle * middle + epsilon)
    return mean(slope), mean(average - slope * middle)
