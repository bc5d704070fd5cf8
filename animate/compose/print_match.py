"""Painted colour that fits the scan: in the print's own tones, with the print's own grain, laid over what has moved.

Conventions: pixels are (H, W, 3) uint8 RGB, colours 0..255; a rectangle is (left, top, right, bottom) in scan pixels,
right and bottom excluded.
"""

from __future__ import annotations

from copy import copy
from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.core.numerics import Rectangle, luminance

ONE_TONE = 10.0  # a print's colours lie this near to one curve; those of colour photographs twice as far away and more
LEVELS = 8  # grey levels that share a point of that curve
ENOUGH = 30  # pixels that such a point needs
TILE = 256  # side in pixels of the grain that is laid over and over
BLURS = (0.0, 0.4, 0.55, 0.7, 0.9, 1.2, 1.6, 2.2)  # sizes of grain, as the blur that makes it of white noise
STRONGEST = 12.0  # standard deviation that grain may have
# Pixels of a face's inner part: in smaller ones features and pores are as fine as grain, in larger ones not.
SMALL, LARGE = 40, 200
FLAT = 30  # percent of a face that are flat enough to show its grain


class Palette:
    """The tones of a print: all its colours lie on one curve over their lightness, or they are free."""

    def __init__(self, picture: np.ndarray, *, near: float = ONE_TONE):
        """Estimated from a picture (h, w, 3) of the face and its surroundings; colours `near` to a curve are on it."""
        lightness = luminance(picture)
        tint = picture - lightness[..., None]
        curve = _curve(lightness, tint)
        away = np.abs(tint - curve[lightness.astype(int)]).max(-1)
        self.single = bool(np.percentile(away, 95) < near)
        self.curve = curve.round(1)  # (256, 3), exactly 0 for a grey print
        steps = lightness - lightness.mean()
        along = (steps[..., None] * self.curve[lightness.astype(int)]).mean((0, 1)) / max(float((steps**2).mean()), 1.0)
        self.slope = 1 + along.round(3)  # of red, green and blue over lightness

    def colour(self, colour: np.ndarray) -> np.ndarray:
        """Colours (..., 3) in the print's tones."""
        if not self.single:
            return colour
        lightness = luminance(colour)
        return np.clip(lightness[..., None] + self.curve[np.clip(lightness, 0, 255).astype(int)], 0, 255)

    def tone(self, change: np.ndarray) -> np.ndarray:
        """A colour offset (..., 3) in the print's tones."""
        return luminance(change)[..., None] * self.slope if self.single else change


class Grain:
    """The fine grain of a scan: noise that stays where it is, about as strong and as fine as in the flat
    parts of a face.
    """

    def __init__(self, pixels: np.ndarray, points: np.ndarray):
        """`points` (478, 2 or 3) scan pixels of the face."""
        self.tile, self.strength = _noise()[0][0], 0.0
        middle = _middle(pixels, points)
        measured, sure = _grain(middle), min((min(middle.shape) - SMALL) / (LARGE - SMALL), 1.0)
        if measured[0] > 0 and sure > 0:
            ratios = np.array([fine / coarse for _, (fine, coarse) in _noise()])
            tile, (fine, _) = _noise()[int(np.abs(np.log(ratios * measured[1] / measured[0])).argmin())]
            self.tile, self.strength = tile, sure * min(measured[0] / fine, STRONGEST)

    def beside(self, own: float) -> Grain:
        """The grain that a picture lacks which has some of strength `own` itself."""
        lacking = copy(self)
        lacking.strength = float(np.sqrt(max(self.strength**2 - own**2, 0.0)))
        return lacking

    def at(self, rectangle: Rectangle) -> np.ndarray:
        """The noise (h, w) of a rectangle."""
        left, top, right, bottom = rectangle
        return self.strength * self.tile[np.ix_(np.arange(top, bottom) % TILE, np.arange(left, right) % TILE)]


def blend(frame: np.ndarray, rectangle: Rectangle, colour: np.ndarray, alpha: np.ndarray, grain: Grain) -> None:
    """Lays `colour` (3, h, w) by `alpha` (h, w) in 0..1 over a rectangle of `frame` (H, W, 3), in place.

    What is mixed of two has less grain than either; so much is added that it has as much as what is not painted.
    """
    left, top, right, bottom = rectangle
    window, noise = frame[top:bottom, left:right], grain.at(rectangle) * np.sqrt(alpha * (2 - alpha))
    noise += 0.5
    for k in range(3):
        new = window[..., k].astype(np.float32)
        change = colour[k] - new
        change *= alpha
        new += change
        new += noise
        window[..., k] = np.clip(new, 0, 255, out=new)


def _curve(lightness: np.ndarray, tint: np.ndarray) -> np.ndarray:
    """What each lightness 0..255 usually has more of red, green and blue: (256, 3)."""
    step = lightness.astype(int) // LEVELS
    counts = np.bincount(step.ravel(), minlength=256 // LEVELS)
    known = np.flatnonzero(counts >= min(ENOUGH, counts.max()))  # a picture of few pixels has what it has
    medians = [np.median(tint[step == k], 0) for k in known]
    at = [(k + 0.5) * LEVELS for k in known]
    return np.stack([np.interp(np.arange(256), at, [median[c] for median in medians]) for c in range(3)], 1).astype(
        np.float32
    )


def _middle(pixels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Lightness (h, w) of the inner part of a face, as far as it lies in the scan."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    edge = 0.15 * (high - low)
    corners = np.clip(np.rint([low + edge, high - edge]), 0, [pixels.shape[1], pixels.shape[0]]).astype(int)
    (left, top), (right, bottom) = corners
    return luminance(pixels[top:bottom, left:right])


def _grain(lightness: np.ndarray) -> tuple[float, float]:
    """Strength of what is finer than a pixel's blur, and of what is next to it in size, in the flat parts; 0, 0 if
    nothing can be measured. By the median, so that wrinkles and hair do not count.
    """
    if min(lightness.shape) < SMALL:
        return 0.0, 0.0
    once, twice, broad = (gaussian_filter(lightness, sigma, mode="reflect") for sigma in (1.0, 2.0, 3.0))
    steep = np.hypot(*np.gradient(broad))
    flat = steep <= np.percentile(steep, FLAT)
    fine, coarse = (float(1.4826 * np.median(np.abs(band[flat]))) for band in (lightness - once, once - twice))
    return fine, max(coarse, 1e-3)


@cache
def _noise() -> tuple[tuple[np.ndarray, tuple[float, float]], ...]:
    """Tiles of noise (TILE, TILE) of standard deviation 1 that tile without seams, from the finest to the coarsest,
    and what `_grain` measures in each.
    """
    return tuple(_measured(blur) for blur in BLURS)


def _measured(blur: float) -> tuple[np.ndarray, tuple[float, float]]:
    white = np.random.default_rng(20240518).standard_normal((TILE, TILE), np.float32)
    tile = gaussian_filter(white, blur, mode="wrap") if blur else white
    tile /= tile.std()
    return tile, _grain(tile)
