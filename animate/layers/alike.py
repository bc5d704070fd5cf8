"""Where a matte takes background for people: what looks just as the certain background does may as well stand still.

Conventions: pixels are (H, W, 3) uint8 sRGB, mattes (H, W) float32 in 0..1. The search runs in a reduced picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import gaussian_filter, maximum_filter

from animate.core.numerics import Rectangle, smoothstep
from animate.layers.heads import Head
from animate.layers.reduce import enlarge, shrink

UNIT = 20  # pixels of an eye distance in which patches are compared
RADIUS = 2  # of a patch: 5 x 5 pixels
OUTSIDE = 0.1, 0.3  # eye distances outside of the expected heads and bodies from which the matte is doubted, and wholly
AROUND = 4.2  # eye distances around heads in which it is
DOUBTED, CERTAIN = 0.05, 0.03  # matte from which a pixel is doubted, and below which it is background
SURE = 0.85, 0.97  # matte from which it is doubted less, and not at all
BANK, FEWEST = 2500, 200  # patches of the background that are compared, and that there must be
MOST = 6000  # pixels that are doubted
# Percentile of what background differs from background, and its bounds in squared grey levels: where background is of
# many kinds, everything is like some of it.
USUAL, FLOOR, CEILING = 80, 6.0, 24.0
ALIKE = 1.0, 2.5  # times that, from as good as background to certainly not
SEED = 11


def cleared(pixels: np.ndarray, matte: np.ndarray, heads: Sequence[Head]) -> np.ndarray:
    """The matte (H, W) without what is not expected to be a person and looks like the background nearby.

    Args:
        pixels: (H, W, 3) uint8.
        matte: (H, W) float32 in 0..1.
        heads: of everybody in it, in its pixels.

    A patch is as good as background if some patch of the certain background around the head is as like it as patches of
    the background are like each other.
    """
    result = matte.copy()
    for head in heads:
        left, top, right, bottom = _around(head, matte.shape)
        if right - left > 4 * RADIUS and bottom - top > 4 * RADIUS:
            window = slice(top, bottom), slice(left, right)
            doubt = _doubt(pixels[window], result[window], heads, head, (left, top, right, bottom))
            if doubt is not None:
                unsure = 1 - smoothstep(result[window], *SURE)
                result[window] *= 1 - doubt * unsure
    return result


def _around(head: Head, shape: tuple[int, ...]) -> Rectangle:
    reach = AROUND * head.scale
    low = np.maximum(head.middle - reach, 0).astype(int)
    high = np.minimum(head.middle + (reach, 0.8 * reach), shape[::-1]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _doubt(
    pixels: np.ndarray, matte: np.ndarray, heads: Sequence[Head], head: Head, area: Rectangle
) -> np.ndarray | None:
    """How surely (h, w), 0..1, pixels of an area are background, or None if there is nothing to be doubted."""
    factor = max(1, int(head.scale / UNIT))
    small, thin = shrink(pixels, factor), shrink(matte, factor)
    y, x = (np.mgrid[: thin.shape[0], : thin.shape[1]].astype(np.float32) + 0.5) * factor - 0.5
    away = np.min([one.away(x + area[0], y + area[1]) for one in heads], axis=0)
    inner = np.zeros(thin.shape, bool)
    inner[RADIUS:-RADIUS, RADIUS:-RADIUS] = True
    doubted = np.argwhere((thin > DOUBTED) & (away > OUTSIDE[0]) & inner)
    known = np.argwhere((maximum_filter(thin, 2 * RADIUS + 1) < CERTAIN) & inner)
    if len(known) < FEWEST or not len(doubted):
        return None
    random = np.random.default_rng(SEED)
    patches = sliding_window_view(small, (2 * RADIUS + 1, 2 * RADIUS + 1), axis=(0, 1))
    known = random.permutation(known)[:BANK]
    doubted = random.permutation(doubted)[:MOST]
    bank, usual = _of(patches, known[::2]), _of(patches, known[1::2])
    limit = float(np.clip(np.percentile(_nearest(usual, bank), USUAL), FLOOR, CEILING))
    unlike = _nearest(_of(patches, doubted), _of(patches, known)) / limit
    alike = np.zeros(thin.shape, np.float32)
    alike[tuple(doubted.T)] = 1 - smoothstep(unlike, *ALIKE)
    alike = np.clip(1.5 * gaussian_filter(alike, 1.0), 0, 1) * smoothstep(away, *OUTSIDE)
    return enlarge(alike.astype(np.float32), factor, (0, 0, matte.shape[1], matte.shape[0]))


def _of(patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The patches (K, 75) around places (K, 2)."""
    return patches[tuple((places - RADIUS).T)].reshape(len(places), -1)


def _nearest(patches: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """The mean squared difference (K,) between patches and the most alike in a bank."""
    cost = (bank * bank).sum(1) - 2 * patches @ bank.T
    return np.maximum(cost.min(1) + (patches * patches).sum(1), 0) / patches.shape[1]
