"""Grids: the nodes at which motion is known, its upsampling to the scan's pixels, and the only grid_sample.

Conventions: pixel centres are integers. torch's normalised coordinate of position p among n samples is 2 p / (n - 1) -
1, that is align_corners=True, unless stated otherwise. Displacements have channels (x, y). A rectangle is (left,
top, right, bottom) in scan pixels, right and bottom excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from animate.core.numerics import Rectangle

STRIP = 32  # rows that are sampled together: their intermediate values stay in the processor's cache
FINE_PIXELS = 2_500_000  # regions up to this size are sampled from a picture upsampled to twice the size
HALF = (0.0245, -0.1359, 0.6114, 0.6114, -0.1359, 0.0245)  # Lanczos-3 at half a pixel, to sum 1

Motion = Callable[[slice, slice], torch.Tensor]  # rows and columns of a rectangle: displacement (2, h, w) there
Intervals = Sequence[tuple[float, float, float]]  # from, to, how many times denser


@dataclass(frozen=True, eq=False)
class NodeGrid:
    """Nodes of a grid over a crop: columns at xs (W,), rows at ys (H,), increasing crop pixels, float32."""

    xs: np.ndarray
    ys: np.ndarray

    @classmethod
    def uniform(cls, size: int, count: int) -> NodeGrid:
        """`count` x `count` nodes from the first to the last pixel of a crop."""
        nodes = np.linspace(0, size - 1, count, dtype=np.float32)
        return cls(nodes, nodes)

    @classmethod
    def between(
        cls, low: tuple[float, float], high: tuple[float, float], count: int, columns: Intervals, rows: Intervals
    ) -> NodeGrid:
        """`count` x `count` nodes from the crop point `low` to `high`, which may lie outside the crop, denser by
        `times` in each interval (from, to, times) of crop pixels."""
        return cls(_focused(low[0], high[0], count, columns), _focused(low[1], high[1], count, rows))


def _focused(first: float, last: float, count: int, intervals: Intervals) -> np.ndarray:
    fine = np.linspace(first, last, 16 * count)
    density = np.ones_like(fine)
    for low, high, times in intervals:
        density = np.maximum(density, np.where((fine >= low) & (fine <= high), times, 1.0))
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(np.linspace(0, mass[-1], count), mass, fine).astype(np.float32)


class GridResampler:
    """Brings what is known at a crop's lattice to the pixels of a rectangle of the scan, or to the nodes of
    another crop.
    """

    def __init__(self, lattice: NodeGrid, matrix: np.ndarray, places: Rectangle | NodeGrid):
        """`matrix` (2, 3) takes scan points (or the other crop's) to crop points; outside the lattice its border is
        repeated."""
        if not isinstance(places, NodeGrid):
            left, top, right, bottom = places
            places = NodeGrid(np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32))
        x, y = places.xs, places.ys
        index = np.empty((2, len(y), len(x)), np.float32)
        for k, nodes in enumerate((lattice.xs, lattice.ys)):
            crop = matrix[k, 0] * x + matrix[k, 1] * y[:, None] + matrix[k, 2]
            index[k] = 2 * np.interp(crop, nodes, np.arange(len(nodes))) / max(len(nodes) - 1, 1) - 1
        self.index = torch.from_numpy(index).permute(1, 2, 0)[None]  # (1, h, w, 2), each channel contiguous
        self.back = torch.from_numpy(np.linalg.inv(matrix[:, :2]).astype(np.float32))
        self.scale = float(np.sqrt(np.linalg.det(matrix[:, :2])))

    def __call__(self, motion: np.ndarray) -> np.ndarray:
        """Displacement (2, h, w) float32 in scan pixels of a displacement (rows, columns, 2) in crop pixels at the
        nodes."""
        return self.displacements(motion.transpose(2, 0, 1), 1)[0]

    @torch.inference_mode()
    def displacements(self, stack: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Of a stack (C, rows, columns) in crop pixels: its first `count` pairs of channels as displacements (2
        count, h, w), the others as lengths (C - 2 count, h, w), both in scan pixels."""
        nodes = torch.from_numpy(np.ascontiguousarray(stack))
        moved = torch.einsum("ij,njhw->nihw", self.back, nodes[: 2 * count].unflatten(0, (count, 2))).flatten(0, 1)
        sampled = self._sample(torch.cat([moved, nodes[2 * count :] / self.scale]))
        return sampled[: 2 * count], sampled[2 * count :]

    @torch.inference_mode()
    def values(self, stack: np.ndarray) -> np.ndarray:
        """A stack (C, rows, columns) of what is no length: (C, h, w)."""
        return self._sample(torch.from_numpy(np.ascontiguousarray(stack)))

    def _sample(self, nodes: torch.Tensor) -> np.ndarray:
        return self._at(nodes, self.index).numpy()

    @staticmethod
    def _at(nodes: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return F.grid_sample(nodes[None], index, mode="bilinear", padding_mode="border", align_corners=True)[0]

    def windows(self, motion: np.ndarray) -> Motion:
        """`__call__` for a window at a time: a function of rows and columns, counted from the rectangle's corner, that
        gives the displacement (2, h, w) there."""
        nodes = torch.from_numpy(np.ascontiguousarray(motion.transpose(2, 0, 1)))
        moved = torch.einsum("ij,jhw->ihw", self.back, nodes)
        return lambda rows, columns: self._at(moved, self.index[:, rows, columns])


class OffsetMap:
    """A smooth colour offset over a rectangle of the scan, known where both coordinates are multiples of `cell`."""

    FINENESS = 0.08  # eye distances in a cell, at most
    CELLS = (2, 4, 8, 16)  # scan pixels

    def __init__(self, change: np.ndarray, rectangle: Rectangle, cell: int):
        """`change` (3, rows, columns) at the places of `lattice`."""
        self.change, self.cell = torch.from_numpy(np.ascontiguousarray(change)), cell
        self.left, self.top = rectangle[0] % cell, rectangle[1] % cell

    @classmethod
    def cell_for(cls, unit: float) -> int:
        """The cell for faces whose eye distance is `unit` scan pixels."""
        return max(cell for cell in cls.CELLS if cell <= max(cls.FINENESS * unit, cls.CELLS[0]))

    @staticmethod
    def lattice(rectangle: Rectangle, cell: int) -> NodeGrid:
        """The places, in scan pixels: from the last before the rectangle to the first behind it."""
        left, top, right, bottom = rectangle
        axes = (np.arange(low // cell, (high - 1) // cell + 2) * cell for low, high in ((left, right), (top, bottom)))
        return NodeGrid(*(axis.astype(np.float32) for axis in axes))

    def __call__(self, window: tuple[slice, slice]) -> torch.Tensor:
        """The offset (3, h, w) in a window counted from the rectangle's corner."""
        rows = torch.arange(self.top + window[0].start, self.top + window[0].stop)
        first, last = self.left + window[1].start, self.left + window[1].stop
        cells = slice(first // self.cell, (last - 1) // self.cell + 2)
        row, part = rows // self.cell, (rows % self.cell / self.cell)[:, None]
        known = torch.lerp(self.change[:, row, cells], self.change[:, row + 1, cells], part)
        upsampled = torch.lerp(
            known[..., :-1, None], known[..., 1:, None], torch.arange(self.cell) / self.cell
        ).flatten(-2)
        start = first % self.cell
        return upsampled[..., start : start + last - first]


def write_picture(out: np.ndarray, picture: torch.Tensor) -> None:
    """Writes a picture (3, h, w) into `out` (h, w, 3) uint8, cut to whole numbers."""
    for channel in range(3):
        np.copyto(out[..., channel], picture[channel].numpy(), casting="unsafe")


def upsample_twice(picture: torch.Tensor) -> torch.Tensor:
    """`picture` (1, C, H, W) upsampled to (1, C, 2 H - 1, 2 W - 1), a colour at a time to spare memory."""
    drawn = picture.new_empty((1, picture.shape[1], 2 * picture.shape[2] - 1, 2 * picture.shape[3] - 1))
    for channel in range(picture.shape[1]):
        drawn[:, channel : channel + 1] = _doubled(_doubled(picture[:, channel : channel + 1], 3), 2)
    return drawn


def _doubled(picture: torch.Tensor, dim: int) -> torch.Tensor:
    """`picture` (1, C, H, W) with n samples along `dim` upsampled to 2 n - 1: the old ones unchanged, between each two
    their Lanczos mean, in 0..255."""
    n = picture.shape[dim]
    size = [2 * length - 1 if k == dim else length for k, length in enumerate(picture.shape)]
    if n < 4:
        return F.interpolate(picture, size=size[2:], mode="bilinear", align_corners=True)
    padded = F.pad(picture, (2, 2, 0, 0) if dim == 3 else (0, 0, 2, 2), mode="reflect")
    upsampled = picture.new_zeros(size)
    every = (slice(None),) * dim
    between = upsampled[(*every, slice(1, None, 2))]
    for k, weight in enumerate(HALF):
        between.add_(padded.narrow(dim, k, n - 1), alpha=weight / sum(HALF))
    between.clamp_(0, 255)
    upsampled[(*every, slice(0, None, 2))] = picture
    return upsampled


def smoothstep(value: torch.Tensor, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """0 up to `low`, 1 from `high` on, in between t * t * (3 - 2 t): core.numerics.smoothstep for tensors."""
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def sample_normalised(maps: torch.Tensor, places: torch.Tensor, *, aligned: bool) -> torch.Tensor:
    """Maps (B or 1, C, H, W) at N sets of normalised places (B, N, h, w, 2), (x, y) in -1..1: (B, N, C, h, w) float32.

    `aligned`: -1 and 1 are the first and last pixel's centre, else the picture's edges. Bilinear; outside is 0.
    """
    count, sets, height, width = places.shape[:4]
    rows = places.reshape(len(maps), -1, width, 2).float()
    sampled = F.grid_sample(maps.float(), rows, mode="bilinear", padding_mode="zeros", align_corners=aligned)
    sampled = sampled.unflatten(2, (count // len(maps), sets, height))  # (B or 1, C, 1 or B, N, h, w)
    return sampled.permute(0, 2, 3, 1, 4, 5).reshape(count, sets, -1, height, width)


def sample_pixels(picture: torch.Tensor, places: torch.Tensor, *, padding: str) -> torch.Tensor:
    """A picture (1, C, H, W) at places (h, w, 2), -1..1 from the first pixel's centre to the last's: (C, h, w)."""
    return F.grid_sample(picture, places[None], mode="bilinear", padding_mode=padding, align_corners=True)[0]


def sample_at(maps: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Maps at places (B, h, w, 2), -1..1 from edge to edge, bilinear; beyond the border the border is repeated."""
    return F.grid_sample(maps, places, mode="bilinear", padding_mode="border", align_corners=False)
