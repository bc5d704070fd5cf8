"""How alike two faces are, by classical measures that need no trained network: local binary patterns and bands of
detail, of faces laid flat on one template.

Conventions: places (n, n, 2) are pixels (x, y) of a picture for every place of the template, NaN where there is no
face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.feature import local_binary_pattern

from animate.core.numerics import luminance

CELLS, RADII, PATTERNS = 8, (1, 2, 3), 59
GAMMA, FINE, COARSE = 0.3, 1.0, 3.0  # Tan and Triggs 2010: lightness to a power, between two Gaussians
RANGE = 3.0  # standard deviations of detail that are told apart


@dataclass(frozen=True, eq=False)
class Texture:
    """What a face looks like on the template: root histograms (3, 64, 59) of its patterns, its detail (n * n,)."""

    patterns: np.ndarray
    detail: np.ndarray

    def compare(self, other: Texture) -> tuple[float, float]:
        """Overlap of the patterns (Bhattacharyya), 0..1, and correlation of the detail, -1..1."""
        return float((self.patterns * other.patterns).sum(-1).mean()), float(self.detail @ other.detail)


def texture(picture: np.ndarray, places: np.ndarray, blur: float) -> Texture:
    """The texture of a face.

    Args:
        picture: (H, W, 3) uint8 RGB.
        places: (n, n, 2), where the template's places are in it.
        blur: standard deviation in pixels that keeps what is finer than the template out.
    """
    inside = np.isfinite(places[..., 0])
    at = np.nan_to_num(places)
    light = luminance(picture)
    light = gaussian_filter(light, blur) if blur > 0.5 else light
    flat = map_coordinates(light, [at[..., 1], at[..., 0]], order=1, mode="nearest")
    band = (flat / 255) ** GAMMA
    band = gaussian_filter(band, FINE) - gaussian_filter(band, COARSE)
    steps = np.clip(band / (RANGE * max(float(band[inside].std()), 1e-6)) + 0.5, 0, 1)
    codes = (steps * 65535).astype(np.uint16)
    detail = np.where(inside, band, 0).ravel()
    detail /= max(float(np.linalg.norm(detail)), 1e-9)
    return Texture(np.sqrt([_histograms(codes, radius, inside) for radius in RADII]), detail)


def _histograms(codes: np.ndarray, radius: int, inside: np.ndarray) -> np.ndarray:
    """Shares (64, 59) of the uniform patterns in each cell (Ahonen, Hadid and Pietikainen 2006)."""
    patterns = local_binary_pattern(codes, 8, radius, method="nri_uniform").astype(int)
    row = np.arange(len(codes)) * CELLS // len(codes)
    cell = row[:, None] * CELLS + row
    counts = np.zeros((CELLS * CELLS, PATTERNS))
    np.add.at(counts, (cell[inside], patterns[inside]), 1)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)
