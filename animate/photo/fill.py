"""Fills small damage of a print from what is around it, and quietens its grain a little.

Pixels are (H, W, 3) uint8 RGB; masks (H, W) bool. Noise is the same for the same picture.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.measure import label, regionprops
from skimage.restoration import inpaint_biharmonic

from animate.core.numerics import luminance

AROUND = 6  # pixels around a piece of damage that are looked at
PIECE = 96  # longest side in pixels of what is filled at a time
QUIET, LOUD = 2.5, 14.0  # standard deviation of grain below which nothing is done, and above which no more
CALM = 0.5  # of the grain that is taken away


def fill(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A copy in which the masked pixels continue their surroundings, biharmonically, with the grain that is there."""
    filled, mask = pixels.copy(), mask.copy()
    random = np.random.default_rng(20261128)
    for part in regionprops(label(mask, connectivity=2)):
        top, left, bottom, right = part.bbox
        for y in range(top, bottom, PIECE):
            for x in range(left, right, PIECE):
                _fill(filled, mask, (x, y, min(x + PIECE, right), min(y + PIECE, bottom)), random)
    return filled


def _fill(filled: np.ndarray, mask: np.ndarray, piece: tuple[int, int, int, int], random: np.random.Generator) -> None:
    left, top, right, bottom = piece
    y, x = max(top - AROUND, 0), max(left - AROUND, 0)
    window = (slice(y, bottom + AROUND), slice(x, right + AROUND))
    hole = mask[window]
    if not hole.any() or hole.all():
        return
    seen = filled[window]
    smooth = inpaint_biharmonic(seen / np.float32(255), hole, channel_axis=-1) * 255
    low, high = seen[~hole].min(0), seen[~hole].max(0)
    grey = luminance(seen)
    rough = (grey - ndimage.gaussian_filter(grey, 1.0))[~hole]
    strength = 1.2 * 1.4826 * float(np.median(np.abs(rough)))  # what the blur of the measure takes is given back
    noise = strength * ndimage.gaussian_filter(random.standard_normal(hole.shape, np.float32), 0.4)[..., None] / 0.75
    made = np.clip(np.clip(smooth, low, high) + noise, 0, 255)
    seen[hole] = (made[hole] + 0.5).astype(np.uint8)
    inner = (slice(top - y, bottom - y), slice(left - x, right - x))
    mask[window][inner] = False  # so that the next piece takes it for sound


def grain_of(pixels: np.ndarray) -> float:
    """Standard deviation of the finest noise, in levels (Immerkaer 1996), by the median, so that edges do not count."""
    grey = luminance(pixels)
    second = ndimage.convolve(grey, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32))
    return float(np.median(np.abs(second[::2, ::2])) / 0.6745 / 6.0)


def calm(pixels: np.ndarray, strength: float) -> np.ndarray:
    """The picture with half of a grain of that strength taken away; edges stay (a guided filter, He et al. 2010)."""
    least = np.float32((1.5 * min(strength, LOUD)) ** 2)
    calmed = np.empty_like(pixels)
    for channel in range(3):
        value = pixels[..., channel].astype(np.float32)
        mean = ndimage.uniform_filter(value, 5)
        spread = np.maximum(ndimage.uniform_filter(value * value, 5) - mean * mean, 0)
        kept = spread / (spread + least)
        smooth = ndimage.uniform_filter(kept, 5) * value + ndimage.uniform_filter((1 - kept) * mean, 5)
        calmed[..., channel] = np.clip(value + CALM * (smooth - value) + 0.5, 0, 255)
    return calmed
