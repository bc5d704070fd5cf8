"""Which face reaches a pixel cheapest: geodesic floods over a reduced picture, from skulls and columns below chins.

Conventions: the picture is (h, w, 3) float32 in 0..255, the matte (h, w) float32; heads are measured in its pixels. A
label is 0 for none and k + 1 for face k. A cost of 1 is a clear edge of the picture, or about four eye distances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter, label
from scipy.spatial import ConvexHull
from skimage.draw import polygon2mask
from skimage.graph import MCP_Geometric

from animate.layers.heads import Head

SOLID = 0.15  # of the matte that a flood can pass
STEP = 0.25  # cost of one eye distance of plain way within the expected head and trunk
ASTRAY = 1.2  # what it costs more, per eye distance outside of them
CLEAR = 40.0  # grey levels of a clear edge
FARTHEST = 5.0  # eye distances outside the expected head and trunk where ownership ends
SKULL = 0.82  # of the ellipse that is the head's own for certain
HARD = 0.4  # cost of a pixel at which a column below a chin becomes narrow
CORE, COLUMN, LENGTH, COLLAR = 0.12, 0.35, 3.0, 1.0  # half widths and length of the seed below a chin, in eye
# distances, and where collars end
RESPECT = 1.15  # of a head's ellipse that is dear to those behind it, as is where its hair may hang


def labels(picture: np.ndarray, matte: np.ndarray, heads: Sequence[Head], order: Sequence[int]) -> np.ndarray:
    """The owner (h, w) int32 of every pixel of the matte: 0 none, k + 1 head k. `order` is back to front."""
    solid = matte > SOLID
    steep = _steep(picture, solid)
    seeds = _seeds(solid, steep < HARD, heads, order)
    best = np.full(matte.shape, np.inf, np.float32)
    owner = np.zeros(matte.shape, np.int32)
    for k in order:
        window, cost = _flood(steep, solid | (seeds > 0), seeds, heads, order, k)
        if window is None:
            continue
        won = cost < best[window]
        best[window][won] = cost[won]
        owner[window][won] = k + 1
    return _fringe(owner, matte)


def _seeds(solid: np.ndarray, even: np.ndarray, heads: Sequence[Head], order: Sequence[int]) -> np.ndarray:
    """Labels (h, w) of certain pixels: columns below chins, skulls over them, meshes over those, each back to front."""
    y, x = np.mgrid[: solid.shape[0], : solid.shape[1]].astype(np.float32)
    seeds = np.zeros(solid.shape, np.int32)
    skulls = [head.ellipse(x, y) < SKULL for head in heads]
    for k in order:
        others = np.any([np.zeros_like(solid), *(skulls[j] for j in range(len(heads)) if j != k)], axis=0)
        column = _column(solid & ~others, even, heads[k], x, y)
        seeds[column] = k + 1
    for k in order:
        seeds[skulls[k] & solid] = k + 1
    for k in order:
        seeds[polygon2mask(solid.shape, _hull(heads[k].outline)[:, ::-1])] = k + 1
    return seeds


def _hull(points: np.ndarray) -> np.ndarray:
    return points[ConvexHull(points).vertices]


def _column(free: np.ndarray, even: np.ndarray, head: Head, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The seed of a body: from the chin down, as far as nothing is in its way; narrow where the picture is not even, as
    a neighbour's sleeve may begin there (but a tie and a collar may too)."""
    dx, dy = x - head.chin[0], y - head.chin[1]
    aside = np.abs(dx * head.down[1] - dy * head.down[0]) / head.scale
    below = (dx * head.down[0] + dy * head.down[1]) / head.scale
    column = free & (below > 0) & (below < LENGTH) & (aside < COLUMN)
    core = _pieces(column & (aside < CORE) & (even | (below < COLLAR)), column & (below < 0.6))
    return core | _pieces(column & even, core)


def _pieces(mask: np.ndarray, touched: np.ndarray) -> np.ndarray:
    """The connected pieces of `mask` that have a pixel in `touched`."""
    pieces, count = label(mask)
    kept = np.bincount(pieces[touched], minlength=count + 1) > 0
    kept[0] = False
    return kept[pieces]


def _steep(picture: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Cost (h, w) float32 of the picture's edges per pixel of way: change of colour, less what grain and cloth have."""
    smooth = gaussian_filter(picture, (1.0, 1.0, 0))
    change = np.sqrt(sum(np.square(step).max(-1) for step in np.gradient(smooth, axis=(0, 1))))
    usual = np.median(change[solid]) if solid.any() else 0.0
    return (np.maximum(change - usual, 0) / CLEAR).astype(np.float32)


def _flood(
    steep: np.ndarray, open_: np.ndarray, seeds: np.ndarray, heads: Sequence[Head], order: Sequence[int], k: int
) -> tuple[tuple[slice, slice] | None, np.ndarray | None]:
    """Window and cost (h, w) float32 of the cheapest way from one face's seeds, inf where it does not come."""
    y, x = np.mgrid[: steep.shape[0], : steep.shape[1]].astype(np.float32)
    away = heads[k].away(x, y)
    may = open_ & (away < FARTHEST) & ((seeds == 0) | (seeds == k + 1))
    rows, columns = np.flatnonzero(may.any(1)), np.flatnonzero(may.any(0))
    starts = seeds == k + 1
    if not len(rows) or not starts.any():
        return None, None
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    x, y, away = x[window], y[window], away[window]
    for j in order[list(order).index(k) + 1 :]:
        away = away + 3 * np.maximum(RESPECT - heads[j].ellipse(x, y), 0) + heads[j].hair(x, y)
    way = (STEP + ASTRAY * away) / heads[k].scale + steep[window]
    way[starts[window]] = 1e-6
    way[~may[window]] = -1
    cost, _ = MCP_Geometric(way).find_costs(np.argwhere(starts[window] & may[window]), find_all_ends=False)
    return window, cost.astype(np.float32)


def _fringe(owner: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The thin edge of the matte goes to the label it borders on; isolated pieces stay without an owner."""
    thin = (owner == 0) & (matte <= SOLID)
    near = distance_transform_edt(owner == 0, return_distances=False, return_indices=True) if owner.any() else None
    if near is None:
        return owner
    close = binary_dilation(owner > 0, iterations=12)
    return np.where(thin & close, owner[tuple(near)], owner)
