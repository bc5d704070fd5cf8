"""What is counted when two pictures of one face are compared.

Conventions: pictures are (H, W, 3) uint8 RGB of one size; regions are (H, W) bool; errors of pixels are on a
scale of 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage.color import rgb2gray
from skimage.draw import polygon2mask
from skimage.feature import local_binary_pattern
from skimage.metrics import structural_similarity

from animate.motion import landmarks

# The 68 points of the iBUG annotation as points of the face mesh: jaw, brows, nose, eyes, mouth.
IBUG_68 = (
    127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356, 70, 63, 105, 66, 107,
    336, 296, 334, 293, 300, 168, 6, 195, 4, 98, 97, 2, 326, 327, 33, 160, 158, 133, 153, 144, 362, 385, 387,
    263, 373, 380, 61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip


CELLS = 7  # of a face crop, along a side


def l1(one: np.ndarray, other: np.ndarray, region: np.ndarray | None = None) -> float:
    """Mean absolute difference over a region, or over all."""
    difference = np.abs(one.astype(np.float32) - other) / 255
    return float(difference.mean() if region is None else difference[region].mean())


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB; 99 for equal pictures."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(min(99.0, 10 * np.log10(255**2 / max(error, 1e-9))))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) over the three colours."""
    return float(structural_similarity(one, other, channel_axis=2))


def sharpness(output: np.ndarray, truth: np.ndarray, region: np.ndarray | None = None) -> float:
    """Gradient energy of the output over that of the truth: below 1 is blurred, above 1 is overdrawn."""
    energies = []
    for picture in (output, truth):
        rows, columns = np.gradient(rgb2gray(picture))
        energy = rows**2 + columns**2
        energies.append(energy.mean() if region is None else energy[region].mean())
    return float(energies[0] / max(energies[1], 1e-12))


def akd(one: np.ndarray, other: np.ndarray) -> float:
    """Average keypoint distance: mean distance in pixels of the 68 landmarks among meshes (478, 2 or 3)."""
    return float(np.linalg.norm(one[list(IBUG_68), :2] - other[list(IBUG_68), :2], axis=1).mean())


def face_region(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Where the face is: the inside of the mesh's oval."""
    return polygon(points, landmarks.OVAL, shape)


def openings_region(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Where the openings of eyes and mouth are."""
    left, right = landmarks.LIDS
    return polygon(points, left, shape) | polygon(points, right, shape) | polygon(points, landmarks.INNER_LIPS, shape)


def likeness(one: np.ndarray, other: np.ndarray, region: np.ndarray | None = None) -> float:
    """Likeness 0..1 of two upright face crops: intersection of their local-binary-pattern histograms on a 7 x 7 grid.

    Ahonen, Hadid and Pietikainen 2006: a classical face descriptor, needs no trained network.

    Args:
        one, other: the crops (H, W, 3) uint8.
        region: (H, W) bool; each cell counts by as much as it holds of it. None counts all cells alike; NaN without any
            pixel.
    """
    first, second = (_texture(picture).reshape(CELLS**2, -1) for picture in (one, other))
    alike = np.minimum(first, second).sum(1) / first.sum(1)
    if region is None:
        return float(alike.mean())
    weights = np.bincount(_cells(region.shape).ravel(), region.ravel(), CELLS**2)
    return float(np.average(alike, weights=weights)) if weights.any() else float("nan")


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of every column over the rows that know it; NaN where none does."""
    columns = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    return {
        name: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
        for name, values in columns.items()
    }


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two regions (H, W) bool; 1 for two empty ones."""
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 1.0


def polygon(points: np.ndarray, ring: Sequence[int], shape: tuple[int, ...]) -> np.ndarray:
    """The inside (H, W) of a ring of points."""
    return polygon2mask(shape[:2], points[list(ring), 1::-1])


def _cells(shape: tuple[int, ...]) -> np.ndarray:
    """The number of the cell that each pixel (H, W) lies in."""
    rows, columns = (np.arange(side) * CELLS // side for side in shape[:2])
    return rows[:, None] * CELLS + columns[None]


def _texture(picture: np.ndarray, patterns: int = 10) -> np.ndarray:
    codes = local_binary_pattern((rgb2gray(picture) * 255).astype(np.uint8), 8, 2, method="uniform").astype(int)
    cell = _cells(codes.shape)
    counts = np.bincount((cell * patterns + codes).ravel(), minlength=CELLS**2 * patterns).astype(float)
    return counts / codes.size
