"""One face at the scan's own size: its first-order motion resampled to the scan's pixels, and those pixels warped.

Conventions: those of sampling.py. Motion goes in and out as numpy arrays, so that whoever composes several faces can
blend their motions in between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animate.core.numerics import Rectangle
from animate.model.warp.dense_motion import FirstOrder
from animate.model.warp.sampling import GridResampler, ImageSampler, NodeGrid, OffsetMap

LAYERS = 3  # of an eye: upper skin, lower skin, eyeball
SEAM = 0.1  # of half an eye's lattice, over which its layers pass into the skin around


class FullResWarp:
    """Renders one face into a rectangle (left, top, right, bottom) of the scan `pixels` (H, W, 3) uint8."""

    def __init__(
        self,
        pixels: np.ndarray,
        motion: FirstOrder,
        lattice: NodeGrid,
        matrix: np.ndarray,
        rectangle: Rectangle,
        spans: Sequence[Rectangle],
        *,
        cell: int = OffsetMap.CELLS[-1],
    ):
        """`lattice` is the one `motion` was made with; `matrix` (2, 3) takes scan points to crop points; `spans`
        cover what may change; colour offsets are known in cells of `cell` scan pixels."""
        left, top, right, bottom = rectangle
        self.field, self.spans, self.rectangle = GridResampler(lattice, matrix, rectangle), tuple(spans), rectangle
        self.cell, self.offsets = cell, GridResampler(lattice, matrix, OffsetMap.lattice(rectangle, cell))
        self.sampler = ImageSampler(pixels, rectangle, margin=max(right - left, bottom - top) // 32)
        self.still = pixels[top:bottom, left:right]
        self.eyes = [_Eye.of(nodes, matrix, rectangle) for nodes in motion.eye_lattices]

    def motion(self, flow: np.ndarray) -> np.ndarray:
        """Displacement (2, h, w) float32 in scan pixels of one frame's `flow` (rows, columns, 2)."""
        return self.field(flow)

    def tone(self, tone: np.ndarray) -> np.ndarray:
        """A colour offset (3, rows, columns) at the nodes, brought to the places of OffsetMap.lattice."""
        return self.offsets.values(tone)

    def picture(
        self, motion: np.ndarray, own: np.ndarray, layers: Sequence[np.ndarray], tone: np.ndarray | None = None
    ) -> np.ndarray:
        """The rectangle's new picture (h, w, 3) uint8, equal to the scan outside the
        spans.

        `motion` (2, h, w) is what this face and those around it do, `own` what it does alone (from `motion()`),
        `layers` its two eyes (9, rows, columns) of the same frame (from FirstOrder.layers), `tone` (from `tone()`)
        the colour offset.
        """
        offset = None if tone is None else OffsetMap(tone, self.rectangle, self.cell)
        patch = self.still.copy()  # a new one each time: several threads may render at once
        self.sampler(motion, patch, self.spans, offset)
        for eye, layer in zip(self.eyes, layers, strict=True):
            if eye is None:
                continue
            moved, depth = eye.field.displacements(layer, LAYERS)
            window = slice(eye.box[1], eye.box[3]), slice(eye.box[0], eye.box[2])
            if motion is not own:
                moved = moved + np.tile(motion[:, *window] - own[:, *window], (LAYERS, 1, 1))
            self.sampler.layered(moved, eye.covers(depth), patch, eye.box, offset)
        return patch


class _Eye:
    """Where an eye's layers lie: box (left, top, right, bottom) from the rectangle's corner, and how far (h, w) they
    show there."""

    def __init__(self, box: Rectangle, field: GridResampler):
        self.box, self.field = box, field
        self.within = np.clip((1 - np.abs(field.index.numpy()[0])) / SEAM, 0, 1).prod(-1)

    @classmethod
    def of(cls, nodes: NodeGrid, matrix: np.ndarray, rectangle: Rectangle) -> _Eye | None:
        """The eye with the given nodes; None if it lies outside the rectangle."""
        corners = np.array([[x, y] for x in nodes.xs[[0, -1]] for y in nodes.ys[[0, -1]]], float)
        corners = np.linalg.solve(matrix[:, :2], (corners - matrix[:, 2]).T).T
        left, top, right, bottom = rectangle
        low = np.maximum(np.floor(corners.min(0)).astype(int), [left, top])
        high = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, [right, bottom])
        if (high <= low).any():
            return None
        field = GridResampler(nodes, matrix, (*low.tolist(), *high.tolist()))
        return cls((*(low - [left, top]).tolist(), *(high - [left, top]).tolist()), field)

    def covers(self, depth: np.ndarray) -> np.ndarray:
        """How far each layer covers those before it (3, h, w) in 0..1, of depths (3, h, w) in pixels below the upper
        lid's edge, the lower lid's and the line between: the part of a pixel on the layer's side of the edge."""
        below = np.clip(depth + 0.5, 0, 1)
        return np.stack([np.ones_like(below[0]), below[2], np.maximum(below[0] - below[1], 0)]) * self.within
