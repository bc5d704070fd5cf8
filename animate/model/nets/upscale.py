"""The motion networks' output in their own crop, brought to a face's lattices and to the pixels of the scan.

Conventions: those of sampling.py. The networks' crop is n pixels a side; a `matrix` (2, 3) takes other points to its.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from animate.core.numerics import Rectangle, smoothstep
from animate.model.warp.sampling import NodeGrid, sample_at

FADE = 0.08  # of the crop's side, over which the output fades out at its border
LEAST = 1 / 64  # what is painted less than this is left out
STRIP = 32  # rows of the scan that are painted together, or more where the crop's pixels are as large


class PaintUpsampler:
    """Resamples pictures of the networks' crop to a rectangle of the scan, only where they show."""

    def __init__(self, size: int, matrix: np.ndarray, rectangle: Rectangle):
        """`matrix` takes scan points to crop points."""
        self.size, self.matrix, self.rectangle = size, matrix, rectangle
        self.scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))  # crop pixels in a scan pixel
        self.block = 1
        while self.block * 2 <= self.scale and size % (self.block * 2) == 0:
            self.block *= 2

    def strips(self, alpha: np.ndarray, shift: tuple[int, int] = (0, 0)) -> list[Rectangle]:
        """Rectangles of the scan, none over another, that hold all that `alpha` (n, n) shows where the crop has gone
        `shift` scan pixels."""
        left, top, right, bottom = self.rectangle
        rows, columns = np.nonzero(alpha > LEAST)
        back = np.linalg.inv(self.matrix[:, :2])
        x, y = back @ (np.stack([columns, rows]) - self.matrix[:, 2:]) + np.reshape(shift, (2, 1))
        around = 1 + self.block / self.scale  # as far as interpolation carries a crop pixel
        deep = max(STRIP, int(np.ceil(2 * around)))
        count = -(-(bottom - top) // deep)
        first, last = np.full(count, right), np.full(count, left)
        low, high = (np.floor((y + side - top) / deep).astype(int) for side in (-around, around))
        for strip in (low, high):
            held = (strip >= 0) & (strip < count)
            np.minimum.at(first, strip[held], np.floor(x[held] - around).astype(int))
            np.maximum.at(last, strip[held], np.ceil(x[held] + around).astype(int) + 1)
        first, last = np.maximum(first, left), np.minimum(last, right)
        return [
            (int(first[k]), int(top + k * deep), int(last[k]), int(min(top + (k + 1) * deep, bottom)))
            for k in np.flatnonzero(first < last)
        ]

    @torch.inference_mode()
    def shrunk(self, stack: np.ndarray) -> torch.Tensor:
        """A stack (C, n, n) for `draw`: averaged where the scan's pixels are larger than the crop's."""
        return F.avg_pool2d(torch.from_numpy(np.ascontiguousarray(stack, np.float32))[None], self.block)

    @torch.inference_mode()
    def draw(self, shrunk: torch.Tensor, strip: Rectangle) -> np.ndarray:
        """The stack at a strip's pixels: (C, h, w) float32; beyond the crop its border is repeated."""
        left, top, right, bottom = strip
        matrix = torch.from_numpy(self.matrix).float() * (2 / self.size)
        x, y = torch.arange(left, right), torch.arange(top, bottom)[:, None]
        grid = torch.stack([m[0] * x + m[1] * y + (m[2] + 1 / self.size - 1) for m in matrix], -1)[None]
        return sample_at(shrunk, grid)[0].numpy()


def border_fade(size: int, matrix: np.ndarray, places: NodeGrid) -> np.ndarray:
    """1 in the middle of the networks' crop, falling to 0 at its border and beyond: (rows, columns) at places that
    `matrix` takes there."""
    x, y = places.xs, places.ys[:, None]
    at = np.stack([m[0] * x + m[1] * y + m[2] for m in matrix])
    edge = np.minimum(at + 0.5, size - 0.5 - at).min(0) / (FADE * size)
    return smoothstep(edge.astype(np.float32))
