"""Contrast for finding faces in dark, flat or blown-out prints; what is shown and animated is never changed by it.

Pixels are RGB uint8 (H, W, 3) in and out; luminance is 0..255.
"""

from __future__ import annotations

import numpy as np

_WEIGHTS = (77, 150, 29)  # luminance of R, G, B in 256ths (ITU-R BT.601)
_TAILS = (0.5, 99.5)  # percent of the pixels that may become plain black and white
_MIDDLE = 110.0  # where the median goes, as far as the gamma may take it
_GAMMA = (0.5, 2.0)
_SAMPLES = 1_000_000
_STRIP = 500_000  # pixels that are worked on at a time


def stretch(pixels: np.ndarray) -> np.ndarray:
    """The picture with its tones spread over the whole range and its median near the middle; hue and saturation stay.

    Black and white point are the 0.5 and 99.5 % points of luminance, without the outer tenth of the picture, where
    borders and mounts are. A blank picture comes back unchanged.
    """
    low, high, median = _tones(pixels)
    if high - low < 2:
        return pixels.copy()
    gain = _curve(low, high, median) / np.arange(256, dtype=np.float32).clip(1)
    stretched = np.empty_like(pixels)
    step = max(1, _STRIP // pixels.shape[1])
    for top in range(0, len(pixels), step):
        stretched[top : top + step] = _relight(pixels[top : top + step], gain)
    return stretched


def luminance(pixels: np.ndarray) -> np.ndarray:
    """(H, W) uint8."""
    red, green, blue = (pixels[..., channel].astype(np.uint16) * weight for channel, weight in enumerate(_WEIGHTS))
    return ((red + green + blue + 128) >> 8).astype(np.uint8)


def _tones(pixels: np.ndarray) -> tuple[float, float, float]:
    """Black point, white point and median of the inner part's luminance."""
    height, width = pixels.shape[:2]
    inner = pixels[height // 10 : height - height // 10, width // 10 : width - width // 10]
    skip = max(1, round((inner.shape[0] * inner.shape[1] / _SAMPLES) ** 0.5))
    tones = luminance(inner[::skip, ::skip])
    low, median, high = np.percentile(tones, (_TAILS[0], 50, _TAILS[1]))
    return float(low), float(high), float(median)


def _curve(low: float, high: float, median: float) -> np.ndarray:
    """The new luminance (256,) float32 of every old one: linear between the two points, then a gamma for the median."""
    share = ((np.arange(256) - low) / (high - low)).clip(0, 1)
    middle = min(max((median - low) / (high - low), 0.01), 0.99)
    gamma = np.clip(np.log(_MIDDLE / 255) / np.log(middle), *_GAMMA)
    return (share**gamma * 255).astype(np.float32)


def _relight(pixels: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Each pixel times the gain of its luminance, less where a channel would leave the range; keeps hue, saturation."""
    room = np.float32(255) / np.arange(256, dtype=np.float32).clip(1)
    factor = np.minimum(gain[luminance(pixels)], room[pixels.max(axis=-1)])
    return (pixels * factor[..., None] + np.float32(0.5)).astype(np.uint8)
