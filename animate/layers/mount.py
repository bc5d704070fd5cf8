"""The mount of a photograph: white margins, the rim of a plate, a mat with an oval opening. It lies before people.

Conventions: pixels are (H, W, 3) uint8 sRGB, masks (H, W) bool, points (x, y), greys 0..255. Mounts are sought in a
reduced picture, as what is sought is as long as the picture itself; an opening is laid out at the photograph's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from animate.core.numerics import Rectangle
from animate.layers.heads import SURFACE
from animate.layers.reduce import GREY, shrink

SIDE = 400  # pixels of the longer side in which mounts are sought
LINE, SOFT = 1.7, 1.5  # reduced pixels inside an edge up to which the mount hides, and over which it ends softly
REACH = 0.15  # of the longer side: how far people are continued behind a mount
# Margins: largest share of a side, slopes of the line, share of it that must be an edge, grey levels over two reduced
# pixels that make an edge, share of a margin that must be of one tone, and how far from it that tone may reach.
WIDEST, SLOPES, CLOSED, EDGE, EVEN, TONE = 0.22, sorted(np.linspace(-0.024, 0.024, 13), key=abs), 0.85, 9.0, 0.85, 20.0
# Openings: rays from the face, edges tried on each, how near (in radii) an edge must lie, largest deviation of tones
# outside around the opening, and trials.
RAYS, PEAKS, FAINT, NEAR, PLAIN, TRIALS = 120, 3, 3.0, 0.012, 12.0, 3000
FINALISTS = 12  # candidates that are fitted again
SEEN, INSIDE = 0.73, 0.98  # share of the rays that must have an edge on the opening, and its radii in which faces lie
RING = 1.04, 1.10  # radii around an opening within which the mat's tone is looked at
HIDDEN = 0.02  # share of the largest face that a mount may seem to hide
SEED = 7


@dataclass(frozen=True)
class Margin:
    """What lies beyond the line x = offset + slope * y on one side; the picture was turned `turns` times by 90 degrees
    counterclockwise to bring that side to the left."""

    turns: int
    offset: float
    slope: float

    def depth(self, shape: tuple[int, int], factor: int) -> np.ndarray:
        """How far pixels of a picture `factor` times as large lie inside the line, in reduced pixels."""
        y, x = ((np.arange(side, dtype=np.float32) + 0.5) / factor - 0.5 for side in shape)
        return x - (self.offset + self.slope * y[:, None])


@dataclass(frozen=True)
class Ellipse:
    """An opening: middle (x, y), half axes (a, b), and the angle of the first in radians."""

    middle: tuple[float, float]
    axes: tuple[float, float]
    angle: float

    def depth(self, shape: tuple[int, int], factor: int) -> np.ndarray:
        """The same for the outline of the opening."""
        y, x = ((np.arange(side, dtype=np.float32) + 0.5) / factor - 0.5 for side in shape)
        return (1 - self.radius(x, y[:, None])) * min(self.axes)

    def radius(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Distance from the middle in radii of the outline: 1 on it. x, y broadcast."""
        dx, dy = x - self.middle[0], y - self.middle[1]
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return np.hypot((cosine * dx + sine * dy) / self.axes[0], (cosine * dy - sine * dx) / self.axes[1])


@dataclass(frozen=True, eq=False)
class Mount:
    """How a mount lies over people: `opacity` (H, W) float32, 1 on the mount and its line, 0 in the opening, in between
    close to the line."""

    opacity: np.ndarray

    @property
    def hidden(self) -> np.ndarray:
        """(H, W) bool: where what is behind the mount is not seen."""
        return self.opacity >= 1

    def continued(self, values: np.ndarray) -> np.ndarray:
        """Values (H, W, ...) of the photograph with what is hidden mirrored at the opening's edge.

        People who move show a little of what the mount hides, just as at the border of a photograph.
        """
        hidden = self.hidden
        away, nearest = cv2.distanceTransformWithLabels(
            hidden.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        seen = np.flatnonzero(~hidden)
        place = np.zeros(int(nearest.max()) + 1, np.int64)
        place[nearest.ravel()[seen]] = seen
        rows, columns = np.nonzero(hidden & (away < REACH * max(hidden.shape)))
        height, width = hidden.shape
        edge = place[nearest[rows, columns]]
        row, column = 2 * (edge // width) - rows, 2 * (edge % width) - columns
        mirrored = np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1)
        source = np.where(hidden.ravel()[mirrored], edge, mirrored)
        filled = values.copy()
        filled[rows, columns] = values.reshape(height * width, *values.shape[2:])[source]
        return filled

    def lay(self, frame: np.ndarray, photo: np.ndarray, area: Rectangle) -> None:
        """Lay the mount of `photo` (H, W, 3) over `frame`, in place, in an area (left, top, right, bottom)."""
        left, top, right, bottom = area
        window = slice(top, bottom), slice(left, right)
        opacity, below = self.opacity[window], frame[window]
        np.copyto(below, photo[window], where=(opacity >= 1)[..., None])
        rows, columns = np.nonzero((opacity > 0) & (opacity < 1))
        a, under = opacity[rows, columns, None], below[rows, columns].astype(np.float32)
        below[rows, columns] = (under + a * (photo[window][rows, columns] - under) + 0.5).astype(np.uint8)


def find(pixels: np.ndarray, faces: Sequence[np.ndarray]) -> Mount | None:
    """The mount of a photograph, or None where there is none.

    Args:
        pixels: (H, W, 3) uint8.
        faces: meshes (478, 3) in its pixels; the largest lies in the opening.
    """
    factor = max(1, -(-max(pixels.shape[:2]) // SIDE))
    grey = (shrink(pixels, factor) @ GREY).astype(np.float32)
    face = max((np.asarray(mesh, float)[:SURFACE, :2] for mesh in faces), key=lambda points: np.ptp(points[:, 1]))
    depth = np.full(pixels.shape[:2], np.inf, np.float32)  # reduced pixels inside the opening
    for turns in range(4):
        margin = _margin(np.rot90(grey, turns), turns)
        if margin is not None:
            turned = np.rot90(depth, turns)  # a view
            np.minimum(turned, margin.depth(turned.shape, factor), out=turned)
    opening = _opening(grey, face / factor)
    if opening is not None:
        np.minimum(depth, opening.depth(depth.shape, factor), out=depth)
    x, y = face[((face >= 0) & (face < depth.shape[::-1])).all(1)].astype(int).T
    if np.isinf(depth).all() or (depth[y, x] < 0).mean() > HIDDEN:
        return None
    return Mount(np.clip(1 - (depth - LINE) / SOFT, 0, 1))


def _margin(grey: np.ndarray, turns: int) -> Margin | None:
    """The margin on the left of a reduced picture (h, w), or None."""
    height, width = grey.shape
    most = int(WIDEST * width)
    if most < 3:
        return None
    step = gaussian_filter(grey, 0.7)
    step = step[:, 2 : most + 2] - step[:, :most]  # of column x + 1
    rows, best = np.arange(height), None
    for slope in SLOPES:
        at = np.clip(np.rint(slope * rows)[:, None].astype(int) + np.arange(most), 0, most - 1)
        sheared = step[rows[:, None], at]
        for sign in (1, -1):
            share = (sign * sheared > EDGE).mean(0)
            column = int(share.argmax())
            if share[column] > CLOSED and (best is None or share[column] > best[0]):
                best = share[column], Margin(turns, column + 1.0, float(slope))
    if best is None:
        return None
    margin = best[1]
    outside = np.arange(width) < (margin.offset - 1 + margin.slope * rows)[:, None]
    if outside.sum() < height:  # next to nothing
        return None
    tones = grey[outside]
    return margin if (np.abs(tones - np.median(tones)) < TONE).mean() > EVEN else None


def _opening(grey: np.ndarray, points: np.ndarray) -> Ellipse | None:
    """The oval opening of a mat in a reduced picture, around a face (N, 2), or None."""
    middle, least = points.mean(0), 1.02 * np.ptp(points[:, 1]) / 2
    smooth = gaussian_filter(grey, 1.0)
    angles = np.arange(RAYS) * 2 * np.pi / RAYS
    way = np.stack([np.cos(angles), np.sin(angles)], 1)
    reach = np.arange(least, max(grey.shape))
    at = middle + way[:, None] * reach[:, None]  # (R, N, 2)
    inside = ((at >= 1) & (at <= np.array(grey.shape[::-1]) - 2)).all(-1)
    along = map_coordinates(smooth, at.transpose(2, 0, 1)[::-1], order=1, mode="nearest")
    steep = np.where(inside, np.abs(np.gradient(along, axis=1)), 0)
    for edges in _peaks(steep):
        fitted = _fit(edges, at, points)
        if fitted is not None and _is_mat(smooth, fitted):
            return fitted
    return None


def _peaks(steep: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The PEAKS steepest edges of every ray (R, N), and the outermost ones, as a mat is plain up to its opening."""
    inner = steep[:, 1:-1]
    peak = (inner >= steep[:, :-2]) & (inner > steep[:, 2:]) & (inner > FAINT)
    places = [np.flatnonzero(top) + 1 for top in peak]
    steepest = [own[np.argsort(values[own])[::-1][:PEAKS]] for values, own in zip(steep, places, strict=True)]
    return steepest, [own[::-1][:PEAKS] for own in places]


def _fit(edges: list[np.ndarray], at: np.ndarray, points: np.ndarray) -> Ellipse | None:
    """The ellipse around `points` that passes by an edge on most rays (RANSAC: Fischler and Bolles, 1981), or None."""
    owned = [k for k, chosen in enumerate(edges) if len(chosen)]
    if len(owned) < CLOSED * RAYS:
        return None
    random = np.random.default_rng(SEED)
    rays = np.array(owned)[random.random((TRIALS, len(owned))).argpartition(5, axis=1)[:, :5]]  # five of them each
    padded = np.stack([np.resize(chosen, PEAKS) if len(chosen) else np.zeros(PEAKS, int) for chosen in edges])
    places = at[np.arange(RAYS)[:, None], padded] - points.mean(0)  # (R, P, 2)
    unit = float(np.ptp(points[:, 1]))
    conics = _conics(places[rays, random.integers(0, PEAKS, rays.shape)] / unit)
    away = _away(conics, places[owned] / unit).min(-1)  # (T, R')
    order = np.argsort((away < NEAR).sum(1))[::-1][:FINALISTS]
    fitted = [_refit(conics[k : k + 1], places[owned], unit) for k in order]
    best, count = max(fitted, key=lambda one: one[1])
    if best is None or count < SEEN * RAYS:
        return None
    middle = best.middle[0] + points[:, 0].mean(), best.middle[1] + points[:, 1].mean()
    best = Ellipse(middle, best.axes, best.angle)
    return best if (best.radius(*points.T) < INSIDE).all() else None


def _refit(conic: np.ndarray, places: np.ndarray, unit: float) -> tuple[Ellipse | None, int]:
    """The ellipse through the edges (R, P, 2) that are nearest to a conic (1, 6), and on how many rays it lies."""
    away = _away(conic, places / unit)[0]
    nearest = places[np.arange(len(places)), away.argmin(-1)][away.min(-1) < 2 * NEAR]
    ellipse = _ellipse(*cv2.fitEllipseDirect(nearest.astype(np.float32))) if len(nearest) > 5 else None
    if ellipse is None:
        return None, 0
    radius = ellipse.radius(places[..., 0], places[..., 1])
    return ellipse, int((np.abs(radius - 1).min(-1) < 1.5 * NEAR).sum())


def _conics(samples: np.ndarray) -> np.ndarray:
    """Coefficients (T, 6) of the conics through five points each (T, 5, 2); those that are no ellipse are 0."""
    x, y = samples[..., 0], samples[..., 1]
    terms = np.stack([x * x, x * y, y * y, x, y, np.ones_like(x)], -1)
    conics = np.linalg.svd(terms, full_matrices=True)[2][:, -1]
    return conics * (conics[:, 1] ** 2 < 4 * conics[:, 0] * conics[:, 2])[:, None]


def _away(conics: np.ndarray, places: np.ndarray) -> np.ndarray:
    """About how far (T, ...) places (..., 2) lie from conics (T, 6): Sampson's distance."""
    x, y = places[..., 0], places[..., 1]
    a, b, c, d, e, f = (value.reshape(-1, *[1] * x.ndim) for value in conics.T)
    value = a * x * x + b * x * y + c * y * y + d * x + e * y + f
    slope = np.hypot(2 * a * x + b * y + d, b * x + 2 * c * y + e)
    return np.where(slope > 1e-9, np.abs(value) / np.maximum(slope, 1e-9), np.inf)


def _ellipse(middle: tuple[float, float], sides: tuple[float, float], angle: float) -> Ellipse | None:
    a, b = sides[0] / 2, sides[1] / 2
    if not np.isfinite((*middle, a, b, angle)).all() or min(a, b) < 4 or max(a, b) > 2.2 * min(a, b):
        return None
    return Ellipse((float(middle[0]), float(middle[1])), (a, b), float(np.radians(angle)))


def _is_mat(smooth: np.ndarray, opening: Ellipse) -> bool:
    """Whether what lies around an opening is of one tone, the mat's: around a head there are shoulders."""
    y, x = np.arange(smooth.shape[0])[:, None], np.arange(smooth.shape[1])
    radius = opening.radius(x, y)
    ring = smooth[(radius > RING[0]) & (radius < RING[1])]
    whole = np.pi * opening.axes[0] * opening.axes[1] * (RING[1] ** 2 - RING[0] ** 2)
    return len(ring) > 0.6 * whole and float(np.percentile(np.abs(ring - np.median(ring)), 90)) < 2 * PLAIN
