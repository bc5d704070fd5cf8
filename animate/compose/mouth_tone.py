"""What a photograph says about a mouth that it does not show: tones, sharpness, age.

Conventions: pixels are (H, W, 3) uint8 RGB, colours 0..255; points (478, 3) are scan pixels of the face; a ring is a
tuple of landmark indices in order; shares are 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.draw import polygon

from animate.compose.print_match import Palette
from animate.core.numerics import luminance, smoothstep

CHROMA = 1.0  # of the skin's highlights that teeth have
BRIGHT = 0.97  # of the print's whites that the brightest tooth has
FEWEST = 8  # pixels from which a tone is taken
DEEPER = 1.25  # colour of the inside of a mouth over that of its lips
MEASURED = 0.36 + 1 / 3  # variance of the blur before the steepness is taken, and of taking it over two pixels
INFANT = (0.86, 0.92)  # outer-eye distance over the height from eyes to chin: no teeth above the second


@dataclass(frozen=True, eq=False)
class MouthTone:
    """Colours (3,) of the brightest tooth, of the cavity and of the tongue."""

    tooth: np.ndarray
    cavity: np.ndarray
    tongue: np.ndarray


def tones(
    pixels: np.ndarray, points: np.ndarray, oval: Sequence[int], eyes: Sequence[Sequence[int]], lips: Sequence[int]
) -> MouthTone:
    """The tones of a mouth in a print: teeth in the hue of its highlights and no brighter than its whites."""
    face = _within(pixels, points[list(oval), :2])
    light = luminance(face)
    high = face[light >= np.percentile(light, 93)].mean(0)
    low = float(np.percentile(light, 3))
    mouth = _within(pixels, points[list(lips), :2])
    red = np.median(mouth if len(mouth) >= FEWEST else face, 0)
    red = 1 + DEEPER * (red / max(float(luminance(red)), 1.0) - 1)
    whites = np.concatenate([_within(pixels, points[list(eye), :2]) for eye in eyes])
    top = float(luminance(high))
    if len(whites) >= FEWEST:
        top = max(top, float(np.percentile(luminance(whites), 95)))
    level = BRIGHT * min(top, float(np.percentile(light, 99.5)))
    palette = Palette(face[None])
    hue = (high - luminance(high)) * (level / max(float(luminance(high)), 1.0))
    tongue = 0.45 * float(np.median(light)) + 0.25 * low
    colours = np.stack([level + CHROMA * hue, 0.8 * low * red, tongue * red])
    return MouthTone(*np.clip(palette.colour(colours), 0, 255))


def coloured(picture: np.ndarray, tones: MouthTone) -> np.ndarray:
    """A picture (h, w, 3) of a mouth whose colours are not known in those of a mouth, by its lightness."""
    steps = np.stack([np.zeros(3), tones.cavity, tones.tongue, tones.tooth])
    levels = np.maximum.accumulate(luminance(steps) + 1e-3 * np.arange(4))
    light = luminance(picture)
    hue = np.stack([np.interp(light, levels, steps[:, k] - luminance(steps)) for k in range(3)], -1)
    return np.clip(light[..., None] + hue, 0, 255)


def sharpness(pixels: np.ndarray, points: np.ndarray, unit: float) -> float:
    """Standard deviation in pixels of the blur of the face's steepest edges, measured by how a further blur widens them
    (Zhuo and Sim 2011)."""
    low = np.clip(np.floor(points[:, :2].min(0)), 0, None).astype(int)
    high = np.ceil(points[:, :2].max(0)).astype(int)
    light = luminance(pixels[low[1] : high[1], low[0] : high[0]])
    if min(light.shape) < 8:
        return 0.7
    first, more = gaussian_filter(light, 0.6), 1.2
    steep = np.hypot(*np.gradient(first))
    flatter = np.hypot(*np.gradient(gaussian_filter(first, more)))
    edges = steep >= np.percentile(steep, 98)
    ratio = np.median(steep[edges] / np.maximum(flatter[edges], 1e-3))
    width = np.sqrt(max(more**2 / max(ratio**2 - 1, 1e-3) - MEASURED, 0.16))
    return float(np.clip(width, 0.4, max(0.5, 0.03 * unit)))


def skin(pixels: np.ndarray, points: np.ndarray, rings: Sequence[Sequence[int]]) -> np.ndarray:
    """Median colour (3,) float32 inside rings of a face; that of the nearest pixels where they are smaller than one."""
    found = np.concatenate([_within(pixels, points[list(ring), :2]) for ring in rings])
    if len(found):
        return np.median(found, 0)
    x, y = np.rint(points[[index for ring in rings for index in ring], :2]).astype(int).T
    return np.median(pixels[np.clip(y, 0, len(pixels) - 1), np.clip(x, 0, pixels.shape[1] - 1)], 0).astype(np.float32)


def infancy(points: np.ndarray, corners: tuple[int, int], chin: int, limits: tuple[float, float] = INFANT) -> float:
    """How surely a face is a baby's, or a child's by other limits: large eyes far apart over a short lower face,
    0..1."""
    eyes = points[list(corners)]
    height = np.linalg.norm(points[chin] - eyes.mean(0))
    return float(smoothstep(np.linalg.norm(eyes[1] - eyes[0]) / max(float(height), 1e-6), *limits))


def _within(pixels: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """The pixels (N, 3) inside an outline (K, 2), as far as they lie in the scan."""
    rows, columns = polygon(outline[:, 1], outline[:, 0], pixels.shape[:2])
    return pixels[rows, columns].astype(np.float32)
