"""Where the skin under each of a face's points has truly gone: an expected picture held against a frame.

Conventions: pictures are (n, n) grey or (n, n, 3) RGB uint8 of one crop, points (N, 2) its pixels, `unit` the eye
distance in them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

AGREE = 0.1  # eye distances by which the way there and the way back may differ
FAR = 0.12  # eye distances beyond which a correction is no longer believed
AROUND = 0.03  # eye distances around a point over which its brightness is taken
LEAST = 4.0  # grey steps that brightnesses are raised by: the ratio of two near-blacks says nothing


class Matches(NamedTuple):
    """By point: correction (N, 2) in pixels and trust (N,) in 0..1."""

    shift: np.ndarray
    trust: np.ndarray


def compare(expected: np.ndarray, frame: np.ndarray, points: np.ndarray, *, unit: float, fine: bool = True) -> Matches:
    """How far the content at each point of an expected picture lies from there in a frame.

    Dense inverse search (Kroeger et al. 2016), there and back.

    Args:
        expected, frame: pictures of one size.
        points: (N, 2), the same in both.
        unit: eye distance in pixels.
        fine: search twice as finely, in four times the time.

    Returns:
        Shift in pixels and trust of every point.
    """
    import cv2

    before, after = grey(expected), grey(frame)
    forth = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if fine else cv2.DISOPTICAL_FLOW_PRESET_FAST
    again = cv2.DISOPTICAL_FLOW_PRESET_FAST if fine else cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST  # is only compared
    there = cv2.DISOpticalFlow_create(forth).calc(before, after, None)
    back = cv2.DISOpticalFlow_create(again).calc(after, before, None)
    points = np.asarray(points, np.float32)
    shift = _at(there, points)
    apart = np.linalg.norm(shift + _at(back, points + shift), axis=-1) / (AGREE * unit)
    far = np.linalg.norm(shift, axis=-1) / (FAR * unit)
    return Matches(shift, np.exp(-(apart**2) - far**2))


def brightness(picture: np.ndarray, points: np.ndarray, *, unit: float, around: float = AROUND) -> np.ndarray:
    """Brightness (N,) within `around` eye distances of points, LEAST..255 + LEAST."""
    import cv2

    blurred = cv2.GaussianBlur(grey(picture).astype(np.float32), (0, 0), around * unit)
    return _at(blurred, np.asarray(points, np.float32)) + LEAST


def colours(picture: np.ndarray, points: np.ndarray, *, around: float) -> np.ndarray:
    """Colour (N, 3) uint8 of a picture (H, W, 3) within `around` pixels of points (N, 2); beyond it, its edge."""
    import cv2

    height, width = picture.shape[:2]
    low = np.clip(np.floor(points.min(0) - around - 2).astype(int), 0, [width - 1, height - 1])
    high = np.clip(np.ceil(points.max(0) + around + 2).astype(int), low + 1, [width, height])
    region = picture[low[1] : high[1], low[0] : high[0]]
    side = max(1, round(2 * around))
    return _at(cv2.blur(region, (side, side)), np.asarray(points - low, np.float32))


def grey(picture: np.ndarray) -> np.ndarray:
    """A picture (n, n, 3) RGB or (n, n) as grey (n, n) uint8."""
    import cv2

    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture


def _at(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values (h, w, ...) at points (N, 2), bilinear; beyond the border its values."""
    import cv2

    x, y = points[None, :, 0], points[None, :, 1]
    return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
