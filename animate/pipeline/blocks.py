"""A rectangle divided into square blocks, which are rendered one way or another.

Part of the pipeline. A rectangle is (left, top, right, bottom), right and bottom excluded; a span is a rectangle
counted from the corner of another.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import Rectangle

BLOCK = 32  # rows and columns of a block


def spans_of(held: np.ndarray, rectangle: Rectangle) -> list[Rectangle]:
    """Rectangles, counted from the corner of `rectangle`, that hold its blocks (rows, columns) bool, row by row."""
    left, top, right, bottom = rectangle
    spans = []
    for row, blocks in enumerate(held):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], blocks.astype(np.int8), [0]])))
        low, high = row * BLOCK, min((row + 1) * BLOCK, bottom - top)
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            spans.append((first * BLOCK, low, min(last * BLOCK, right - left), high))
    return spans


def any_in_blocks(mask: np.ndarray) -> np.ndarray:
    """The blocks (rows, columns) bool of a mask (h, w) that hold any of it."""
    rows, columns = (np.arange(0, length, BLOCK) for length in mask.shape)
    return np.logical_or.reduceat(np.logical_or.reduceat(mask, rows, 0), columns, 1)


def part_of(window: np.ndarray, span: Rectangle) -> np.ndarray:
    """The view of a window (h, w, ...) that a span covers."""
    left, top, right, bottom = span
    return window[top:bottom, left:right]


def overlap(a: Rectangle, b: Rectangle) -> bool:
    """Whether two rectangles share a pixel."""
    return max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])


def inside(a: Rectangle, b: Rectangle) -> bool:
    """Whether the first of two rectangles lies in the second."""
    return b[0] <= a[0] and b[1] <= a[1] and a[2] <= b[2] and a[3] <= b[3]
