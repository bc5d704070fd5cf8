"""Every face back into the whole scan at its own size: where each may write, who stands in front, one new frame.

Conventions: pixels are (H, W, 3) uint8 RGB. A rectangle is (left, top, right, bottom) in scan pixels, right and
bottom excluded; a motion is a displacement (2, h, w) float32 in scan pixels over a rectangle, channels (x, y): the
new picture at p shows the photograph at p + motion(p).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from animate.compose.mask import closeness, extremes, inside, sides
from animate.core.numerics import Rectangle
from animate.core.types import Crop

STRIP = 32  # rows that share one span
COARSE = 8  # scan pixels between the places at which a moved face's claim is worked out
FAINT = 1e-4  # of the highest claim: what a face claims at least wherever it may be


@dataclass(frozen=True, eq=False)
class FaceLayer:
    """One face's place in the scan: rectangle, `claim` (h, w) float32 (how much a pixel is this face's rather than
    another's), `runs` (h, 2), the columns from .. to in each row that it may change, spans (left, top, right, bottom)
    that hold them, all counted from the rectangle's corner, and `depth`: the height of the face in scan pixels,
    smaller is farther behind."""

    rectangle: Rectangle
    claim: np.ndarray
    runs: np.ndarray
    spans: tuple[Rectangle, ...]
    depth: float

    def mask(self, shape: tuple[int, ...] | None = None) -> np.ndarray:
        """Bool mask of the pixels that the face may change: of the whole scan of `shape` (H, W, ...), or (h, w) of the
        rectangle alone."""
        left, top, right, bottom = self.rectangle
        columns = np.arange(right - left)
        own = (columns >= self.runs[:, :1]) & (columns < self.runs[:, 1:])
        if shape is None:
            return own
        whole = np.zeros(shape[:2], bool)
        whole[top:bottom, left:right] = own
        return whole


def layer(points: np.ndarray, crop: Crop, shape: tuple[int, ...], driven: np.ndarray | None = None) -> FaceLayer:
    """The layer of the face with crop points (478, 3) in a scan of `shape` (H, W, ...), wide enough for all its moved
    points `driven` (T, 478, 3); raises ValueError if it lies outside the scan."""
    corners = crop.out(np.array([[0, 0], [crop.size, 0], [0, crop.size], [crop.size, crop.size]]) - 0.5)
    low = np.clip(np.floor(corners.min(0)), 0, [shape[1], shape[0]]).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 1, 0, [shape[1], shape[0]]).astype(int)
    if (high <= low).any():
        raise ValueError(f"the crop {corners.round(1).tolist()} lies outside a scan of {shape[1]} x {shape[0]} pixels")
    moved = points[:0, None] if driven is None else driven[(driven != points).any((1, 2))]
    at = _positions(crop, low, high)
    mask = _allowed(points, moved, at, crop.size)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("the face's mask holds no pixel of the scan")
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    mask, at, left, top = mask[window], at[:, *window], int(low[0] + columns[0]), int(low[1] + rows[0])
    height, width = mask.shape
    depth = float(np.ptp(points[:, 1]) / crop.scale)
    claim = closeness(points, *at, size=crop.size)
    if len(moved):
        claim = np.maximum(claim, _claimed(extremes(moved), at, crop.size))
    rectangle = left, top, left + width, top + height
    return FaceLayer(rectangle, depth**2 * claim * mask, _runs(mask), _spans(mask), depth)  # larger is in front


def thinned(layer: FaceLayer, step: int) -> FaceLayer:
    """The layer on the scan pixels whose numbers are multiples of `step`: rectangle and claim only, enough to merge."""
    left, top, right, bottom = layer.rectangle
    coarse = left // step, top // step, (right - 1) // step + 2, (bottom - 1) // step + 2
    x, y = (np.arange(coarse[k], coarse[k + 2]) * step - (left, top)[k] for k in (0, 1))
    held = [np.flatnonzero((at >= 0) & (at < length)) for at, length in ((y, bottom - top), (x, right - left))]
    claim = np.zeros((len(y), len(x)), np.float32)
    claim[np.ix_(*held)] = layer.claim[np.ix_(y[held[0]], x[held[1]])]
    return FaceLayer(coarse, claim, layer.runs[:0], (), layer.depth)


def shares(layers: Sequence[FaceLayer]) -> list[np.ndarray]:
    """How much of each pixel of its rectangle is a layer's own (h, w): 1 where it may write and no other claims it."""
    portions = []
    for k, this in enumerate(layers):
        claims = this.claim.copy()
        for j, common in _near(layers, k):
            claims[_window(common, this.rectangle)] += layers[j].claim[_window(common, layers[j].rectangle)]
        portions.append(np.divide(this.claim, claims, out=np.zeros_like(claims), where=claims > 0))
    return portions


def order(layers: Sequence[FaceLayer]) -> list[int]:
    """Indices of the layers from the back to the front."""
    return sorted(range(len(layers)), key=lambda k: layers[k].depth)


def merge(layers: Sequence[FaceLayer], motions: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each layer's motion together with that of the layers it overlaps: at a pixel the mean of their motions by their
    claims. A layer that overlaps no other keeps its very array."""
    return [_blend(layers, motions, k, near) if (near := _near(layers, k)) else motions[k] for k in range(len(layers))]


def _near(layers: Sequence[FaceLayer], k: int) -> list[tuple[int, Rectangle]]:
    """The layers that overlap layer k, and where."""
    common = ((j, _overlap(layers[k].rectangle, other.rectangle)) for j, other in enumerate(layers) if j != k)
    return [(j, part) for j, part in common if part]


def _blend(
    layers: Sequence[FaceLayer], motions: Sequence[np.ndarray], k: int, near: Sequence[tuple[int, Rectangle]]
) -> np.ndarray:
    this = layers[k]
    total, claims = motions[k] * this.claim, this.claim.copy()
    for j, common in near:
        window, theirs = _window(common, this.rectangle), _window(common, layers[j].rectangle)
        total[:, *window] += motions[j][:, *theirs] * layers[j].claim[theirs]
        claims[window] += layers[j].claim[theirs]
    return np.divide(total, claims, out=total, where=claims > 0)


def paste(frame: np.ndarray, layer: FaceLayer, patch: np.ndarray) -> None:
    """Writes a layer's picture `patch` (h, w, 3) uint8 into `frame` (H, W, 3) in place, in its runs; nothing else
    changes."""
    left, top, right, bottom = layer.rectangle
    window = frame[top:bottom, left:right]
    for row, (start, stop) in enumerate(layer.runs.tolist()):  # a copy a row is ten times faster than one under a mask
        window[row, start:stop] = patch[row, start:stop]


def compose(pixels: np.ndarray, layers: Sequence[FaceLayer], patches: Sequence[np.ndarray]) -> np.ndarray:
    """A new frame (H, W, 3) uint8: the scan with every layer's patch, back to front. Outside the masks it is the scan
    bit for bit."""
    new = pixels.copy()
    for k in order(layers):
        paste(new, layers[k], patches[k])
    return new


def _positions(crop: Crop, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Crop positions (2, h, w) of the scan pixels low <= p < high."""
    x, y = np.arange(low[0], high[0], dtype=np.float32), np.arange(low[1], high[1], dtype=np.float32)[:, None]
    m = crop.matrix.astype(np.float32)
    return np.stack([m[k, 0] * x + m[k, 1] * y + m[k, 2] for k in (0, 1)])


def _allowed(points: np.ndarray, moved: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """Which of the positions (2, h, w) may change; what lies in a row between two that may, may too."""
    mask = inside(points, *at, size=size)
    if not len(moved):
        return mask
    first, last = sides(moved, size=size).astype(np.float32).T
    row = np.clip(np.rint(at[1]), 0, size - 1).astype(np.int32)
    mask |= (at[0] >= first[row]) & (at[0] <= last[row])
    start, stop = _runs(mask).T[..., None]
    column = np.arange(mask.shape[1])
    return (column >= start) & (column < stop)


def _claimed(moved: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """The closeness (h, w) of the nearest of a few faces, at least FAINT: worked out here and there, in straight lines
    between."""
    steps = [np.append(np.arange(0, length - 1, COARSE), length - 1) for length in at.shape[1:]]
    coarse = at[:, *np.ix_(*steps)]
    portions = np.max([closeness(points, *coarse, size=size) for points in moved], axis=0)
    down, across = (_lines(step) for step in steps)
    return np.maximum(down @ portions @ across.T, FAINT)


def _lines(steps: np.ndarray) -> np.ndarray:
    """The matrix (length, K) that takes values at whole numbers `steps` (K,), 0 to length - 1, to all between."""
    everywhere = np.arange(steps[-1] + 1)
    return np.stack([np.interp(everywhere, steps, row) for row in np.eye(len(steps))], 1).astype(np.float32)


def _runs(mask: np.ndarray) -> np.ndarray:
    """First and last column + 1 of each row of a mask whose rows are unbroken (ellipses are); 0, 0 for an empty
    row."""
    stop = mask.shape[1] - mask[:, ::-1].argmax(1)
    return np.where(mask.any(1)[:, None], np.stack([mask.argmax(1), stop], 1), 0)


def _spans(mask: np.ndarray) -> tuple[Rectangle, ...]:
    spans = []
    for top in range(0, len(mask), STRIP):
        columns = np.flatnonzero(mask[top : top + STRIP].any(0))
        if len(columns):
            spans.append((int(columns[0]), top, int(columns[-1]) + 1, min(top + STRIP, len(mask))))
    return tuple(spans)


def _overlap(a: Rectangle, b: Rectangle) -> Rectangle | None:
    common = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return common if common[0] < common[2] and common[1] < common[3] else None


def _window(part: Rectangle, whole: Rectangle) -> tuple[slice, slice]:
    return slice(part[1] - whole[1], part[3] - whole[1]), slice(part[0] - whole[0], part[2] - whole[0])
