"""Mixes the detail of an enlarging network into a photograph: what it sharpens counts, what it wipes away hardly.

Such networks take skin's texture, moles and grain for noise. So a pixel follows the network where it has more contrast
than the photograph, and keeps most of the photograph where it has less. Light and colour stay the photograph's, and
grain makes up for what mixing takes.

Conventions: pixels are (H, W, 3) uint8 RGB; a rectangle is (left, top, right, bottom), right and bottom excluded.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.compose.print_match import Grain, Palette, blend
from animate.core.numerics import Rectangle, luminance, smoothstep

KEPT, ADDED = 0.5, 1.0  # how much of the strength counts anywhere, and how much more where the network is sharper
BAND, FINE = 0.03, 0.008  # of a face's height: blur above which tones are the photograph's, and that of detail
UNSURE, SURE = 30.0, 130.0  # pixels of a face's height: below nothing is believed, above everything
ASIDE, ABOVE, BELOW = 0.5, 0.5, 0.7  # of a face's longer side, around it: hair, neck and shoulders
SEAM = 0.3  # of the way from the middle to the border of that region in which it ends


def region(points: np.ndarray, width: int, height: int) -> tuple[Rectangle, np.ndarray]:
    """Head and shoulders of a face (478, 2 or 3) in a picture: the rectangle, and in it how much is prepared, 0..1."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    side = float((high - low).max())
    first, last = low - side * np.array([ASIDE, ABOVE]), high + side * np.array([ASIDE, BELOW])
    left, top = np.maximum(np.floor(first), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(last), (width, height)).astype(int).tolist()
    middle, half = (first + last) / 2, (last - first) / 2
    x = np.abs((np.arange(left, right) - middle[0]) / half[0]) ** 3
    y = np.abs((np.arange(top, bottom) - middle[1]) / half[1]) ** 3
    way = np.cbrt(x[None] + y[:, None])
    return (left, top, right, bottom), smoothstep(way, 1.0, 1.0 - SEAM).astype(np.float32)


def certainty(height: float) -> float:
    """How far the network is believed about a face of so many pixels, 0..1: in a few pixels it sees what it wants."""
    return float(smoothstep(height, UNSURE, SURE))


def lay(
    picture: np.ndarray, detail: np.ndarray, rectangle: Rectangle, alpha: np.ndarray, points: np.ndarray, size: float
) -> None:
    """Mixes `detail` into a rectangle of `picture`, in place.

    Args:
        picture: the photograph.
        detail: the rectangle as the network has it, of the same size.
        rectangle: where.
        alpha: how strongly (h, w), 0..1; where it is 0 nothing changes.
        points: the face's mesh in pixels of the picture, for its grain.
        size: the face's height in pixels.
    """
    left, top, right, bottom = rectangle
    own = picture[top:bottom, left:right].astype(np.float32)
    new = Palette(own).colour(detail.astype(np.float32))
    new += _blurred(own - new, max(2.0, BAND * size))
    fine = max(1.0, FINE * size)
    energies = (_energy(part, fine) for part in (new, own))
    ratio = np.log(next(energies) / next(energies))
    weight = np.minimum(alpha * (KEPT + ADDED * smoothstep(ratio, -0.7, 0.7)), 1.0)
    blend(picture, rectangle, np.clip(new, 0, 255).transpose(2, 0, 1), weight, Grain(picture, points))


def _blurred(pixels: np.ndarray, sigma: float) -> np.ndarray:
    return gaussian_filter(pixels, (sigma, sigma, 0))


def _energy(pixels: np.ndarray, fine: float) -> np.ndarray:
    """Energy (h, w) of the detail around each pixel, half a level squared at least."""
    grey = luminance(pixels)
    return gaussian_filter((grey - gaussian_filter(grey, fine)) ** 2, 1.5 * fine) + 0.5
