"""One face at the scan's own size: its first-order motion brought to the scan's pixels, and those pixels sampled.

Conventions: those of sampling.py. Motion goes in and out as numpy arrays, so that whoever composes several faces can
blend their motions in between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animate.core.numerics import Rectangle
from animate.model.warp.dense_motion import FirstOrder
from animate.model.warp.sampling import GridResampler, Motion, NodeGrid, OffsetMap

LAYERS = 3  # of an eye: upper skin, lower skin, eyeball
SEAM = 0.1  # of half an eye's lattice, over which its layers pass into the skin around


class PersonWarp:
    """One person's motion, known at a lattice and at its eyes' nodes, brought to a rectangle of the scan."""

    def __init__(
        self,
        motion: FirstOrder,
        lattice: NodeGrid,
        matrix: np.ndarray,
        rectangle: Rectangle,
        *,
        fine: Rectangle | None = None,
        cell: int = OffsetMap.CELLS[-1],
    ):
        """`lattice` is the one `motion` was made with; `matrix` (2, 3) takes scan points to crop points; motion is
        known pixel by pixel in `fine`, a part of the rectangle or the whole; light in cells of `cell` scan pixels."""
        self.rectangle, self.cell, self.matrix = rectangle, cell, matrix
        self.fine = fine or rectangle
        self.field = GridResampler(lattice, matrix, self.fine)
        self.offsets = GridResampler(lattice, matrix, OffsetMap.lattice(rectangle, cell))
        self.rings = [list(ring) for ring in motion.eye_rings]
        self.eyes = [_Eye.of(nodes, matrix, rectangle) for nodes in motion.eye_lattices]

    @property
    def coarse_lattice(self) -> NodeGrid:
        """Where `coarse_motion` is known, in scan pixels."""
        return OffsetMap.lattice(self.rectangle, self.cell)

    def motion(self, flow: np.ndarray) -> Motion:
        """Displacements in scan pixels of one frame's `flow` (rows, columns, 2) in crop pixels, by windows of
        `fine`."""
        return self.field.windows(flow)

    def coarse_motion(self, flow: np.ndarray) -> np.ndarray:
        """The same at the places of `coarse_lattice`: (2, rows, columns)."""
        return self.offsets(flow)

    def light(self, tone: np.ndarray) -> np.ndarray:
        """A change of colour (3, rows, columns) at the nodes, at the places of `coarse_lattice`."""
        return self.offsets.values(tone)

    def eye_shifts(self, source: np.ndarray, driven: np.ndarray) -> list[np.ndarray]:
        """Whole scan pixels (2,) by which either eye has moved, from crop points (478, 3) to others."""
        back = np.linalg.inv(self.matrix[:, :2])
        ways = (driven[ring, :2].mean(0) - source[ring, :2].mean(0) for ring in self.rings)
        return [np.rint(back @ way) for way in ways]

    def eye_patches(
        self, layers: Sequence[np.ndarray], shifts: Sequence[np.ndarray], shown: Sequence[float]
    ) -> list[tuple[Rectangle, np.ndarray, np.ndarray]]:
        """The eyes as patches for layers.resample: layers (9, rows, columns) at nodes moved by `shifts`, each eye as
        far as it is `shown`, 0..1."""
        patches = []
        for eye, layer, shift, share in zip(self.eyes, layers, shifts, shown, strict=True):
            if eye is not None and share > 0:
                moved, depth = eye.field.displacements(layer, LAYERS)
                left, top, right, bottom = eye.box
                across, down = (int(way) for way in shift)
                box = left + across, top + down, right + across, bottom + down
                patches.append((box, moved, np.float32(share) * eye.covers(depth)))
        return patches


class _Eye:
    """Where an eye's layers lie: box (left, top, right, bottom) from the rectangle's corner, which may leave the
    rectangle, and how far (h, w) they are seen there."""

    def __init__(self, box: Rectangle, field: GridResampler):
        self.box, self.field = box, field
        self.within = np.clip((1 - np.abs(field.index.numpy()[0])) / SEAM, 0, 1).prod(-1)

    @classmethod
    def of(cls, nodes: NodeGrid, matrix: np.ndarray, rectangle: Rectangle) -> _Eye | None:
        """The eye with the given nodes; None if it is smaller than a pixel."""
        corners = np.array([[x, y] for x in nodes.xs[[0, -1]] for y in nodes.ys[[0, -1]]], float)
        corners = np.linalg.solve(matrix[:, :2], (corners - matrix[:, 2]).T).T
        low, high = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int) + 1
        if (high - low < 2).any():
            return None
        field = GridResampler(nodes, matrix, (*low.tolist(), *high.tolist()))
        corner = np.array(rectangle[:2])
        return cls((*(low - corner).tolist(), *(high - corner).tolist()), field)

    def covers(self, depth: np.ndarray) -> np.ndarray:
        """How far each layer covers those before it (3, h, w) in 0..1, of depths (3, h, w) in pixels below the upper
        lid's edge, the lower lid's and the line between: the part of a pixel on the layer's side of the edge."""
        below = np.clip(depth + 0.5, 0, 1)
        return np.stack([np.ones_like(below[0]), below[2], np.maximum(below[0] - below[1], 0)]) * self.within
