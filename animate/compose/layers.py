"""Faces pasted back into the scan at its own size: where each may write, which stands in front, one new frame.

Conventions: pixels are (H, W, 3) uint8 RGB. A rectangle is (left, top, right, bottom) in scan pixels, right and bottom
excluded. The layered renderer composes whole people (animate/layers); this serves the published model, which moves
faces only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from animate.compose.mask import inside
from animate.core.numerics import Rectangle
from animate.core.types import Crop

STRIP = 32  # rows that share one span


@dataclass(frozen=True, eq=False)
class FaceLayer:
    """One face's place in the scan, all but the rectangle counted from the rectangle's corner.

    `row_ranges` (h, 2) are the columns from .. to that may change in each row, `spans` rectangles that hold them, and
    `depth` is the height of the face in scan pixels: a smaller one is farther behind.
    """

    rectangle: Rectangle
    row_ranges: np.ndarray
    spans: tuple[Rectangle, ...]
    depth: float

    def mask(self, shape: tuple[int, ...] | None = None) -> np.ndarray:
        """Bool mask of the pixels that the face may change: of the whole scan of `shape` (H, W, ...), or (h, w) of the
        rectangle alone."""
        left, top, right, bottom = self.rectangle
        columns = np.arange(right - left)
        own = (columns >= self.row_ranges[:, :1]) & (columns < self.row_ranges[:, 1:])
        if shape is None:
            return own
        whole = np.zeros(shape[:2], bool)
        whole[top:bottom, left:right] = own
        return whole


def layer(points: np.ndarray, crop: Crop, shape: tuple[int, ...]) -> FaceLayer:
    """The layer of the face with crop points (478, 3) in a scan of `shape` (H, W, ...).

    Raises ValueError if the face lies outside the scan.
    """
    corners = crop.out(np.array([[0, 0], [crop.size, 0], [0, crop.size], [crop.size, crop.size]]) - 0.5)
    low = np.clip(np.floor(corners.min(0)), 0, [shape[1], shape[0]]).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 1, 0, [shape[1], shape[0]]).astype(int)
    if (high <= low).any():
        raise ValueError(f"the crop {corners.round(1).tolist()} lies outside a scan of {shape[1]} x {shape[0]} pixels")
    mask = inside(points, *_positions(crop, low, high), size=crop.size)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("the face's mask holds no pixel of the scan")
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    left, top, (height, width) = int(low[0] + columns[0]), int(low[1] + rows[0]), mask.shape
    depth = float(np.ptp(points[:, 1]) / crop.scale)
    return FaceLayer((left, top, left + width, top + height), _row_ranges(mask), _spans(mask), depth)


def order(layers: Sequence[FaceLayer]) -> list[int]:
    """Indices of the layers from the back to the front."""
    return sorted(range(len(layers)), key=lambda k: layers[k].depth)


def paste(frame: np.ndarray, layer: FaceLayer, patch: np.ndarray) -> None:
    """Writes a layer's picture `patch` (h, w, 3) uint8 into `frame` (H, W, 3) in place, in its row ranges only."""
    left, top, right, bottom = layer.rectangle
    window = frame[top:bottom, left:right]
    for row, (start, stop) in enumerate(layer.row_ranges.tolist()):  # ten times faster than a copy under a mask
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


def _row_ranges(mask: np.ndarray) -> np.ndarray:
    """First and last column + 1 of each row of a mask whose rows are unbroken (ellipses are); 0, 0 for an empty row."""
    stop = mask.shape[1] - mask[:, ::-1].argmax(1)
    return np.where(mask.any(1)[:, None], np.stack([mask.argmax(1), stop], 1), 0)


def _spans(mask: np.ndarray) -> tuple[Rectangle, ...]:
    spans = []
    for top in range(0, len(mask), STRIP):
        columns = np.flatnonzero(mask[top : top + STRIP].any(0))
        if len(columns):
            spans.append((int(columns[0]), top, int(columns[-1]) + 1, min(top + STRIP, len(mask))))
    return tuple(spans)
