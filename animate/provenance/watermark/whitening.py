"""Whitening: what is left of a picture without its local mean and contrast, where the invisible mark stands out.

Pictures are (H, W) float32 of luminance, 0..255.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

LARGEST = 1024  # longer pictures are shrunk to this length
_SMALL = 400  # pictures up to this length were likely scaled down, and the mark in them with it: smaller filters


def shrink(grey: np.ndarray) -> np.ndarray:
    """The picture, its longer side 1,024 pixels at most."""
    height, width = grey.shape
    ratio = LARGEST / max(height, width)
    if ratio >= 1:
        return grey
    size = (max(round(width * ratio), 1), max(round(height * ratio), 1))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))


def residual(grey: np.ndarray) -> np.ndarray:
    """(H, W) float32: the picture without its local mean, weighted by about its local variance to the power -0.85.

    A mark of even strength under noise of variance s^2 is best detected with weights 1 / s^2; a little less holds up
    better.
    """
    near, around = (3.0, 3.0) if max(grey.shape) > _SMALL else (1.5, 2.0)
    fine = grey - ndimage.gaussian_filter(grey, near)
    spread = np.sqrt(ndimage.gaussian_filter(fine * fine, around) + 1.0)
    return (np.clip(fine / spread, -1.5, 1.5) / spread**0.7).astype(np.float32)
