"""Reads the invisible mark back from frames that may have been compressed, scaled, cropped, mirrored or turned into a
GIF.

Frames are averaged and whitened (`whitening.py`), likely periods of the tile are searched (`period.py`), for each the
place where tiles begin is found by correlation with the carriers that the key alone decides, and the likeliest few are
decoded.

A false alarm needs a wrong message whose 24-bit checksum and 4-bit version both happen to fit: on frames without a
mark a decoded word is as good as random, for its bits were scrambled by the key, so one attempt errs with 2^-28, and
no more than `ATTEMPTS` are made a clip: 16 x 2^-28 = 6e-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from animate.core.numerics import luminance
from animate.provenance.watermark import ecc, pattern, period
from animate.provenance.watermark.embed import VERSION
from animate.provenance.watermark.whitening import LARGEST, residual, shrink

SMALLEST = 96  # pixels: pictures with a shorter side are not read
POOLED, PER_SECOND = 25, 5.0  # frames averaged, and how densely they are taken
ATTEMPTS = 16  # messages decoded for one clip, at most: half of them as in a mirror
SUSPICIOUS = 7.0  # a correlation with the known carriers that chance does not give, in standard deviations
_PERIODS = 16
_PLACES = 2 * pattern.TILE  # where a tile may begin, along each side
_NUDGES = (0.994, 0.997, 1.0, 1.003, 1.006)  # sides are scaled a little differently where a codec wants even ones


@dataclass(frozen=True)
class Detection:
    """found: True, False, or None for "cannot tell" (too small, no frames, or something like a mark that cannot be
    read).

    identity is 12 hexadecimal digits; confidence is the share 0..1 of the 252 coded bits that were right before they
    were corrected; false_alarm bounds the probability of `found` for frames without a mark.
    """

    found: bool | None
    identity: str = ""
    version: int = 0
    confidence: float = 0.0
    false_alarm: float = 1.0


def read(frames: Iterable[np.ndarray], fps: float = 25.0, *, key: bytes = pattern.KEY) -> Detection:
    """Searches the frames (H, W, 3) uint8 RGB for a mark; takes about 25 of the first five seconds, the rest stays
    unread."""
    pooled = pool(frames, fps)
    if pooled is None or min(pooled.shape) < SMALLEST:
        return Detection(None)
    return _search(residual(pooled), pattern.layout(key), key)


def is_readable(width: int, height: int) -> bool:
    """Whether frames of a size are large enough for their mark to be read."""
    return min(width, height) * min(1.0, LARGEST / max(width, height)) >= SMALLEST


def pool(frames: Iterable[np.ndarray], fps: float) -> np.ndarray | None:
    """Mean luminance (H, W) float32 of about 25 frames, 1,024 pixels long at most; None without frames."""
    total: np.ndarray | None = None
    count, every = 0, max(1, round(min(fps, 60.0) / PER_SECOND))
    for index, frame in enumerate(frames):
        if index % every:
            continue
        grey = shrink(luminance(frame))
        total = np.zeros_like(grey) if total is None else total
        if grey.shape == total.shape:
            total += grey
            count += 1
        if count == POOLED:
            break
    return None if total is None else total / count


def _search(picture: np.ndarray, layout: pattern.Layout, key: bytes) -> Detection:
    usual = {float(side) for side in (pattern.TILE, 0.75 * pattern.TILE, 0.5 * pattern.TILE, max(picture.shape) / 8)}
    sizes = period.periods(picture, _PERIODS) + [(side, side) for side in usual]
    attempts, strongest = 0, 0.0
    for view in (picture, np.ascontiguousarray(picture[:, ::-1])):
        ranked = sorted(((_strength(view, size, layout), size) for size in sizes), reverse=True)
        for _, size in ranked[: ATTEMPTS // 2]:
            strength, coefficients = _best(view, size, layout)
            soft = pattern.gather(coefficients, key)
            message = ecc.decode(soft)
            attempts, strongest = attempts + 1, max(strongest, strength)
            if message and message[0] == VERSION:
                right = float(np.mean((soft > 0) == ecc.encode(*message)))
                alarm = attempts * 2.0 ** -(ecc.CHECK_BITS + ecc.VERSION_BITS)
                return Detection(True, message[1].hex(), VERSION, right, alarm)
    return Detection(None if strongest > SUSPICIOUS else False)


def _strength(picture: np.ndarray, size: tuple[float, float], layout: pattern.Layout) -> float:
    return _align(*period.harmonics(picture, size, layout.u, layout.v), layout)[0]


def _best(picture: np.ndarray, size: tuple[float, float], layout: pattern.Layout) -> tuple[float, np.ndarray]:
    """Correlation and coefficients at the period, or at one a little beside it where the known carriers fit better."""

    def fit(trial: tuple[float, float]) -> tuple[float, np.ndarray]:
        return _align(*period.harmonics(picture, trial, layout.u, layout.v), layout)

    across = max((size[0] * nudge for nudge in _NUDGES), key=lambda width: fit((width, size[1]))[0])
    return max((fit((across, size[1] * nudge)) for nudge in _NUDGES), key=lambda pair: pair[0])


def _align(measured: np.ndarray, noise: np.ndarray, layout: pattern.Layout) -> tuple[float, np.ndarray]:
    """How well the known carriers fit, in standard deviations, at the place where they fit best, and the coefficients
    (N,) complex turned to that place, weighted by how well their ring came through."""
    white = measured / np.sqrt(period.by_ring(noise, layout.radius) + 1e-12)
    white = white / np.maximum(1.0, np.abs(white) / 3.0)
    spectrum = np.zeros((_PLACES, _PLACES), dtype=np.complex64)
    spectrum[layout.v, layout.u] = white * np.conj(layout.known)
    surface = fft.ifft2(spectrum).real
    down, across = np.unravel_index(np.argmax(surface), surface.shape)
    turned = white * np.exp(2j * np.pi * (layout.v * down + layout.u * across) / _PLACES)
    known = layout.known != 0
    fit = (turned * np.conj(layout.known)).real[known]
    strength = float(fit.sum() / np.sqrt(known.sum() / 2.0))
    ring = np.rint(layout.radius).astype(int)
    return strength, turned * _ring_weights(fit, ring[known])[ring]


def _ring_weights(fit: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Weight of each ring: how well its known carriers fit, smoothed over rings, never below a little."""
    size = pattern.OUTER + 2
    total, count = (
        ndimage.gaussian_filter1d(np.bincount(ring, weights, size), 4.0) for weights in (fit, np.ones(len(fit)))
    )
    return np.maximum(total / np.maximum(count, 1e-3), 0.05)
