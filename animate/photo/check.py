"""What a person should know of a photograph before it is animated: very dark, faded, a negative.

Pixels are (H, W, 3) uint8 sRGB; luminance is 0..255. Every check gives one sentence, or "" when all is well.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from animate.core.numerics import luminance

DARK = 64.0  # the brightest parts of a very dark picture
FADED = 100.0  # luminance between the darkest and the brightest parts of a faded picture
_TAILS = (0.5, 99.5)  # percent of the pixels that do not count as darkest or brightest
_EDGE = 0.1  # of each side that is left out: borders and mounts
_SAMPLES = 250_000
_BLUE_SHADOWS, _BLUE_LIGHTS = 15.0, 1.04  # blue less red in the dark parts, blue over red in the light ones
_MASK_BLUE, _MASK_GREEN = 0.5, 0.68  # over red in the light parts of a colour negative: the film's orange mask
_BRIGHTER = 1.0  # eyes over cheeks: on 55 faces of old photographs .32 to .85, inverted 1.10 to 6.03


def notes(pixels: np.ndarray, points: Iterable[np.ndarray] = ()) -> tuple[str, ...]:
    """All sentences there are about a photograph; `points` as `negative` takes them."""
    return tuple(note for note in (dark(pixels), faded(pixels), negative(pixels, points)) if note)


def dark(pixels: np.ndarray) -> str:
    """Whether next to nothing can be seen."""
    if _tones(pixels)[1] >= DARK:
        return ""
    return "the picture is very dark, and so the clip will be: scan it with more light, or brighten it first"


def faded(pixels: np.ndarray) -> str:
    """Whether light and dark lie close together, in a picture that is not dark as a whole."""
    low, high = _tones(pixels)
    if high < DARK or high - low >= FADED:
        return ""
    return "the picture is faded, light and dark lie close together: more contrast will make the movement clearer"


def negative(pixels: np.ndarray, points: Iterable[np.ndarray] = ()) -> str:
    """Whether light and dark are reversed.

    Args:
        points: five points (5, 2) of each face that was found (eyes, nose, corners of the mouth), in pixels. Eyes
            brighter than cheeks are the surest sign; without faces only the tints of a film or of an inverted old
            print tell.
    """
    ratios = [ratio for five in points if (ratio := _eyes_over_cheeks(pixels, np.asarray(five, float))) is not None]
    reversed_light = float(np.median(ratios)) > _BRIGHTER if ratios else _tinted(pixels)
    return "the picture looks like a negative: invert its colours first" if reversed_light else ""


def _inner(pixels: np.ndarray) -> np.ndarray:
    """Samples (N, 3) of the picture without its border."""
    height, width = pixels.shape[:2]
    down, across = int(height * _EDGE), int(width * _EDGE)
    inner = pixels[down : height - down, across : width - across]
    skip = max(1, round((inner.shape[0] * inner.shape[1] / _SAMPLES) ** 0.5))
    return inner[::skip, ::skip].reshape(-1, 3)


def _tones(pixels: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(luminance(_inner(pixels)), _TAILS)
    return float(low), float(high)


def _tinted(pixels: np.ndarray) -> bool:
    """The orange mask of a colour negative, or the blue of an inverted brown print, in its lights as in its shadows."""
    samples = _inner(pixels).astype(np.float32)
    grey = luminance(samples)
    shadows, lights = samples[grey <= np.percentile(grey, 30)], samples[grey >= np.percentile(grey, 90)]
    red, green, blue = lights.mean(axis=0) + 1.0
    bluish = float((shadows[:, 2] - shadows[:, 0]).mean()) > _BLUE_SHADOWS and blue / red > _BLUE_LIGHTS
    return bool(bluish or blue / red < _MASK_BLUE and green / red < _MASK_GREEN)


def _eyes_over_cheeks(pixels: np.ndarray, five: np.ndarray) -> float | None:
    """Luminance around the eyes over that of the cheeks below them; None for a face that is cut or too small."""
    eyes, corners = five[:2], five[3:5]
    size = 0.14 * float(np.linalg.norm(eyes[1] - eyes[0]))
    cheeks = 0.45 * eyes + 0.55 * corners + 0.15 * (corners - corners.mean(axis=0))
    around = [_mean(pixels, place, size) for place in (*eyes, *cheeks)]
    if size < 1.5 or not np.isfinite(around).all():
        return None
    return (around[0] + around[1] + 1.0) / (around[2] + around[3] + 1.0)


def _mean(pixels: np.ndarray, place: np.ndarray, size: float) -> float:
    """Luminance in a square of half a side `size` around `place`; NaN outside the picture."""
    left, top = np.round(place - size).astype(int)
    right, bottom = np.round(place + size).astype(int) + 1
    if left < 0 or top < 0 or right > pixels.shape[1] or bottom > pixels.shape[0]:
        return float("nan")
    return float(luminance(pixels[top:bottom, left:right]).mean())
