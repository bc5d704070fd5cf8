"""Structure of a face as soft masks, rasterized from its mesh: the networks' input besides the pixels.

Conventions: points are pixels of a picture of `size` a side; masks are (B, 6, count, count), the covered part of each
cell, with channels EYES (both openings), IRISES (inside them), MOUTH (inner), LIPS, BROWS, FACE.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

EYES, IRISES, MOUTH, LIPS, BROWS, FACE = range(6)
CHANNELS = 6
LINES = 4  # scan lines in a cell; along a line the coverage is exact


@dataclass(frozen=True)
class Contours:
    """Closed rings of mesh indices; irises have their centre first."""

    eyes: tuple[tuple[int, ...], tuple[int, ...]]
    inner_lips: tuple[int, ...]
    outer_lips: tuple[int, ...]
    brows: tuple[tuple[int, ...], tuple[int, ...]]
    face: tuple[int, ...]
    irises: tuple[tuple[int, ...], tuple[int, ...]]

    @classmethod
    def of(cls, table: dict) -> Contours:
        """The outlines that a weights file's header holds as lists."""
        return cls(**{name: _tuples(value) for name, value in table.items()})

    def rings(self) -> tuple[tuple[int, ...], ...]:
        """The seven polygons: eye, eye, inner lips, outer lips, brow, brow, face."""
        return (*self.eyes, self.inner_lips, self.outer_lips, *self.brows, self.face)


def draw(points: torch.Tensor, outlines: Contours, *, size: int, count: int) -> torch.Tensor:
    """Masks (B, 6, count, count) of points (B, 478, 2 or 3) in pixels of a picture of `size` a side."""
    places = (points[..., :2].float() + 0.5) * (count / size)  # cell i covers i to i + 1
    left, right, inner, outer, *brows, face = _polygons(places, outlines.rings(), count).unbind(1)
    eyes = left + right
    irises = sum(_disc(places[:, list(ring)], count) for ring in outlines.irises).clamp(max=1)
    return torch.stack([eyes, irises * eyes, inner, (outer - inner).clamp(min=0), brows[0] + brows[1], face], 1).clamp(
        max=1
    )


def _polygons(places: torch.Tensor, rings: tuple[tuple[int, ...], ...], count: int) -> torch.Tensor:
    """Coverage (B, rings, count, count): where an edge crosses a scan line, the winding changes for all cells
    to its right.
    """
    start = torch.tensor([point for ring in rings for point in ring])
    end = torch.tensor([point for ring in rings for point in ring[1:] + ring[:1]])
    owner = torch.tensor([number for number, ring in enumerate(rings) for _ in ring])
    lines = (torch.arange(count * LINES) + 0.5) / LINES
    a, b = places[:, start], places[:, end]  # (B, E, 2)
    up, down = (p[..., 1:] <= lines for p in (a, b))  # (B, E, lines)
    item, edge, line = torch.nonzero(up != down, as_tuple=True)
    first, last = a[item, edge], b[item, edge]
    t = (lines[line] - first[:, 1]) / (last[:, 1] - first[:, 1])
    x = (first[:, 0] + t * (last[:, 0] - first[:, 0])).clamp(0, count)
    sign = torch.where(up[item, edge, line], 1.0, -1.0) / LINES
    table = torch.zeros(len(places) * len(rings) * count * (count + 2))
    at = ((item * len(rings) + owner[edge]) * count + line // LINES) * (count + 2) + x.long()
    table.index_add_(0, at, sign * (1 - x.frac()))
    table.index_add_(0, at + 1, sign * x.frac())
    return table.view(len(places), len(rings), count, count + 2).cumsum(-1)[..., :count].abs().clamp(max=1)


def _disc(iris: torch.Tensor, count: int) -> torch.Tensor:
    """Coverage (B, count, count) of discs with centre and rim points (B, 5, 2)."""
    centre = iris[:, :1]
    radius = (iris[:, 1:] - centre).norm(dim=-1).mean(1)[:, None, None]
    cells = torch.arange(count) + 0.5
    dx, dy = cells - centre[..., 0], cells - centre[..., 1]  # (B, count)
    distance = (dx[:, None, :] ** 2 + dy[:, :, None] ** 2).sqrt()
    return (radius - distance + 0.5).clamp(0, 1)


def _tuples(value: list | tuple) -> tuple:
    return tuple(_tuples(part) if isinstance(part, (list, tuple)) else int(part) for part in value)
