"""Headwear that a matte lacks: a white cap on a white wall, hair as pale as the sky.

Conventions: pixels are (H, W, 3) uint8 sRGB, mattes (H, W) float32 in 0..1, meshes (478, 3) scan pixels. Additions
lie above the eyes, within and around the ellipse of the head.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, label, uniform_filter
from skimage.draw import polygon
from skimage.segmentation import watershed

from animate.layers.heads import Head, head_of
from animate.layers.reduce import GREY, enlarge, guided, shrink

UNIT = 36  # pixels of an eye distance in which the search runs
INNER, OUTER, RING = 0.95, 1.62, 2.05  # radii of the ellipse: surely head, may be head, around the head
BROWS = -0.9  # eye distances above the chin (negative is up) from where on something may be added
CLEAR = 3.0  # deviations of the surroundings from which a piece must differ
LEAST = 8.0  # grey levels that it must differ at least
CROWN = -1.6  # eye distances above the chin where, on the mean, a piece must lie
ALONE, NEIGHBOURS = 0.2, 0.5  # of all surroundings, and of those in the photograph, that must not be other people
RIM = 0.5  # of a piece's side that may lie at the outer ellipse
PIECE = 0.03  # of the ellipse's area that a piece must have


def complete(pixels: np.ndarray, matte: np.ndarray, faces: Sequence[np.ndarray]) -> np.ndarray:
    """The matte (H, W) float32 with what lies above the heads and differs from what is around them.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        matte: (H, W) float32 in 0..1.
        faces: meshes (478, 3) in scan pixels.

    Returns:
        (H, W) float32 in 0..1, nowhere below `matte`.

    The outline is where a watershed from the skull and one from the surroundings meet; a piece that is not clearly
    unlike the surroundings is left out, so that over a busy background nothing is added. Nothing is ever taken away.
    """
    matte = np.clip(np.asarray(matte, np.float32), 0, 1)
    completed = matte.copy()
    for mesh in faces:
        _add(completed, pixels, matte, head_of(mesh))
    return completed


def outlined(shape: tuple[int, int], rings: Sequence[np.ndarray]) -> np.ndarray:
    """1 inside rings of points (N, 2), 0 outside: (H, W) float32."""
    inside = np.zeros(shape, np.float32)
    for ring in rings:
        inside[polygon(ring[:, 1], ring[:, 0], shape)] = 1
    return inside


def _add(completed: np.ndarray, pixels: np.ndarray, matte: np.ndarray, head: Head) -> None:
    """Adds to `completed`, in place, what the matte lacks of one head."""
    reach = 1.35 * RING * head.scale
    low = np.maximum(np.floor(head.middle - reach), 0).astype(int)
    high = np.minimum(np.ceil(head.middle + reach), matte.shape[::-1]).astype(int)
    if (high - low < 4).any():
        return
    window = slice(low[1], high[1]), slice(low[0], high[0])
    factor = max(1, int(head.scale / UNIT))
    small, thin = shrink(pixels[window], factor), shrink(matte[window], factor)
    y, x = (np.mgrid[: thin.shape[0], : thin.shape[1]].astype(np.float32) + 0.5) * factor - 0.5
    piece = _piece(small, thin, head, factor, x + low[0], y + low[1])
    if piece is None:
        return
    slope, offset = guided(small @ GREY / 255, piece.astype(np.float32), 2, 2e-3)
    box = (0, 0, int(high[0] - low[0]), int(high[1] - low[1]))
    soft = enlarge(slope, factor, box) * (pixels[window] @ (GREY / 255)) + enlarge(offset, factor, box)
    near = enlarge(uniform_filter(piece.astype(np.float32), 7) > 0, factor, box)
    soft = np.clip((soft - 0.5) * 1.6 + 0.5, 0, 1) * np.clip(near, 0, 1)
    completed[window] = np.maximum(completed[window], soft)


def _piece(
    small: np.ndarray, thin: np.ndarray, head: Head, factor: int, x: np.ndarray, y: np.ndarray
) -> np.ndarray | None:
    """Which reduced pixels (h, w) belong to the head and are not in the matte, or None."""
    away = head.ellipse(x, y)
    _, down = head.upright(x, y)
    above = down < BROWS
    ring = (away > OUTER) & (away < RING) & above
    around = ring & (thin < 0.05)
    whole = 0.5 * (RING**2 - OUTER**2) * head.area / factor**2
    if around.sum() < max(30, ALONE * whole, NEIGHBOURS * ring.sum()) or thin[(away < 1) & above].mean() < 0.15:
        return None  # a head in a crowd or at the photograph's edge, or one that the matte does not know at all
    smooth = gaussian_filter(small, (1.0, 1.0, 0))
    markers = np.zeros(thin.shape, np.int32)
    markers[(away > OUTER) | ((thin < 0.05) & ~above)] = 2
    markers[(thin > 0.8) | ((away < INNER) & above)] = 1
    steep = np.sqrt(sum(np.square(step).max(-1) for step in np.gradient(smooth, axis=(0, 1))))
    grown = (watershed(steep, markers) == 1) & above & (away < OUTER) & (thin < 0.6)
    pieces, count = label(grown)
    unlike = _unlike(smooth, around, x - head.middle[0], y - head.middle[1], head.scale)
    rim = away > OUTER - 0.08
    area = head.area / factor**2
    kept = [k for k in range(1, count + 1) if _is_head(pieces == k, smooth, thin, unlike, rim, down, area)]
    return np.isin(pieces, kept) if kept else None


def _is_head(
    piece: np.ndarray,
    smooth: np.ndarray,
    thin: np.ndarray,
    unlike: np.ndarray,
    rim: np.ndarray,
    down: np.ndarray,
    area: float,
) -> bool:
    """Whether a piece (h, w) bool is large, high, closed, unlike the surroundings and bounded by an edge."""
    size = float(piece.sum())
    if size < PIECE * area or (piece & rim).sum() > RIM * np.sqrt(size) or down[piece].mean() > CROWN:
        return False
    return bool(np.median(unlike[piece]) > 1 and _contrast(piece, ~piece & (thin < 0.1), smooth) > LEAST)


def _contrast(piece: np.ndarray, outside: np.ndarray, smooth: np.ndarray) -> float:
    """By how many grey levels colours change across the outline between a piece and what is outside, on the median."""
    means = []
    for mask in (piece, outside):
        weight = gaussian_filter(mask.astype(np.float32), 2.0)
        colour = gaussian_filter(smooth * mask[..., None], (2.0, 2.0, 0)) / np.maximum(weight, 1e-3)[..., None]
        means.append((colour, weight))
    (inner, near), (outer, far) = means
    outline = (near > 0.35) & (far > 0.35)
    return float(np.median(np.abs(inner - outer)[outline].max(-1))) if outline.any() else 0.0


def _unlike(smooth: np.ndarray, around: np.ndarray, x: np.ndarray, y: np.ndarray, unit: float) -> np.ndarray:
    """How far (h, w) colours are from those around the head, continued as a sloping plane; 1 is clearly unlike."""
    x, y = x / unit, y / unit
    terms = np.stack([np.ones_like(x), x, y], -1)
    plane, *_ = np.linalg.lstsq(terms[around], smooth[around], rcond=None)
    rest = smooth - terms @ plane
    usual = 1.4826 * np.median(np.abs(rest[around]), axis=0)
    return (np.abs(rest) / np.maximum(CLEAR * usual, LEAST)).max(-1)
