"""The levels of an aged print: what has faded gets its blacks and whites back, gently; what is healthy stays.

Pixels are (H, W, 3) uint8 sRGB. A curve is (256, 3) uint8: what becomes of each value of red, green and blue.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import luminance, smoothstep

SHARE = 0.6  # of the way to black and white that is gone
EDGE, SAMPLES = 0.06, 250_000  # of each side that is left out (mounts and borders); pixels that are looked at
TAILS = (1.0, 99.0)  # percent of the pixels, by luminance, whose mean is the black, and the white, of a print
BLACK, WHITE = 14.0, 243.0  # where they should be
HEALTHY_BLACK, AGED_BLACK = 26.0, 66.0  # the strongest colour of the black: below nothing is done, above all of it
HEALTHY_WHITE, AGED_WHITE = 222.0, 178.0  # luminance of the white
FURTHEST = 56.0  # levels by which black or white move at most
LEAST = 3.0  # levels below which a change is not worth it


def restoring(pixels: np.ndarray, *, one_tone: bool) -> np.ndarray | None:
    """The curve that gives a faded print its contrast back, or None for one that needs nothing.

    Args:
        pixels: the whole photograph.
        one_tone: its colours are one tone (grey, sepia); then the tone stays. Else black and white also become more
            neutral, which takes the cast out that dyes get when they fade.
    """
    black, white = _ends(pixels)
    if one_tone:  # one curve for all colours
        black, white = (np.full(3, luminance(colour), np.float32) for colour in (black, white))
    aged = float(smoothstep(black.max(), HEALTHY_BLACK, AGED_BLACK))
    pale = max(aged, float(smoothstep(float(luminance(white)), HEALTHY_WHITE, AGED_WHITE)))
    moved = np.stack([aged * (BLACK - black), pale * (WHITE - white)]) * SHARE
    moved = np.clip(moved, -FURTHEST, FURTHEST)
    if np.abs(moved).max() < LEAST or (white - black).min() < 8:
        return None
    low, high = black + moved[0], white + moved[1]
    gain = np.maximum(high - low, 1) / (white - black)
    value = np.arange(256)[:, None]
    line = low + (value - black) * gain
    return _rolled(line, np.minimum(low, 8.0), np.maximum(high, 247.0))


def _ends(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean colours of the darkest and of the brightest percent, without the border."""
    height, width = pixels.shape[:2]
    inner = pixels[int(height * EDGE) : height - int(height * EDGE), int(width * EDGE) : width - int(width * EDGE)]
    skip = max(1, round((inner.shape[0] * inner.shape[1] / SAMPLES) ** 0.5))
    samples = inner[::skip, ::skip].reshape(-1, 3).astype(np.float32)
    grey = luminance(samples)
    low, high = np.percentile(grey, TAILS)
    return samples[grey <= low].mean(0), samples[grey >= high].mean(0)


def _rolled(line: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The straight curve with its ends bent, so that the last tones beyond `low` and `high` are pressed, not cut."""
    below, above = np.maximum(low - line, 0), np.maximum(line - high, 0)
    pressed = line + below - low * (1 - np.exp(-below / np.maximum(low, 1)))
    pressed += -above + (255 - high) * (1 - np.exp(-above / np.maximum(255 - high, 1)))
    return np.clip(pressed + 0.5, 0, 255).astype(np.uint8)


def apply(pixels: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """The picture by a curve."""
    return np.stack([curve[:, channel][pixels[..., channel]] for channel in range(3)], axis=-1)
