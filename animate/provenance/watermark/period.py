"""Finds a periodic pattern in a still picture: at which period it repeats, and its Fourier coefficients at that period.

A picture here is a residual (H, W) float32 of mean 0. Periods are (across, down) in pixels, not whole numbers. A
repeated tile shows in the autocorrelation as a lattice of peaks, however it was cropped, shifted or scaled.
"""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage

SHORTEST, LONGEST = 46.0, 190.0  # periods searched
_FINENESS = 0.001  # relative step of the search
_STRETCH = np.linspace(-0.006, 0.006, 13)  # sides may be scaled a little differently: codecs want even sizes


def autocorrelation(residual: np.ndarray) -> np.ndarray:
    """(2H, 2W) float32 autocorrelation of the residual after its spectrum was made even, zero shift at [0, 0], in units
    of its own noise for full overlap."""
    height, width = residual.shape
    shape = [fft.next_fast_len(2 * side, real=True) for side in (height, width)]
    power = np.abs(fft.rfft2(residual, s=shape)) ** 2
    power /= ndimage.uniform_filter(power, size=25, mode="wrap") + 1e-6 * power.mean() + 1e-12
    power = np.minimum(power, 30.0)
    power -= power.mean()
    picture = fft.irfft2(power, s=shape)
    overlap = _overlap(np.arange(shape[0]), shape[0], height)[:, None] * _overlap(np.arange(shape[1]), shape[1], width)
    trusted = overlap > 0.1
    noise = np.sqrt(np.mean(picture[trusted] ** 2 / overlap[trusted])) + 1e-12
    return (picture / noise).astype(np.float32)


def periods(residual: np.ndarray, count: int) -> list[tuple[float, float]]:
    """The `count` likeliest periods, likeliest first, none within 1 % of another."""
    height, width = residual.shape
    peaks = autocorrelation(residual)
    steps = int(np.log(LONGEST / SHORTEST) / _FINENESS)
    tried = SHORTEST * np.exp(_FINENESS * np.arange(steps))
    tried = tried[tried <= 0.8 * min(height, width)]
    scores = np.array([_score(peaks, (height, width), period, period) for period in tried])
    found: list[tuple[float, float]] = []
    while len(found) < count and np.isfinite(scores).any():
        period = tried[np.argmax(scores)]
        found.append(_refine(peaks, (height, width), period))
        scores[np.abs(np.log(tried / period)) < 0.01] = -np.inf
    return found


def harmonics(
    residual: np.ndarray, period: tuple[float, float], u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fourier coefficients (N,) complex of the residual at u / across, v / down cycles a pixel (v >= 1), and the
    noise power (N,) around each, taken half-way between the harmonics, where a pattern of this period has nothing."""
    height, width = residual.shape
    reach = int(max(np.abs(u).max(), v.max())) + 1
    grid = np.arange(-2 * reach, 2 * reach + 1) / 2.0  # halves too
    down = np.exp(-2j * np.pi * np.outer(grid[2 * reach :] / period[1], np.arange(height))).astype(np.complex64)
    across = np.exp(-2j * np.pi * np.outer(np.arange(width), grid / period[0])).astype(np.complex64)
    found = (down.real @ residual + 1j * (down.imag @ residual)) @ across
    row, column = 2 * v.astype(int), 2 * (u.astype(int) + reach)
    power = np.abs(found) ** 2
    noise = sum(power[row + i, column + j] for i in (-1, 1) for j in (-1, 1)) / 4.0
    return found[row, column].astype(np.complex128), noise.astype(np.float64)


def by_ring(power: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """(N,) the mean power of all coefficients about as far from zero frequency as each."""
    ring = np.rint(radius).astype(int)
    return (np.bincount(ring, power) / np.maximum(np.bincount(ring), 1))[ring]


def _refine(peaks: np.ndarray, size: tuple[int, int], period: float) -> tuple[float, float]:
    trials = [(period * (1 + a), period * (1 + b)) for a in _STRETCH for b in _STRETCH]
    return max(trials, key=lambda trial: _score(peaks, size, *trial))


def _score(peaks: np.ndarray, size: tuple[int, int], across: float, down: float) -> float:
    """How far the lattice of one period stands above chance, in standard deviations."""
    height, width = size
    columns = across * np.arange(-int(0.8 * width / across), int(0.8 * width / across) + 1)
    rows = down * np.arange(0, int(0.8 * height / down) + 1)
    y, x = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    half = (y > 0) | (x > 0)
    y, x = y[half], x[half]
    if not len(y):
        return -np.inf
    overlap = (1 - y / height) * (1 - np.abs(x) / width)
    return float(_sample(peaks, y, x).sum() / np.sqrt(overlap.sum()))


def _sample(peaks: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Bilinear, with negative shifts wrapping round."""
    row, column = np.floor(y).astype(int), np.floor(x).astype(int)
    fy, fx = y - row, x - column
    rows, columns = peaks.shape
    top, below, left, right = row % rows, (row + 1) % rows, column % columns, (column + 1) % columns
    return (1 - fy) * ((1 - fx) * peaks[top, left] + fx * peaks[top, right]) + fy * (
        (1 - fx) * peaks[below, left] + fx * peaks[below, right]
    )


def _overlap(shift: np.ndarray, padded: int, side: int) -> np.ndarray:
    """Share of a side that still overlaps itself after a shift, for shifts on a circle of `padded`."""
    return np.maximum(1 - np.minimum(shift, padded - shift) / side, 0.0)
