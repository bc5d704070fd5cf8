"""Every face back into the whole scan at its own size: where each may write, who stands in front, one new frame.

Conventions: pixels are (H, W, 3) uint8 RGB. A rectangle is (left, top, right, bottom) in scan pixels, right and
bottom excluded; a motion is a displacement (2, h, w) float32 in scan pixels over a rectangle, channels (x, y): the
new picture at p shows the photograph at p + motion(p).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from animate.compose.mask import closeness, inside
from animate.values import Crop

Rectangle = tuple[int, int, int, int]

STRIP = 32  # rows that share one span


@dataclass(frozen=True, eq=False)
class Layer:
    """One face's place in the scan: rectangle, `claim` (h, w) float32 (how much a pixel is this face's rather than
    another's), `runs` (h, 2), the columns from .. to in each row that it may change, spans (left, top, right, bottom)
    that hold them, all counted from the rectangle's corner, and `depth`: the height of the face in scan pixels,
    smaller is farther behind."""

    rectangle: Rectangle
    claim: np.ndarray
    runs: np.ndarray
    spans: tuple[Rectangle, ...]
    depth: float


def layer(points: np.ndarray, crop: Crop, shape: tuple[int, ...]) -> Layer:
    """The layer of the face with crop points (478, 3) in a scan of `shape` (H, W, ...); raises ValueError if it lies
    outside the scan."""
    corners = crop.out(np.array([[0, 0], [crop.size, 0], [0, crop.size], [crop.size, crop.size]]) - 0.5)
    low = np.clip(np.floor(corners.min(0)), 0, [shape[1], shape[0]]).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 1, 0, [shape[1], shape[0]]).astype(int)
    if (high <= low).any():
        raise ValueError(f"the crop {corners.round(1).tolist()} lies outside a scan of {shape[1]} x {shape[0]} pixels")
    mask, at = _evaluate(inside, points, crop, low, high)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("the face's mask holds no pixel of the scan")
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    mask, left, top = mask[window], int(low[0] + columns[0]), int(low[1] + rows[0])
    height, width = mask.shape
    depth = float(np.ptp(points[:, 1]) / crop.scale)
    claim = depth**2 * closeness(points, at[0][window], at[1][window], size=crop.size) * mask  # larger is in front
    rectangle = left, top, left + width, top + height
    return Layer(rectangle, claim, _runs(mask), _spans(mask), depth)


def order(layers: Sequence[Layer]) -> list[int]:
    """Indices of the layers from the back to the front."""
    return sorted(range(len(layers)), key=lambda k: layers[k].depth)


def merge(layers: Sequence[Layer], motions: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each layer's motion together with that of the layers it overlaps: at a pixel the mean of their motions by their
    claims. A layer that overlaps no other keeps its very array."""
    merged = []
    for k, this in enumerate(layers):
        near = [j for j, other in enumerate(layers) if j != k and _overlap(this.rectangle, other.rectangle)]
        merged.append(_blend(layers, motions, k, near) if near else motions[k])
    return merged


def _blend(layers: Sequence[Layer], motions: Sequence[np.ndarray], k: int, near: Sequence[int]) -> np.ndarray:
    this = layers[k]
    total, claims = motions[k] * this.claim, this.claim.copy()
    for j in near:
        common = _overlap(this.rectangle, layers[j].rectangle)
        here, there = _window(common, this.rectangle), _window(common, layers[j].rectangle)
        total[:, *here] += motions[j][:, *there] * layers[j].claim[there]
        claims[here] += layers[j].claim[there]
    return np.divide(total, claims, out=total, where=claims > 0)


def paste(frame: np.ndarray, layer: Layer, patch: np.ndarray) -> None:
    """Writes a layer's picture `patch` (h, w, 3) uint8 into `frame` (H, W, 3) in place, in its runs; nothing else
    changes."""
    left, top, right, bottom = layer.rectangle
    window = frame[top:bottom, left:right]
    for row, (start, stop) in enumerate(layer.runs.tolist()):  # a copy a row is ten times faster than one under a mask
        window[row, start:stop] = patch[row, start:stop]


def compose(pixels: np.ndarray, layers: Sequence[Layer], patches: Sequence[np.ndarray]) -> np.ndarray:
    """A new frame (H, W, 3) uint8: the scan with every layer's patch, back to front. Outside the masks it is the scan
    bit for bit."""
    new = pixels.copy()
    for k in order(layers):
        paste(new, layers[k], patches[k])
    return new


def _evaluate(rule, points: np.ndarray, crop: Crop, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`rule` at the scan pixels low <= p < high, and those pixels' crop positions (2, h, w)."""
    x, y = np.arange(low[0], high[0], dtype=np.float32), np.arange(low[1], high[1], dtype=np.float32)[:, None]
    m = crop.matrix.astype(np.float32)
    at = np.stack([m[k, 0] * x + m[k, 1] * y + m[k, 2] for k in (0, 1)])
    return rule(points, at[0], at[1], size=crop.size), at


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
