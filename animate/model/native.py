"""One face at the scan's own size: its first-order motion carried to the scan's pixels, and those pixels looked up.

Conventions: those of grids.py. Motion goes in and out as numpy arrays, so that whoever composes several faces can blend their motions in between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animate.model.dense_motion import FirstOrder
from animate.model.grids import Field, Lattice, Sampler

SHEETS = 3  # upper skin, lower skin, eyeball


class Native:
    """Renders one face into a rectangle (left, top, right, bottom) of the scan `pixels` (H, W, 3) uint8."""

    def __init__(self, pixels: np.ndarray, motion: FirstOrder, lattice: Lattice, matrix: np.ndarray, rectangle: tuple[int, int, int, int],
                 spans: Sequence[tuple[int, int, int, int]]):
        """`lattice` is the one `motion` was made with; `matrix` (2, 3) takes scan points to crop points; `spans` cover what may change."""
        left, top, right, bottom = rectangle
        self.field, self.spans = Field(lattice, matrix, rectangle), tuple(spans)
        self.sampler = Sampler(pixels, rectangle, margin=max(right - left, bottom - top) // 8)
        self.patch = pixels[top:bottom, left:right].copy()
        self.eyes = []
        for nodes in motion.eye_lattices:
            box = _box(nodes, matrix, rectangle)
            if box is not None:
                place = box[0] + left, box[1] + top, box[2] + left, box[3] + top
                self.eyes.append((box, Field(nodes, matrix, place)))

    def motion(self, flow: np.ndarray) -> np.ndarray:
        """Displacement (2, h, w) float32 in scan pixels of one frame's `flow` (rows, columns, 2)."""
        return self.field(flow)

    def picture(self, motion: np.ndarray, own: np.ndarray, sheets: Sequence[np.ndarray]) -> np.ndarray:
        """The rectangle's new picture (h, w, 3) uint8, valid until the next call, equal to the scan outside the spans.

        `motion` (2, h, w) is what this face and those around it do, `own` what it does alone (from `motion()`), `sheets` its two eyes
        (9, rows, columns) of the same frame (from FirstOrder.layers).
        """
        self.sampler(motion, self.patch, self.spans)
        for (box, field), sheet in zip(self.eyes, sheets, strict=True):
            moved, depth = field.sheets(sheet, SHEETS)
            if motion is not own:
                window = slice(box[1], box[3]), slice(box[0], box[2])
                moved = moved + np.tile(motion[:, *window] - own[:, *window], (SHEETS, 1, 1))
            self.sampler.layered(moved, _covers(depth), self.patch, box)
        return self.patch


def _covers(depth: np.ndarray) -> np.ndarray:
    """How far the lower skin covers the upper, and the eyeball both, per pixel (2, h, w) in 0..1, of depths (3, h, w) in pixels below the
    upper lid, the lower lid and the line between: the part of the pixel on the right side of each edge."""
    below = np.clip(depth + 0.5, 0, 1)
    return np.stack([below[2], np.maximum(below[0] - below[1], 0)])


def _box(nodes: Lattice, matrix: np.ndarray, rectangle: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
    """The pixels (left, top, right, bottom), counted from the rectangle's corner, that lie under all of the lattice; None if there are none."""
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    middle = inverse @ [nodes.xs.mean(), nodes.ys.mean(), 1]
    # the upright rectangle within the turned one: both half sides shrink so that its corners stay inside
    half = np.array([np.ptp(nodes.xs), np.ptp(nodes.ys)]) / 2
    turned = np.abs(matrix[:, :2])
    half = half * min(1.0, *(half / (turned @ (half / np.linalg.norm(matrix[0, :2])))))/ np.linalg.norm(matrix[0, :2])
    low, high = np.ceil(middle - half).astype(int), np.floor(middle + half).astype(int) + 1
    left, top, right, bottom = rectangle
    low, high = np.maximum(low, [left, top]) - [left, top], np.minimum(high, [right, bottom]) - [left, top]
    return (*low.tolist(), *high.tolist()) if (high > low).all() else None
