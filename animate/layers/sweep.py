"""The sweep of a moving person: pixels that change, and pixels of the background that are uncovered.

Conventions: points are scan pixels (x, y); a rectangle is (left, top, right, bottom), right and bottom excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import binary_dilation, maximum_filter, minimum_filter

from animate.layers.people import PRESENT, Person

OPAQUE = 0.999
STILL = 0.02  # scan pixels that count as no movement


def bilinear(picture: np.ndarray, at: np.ndarray, *, outside: str = "constant") -> np.ndarray:
    """A picture (h, w) at positions `at` (2, rows, columns), x then y, in its pixels: (rows, columns) float32.

    Outside it is 0, or "nearest". Positions count to a 32nd of a pixel.
    """
    x, y = (np.asarray(axis, np.float32) for axis in at)
    border = cv2.BORDER_REPLICATE if outside == "nearest" else cv2.BORDER_CONSTANT
    return cv2.remap(np.asarray(picture, np.float32), x, y, cv2.INTER_LINEAR, borderMode=border)


def near(owner: Person, places: np.ndarray, pad: float) -> np.ndarray:
    """Which places (K, 2) lie on a person's matte, or within `pad` of it."""
    step = max(1, int(pad / 8))
    left, top, *_ = owner.rectangle
    coarse = owner.alpha[::step, ::step] > PRESENT
    room = int(np.ceil(pad / step)) + 1
    wide = binary_dilation(np.pad(coarse, room), iterations=room)
    row, column = ((places[:, k] - start) / step + room for k, start in ((1, top), (0, left)))
    row, column = (np.rint(axis).astype(int) for axis in (row, column))
    inside = (row >= 0) & (row < wide.shape[0]) & (column >= 0) & (column < wide.shape[1])
    return inside & wide[np.clip(row, 0, wide.shape[0] - 1), np.clip(column, 0, wide.shape[1] - 1)]


def depth_inside(places: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """How deep places (K, 2) lie within the convex hull of `outline` (N, 2); negative outside."""
    angle = np.arange(64) * (2 * np.pi / 64)
    ways = np.stack([np.cos(angle), np.sin(angle)])
    return ((outline @ ways).max(0) - places @ ways).min(1)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The sweep of one person over its rectangle: pixels that change in any frame, and pixels of its own that are
    uncovered in any frame; (h, w) bool each."""

    changed: np.ndarray
    uncovered: np.ndarray


def sweep(
    owner: Person,
    unit: float,
    flows: Iterable[np.ndarray],
    places: np.ndarray,
    enlarge: Callable[[np.ndarray], np.ndarray],
) -> Sweep:
    """The sweep of a movement, from the displacements of sampled frames.

    Args:
        owner: the person's part of the matte.
        unit: eye distance in scan pixels.
        flows: iterable of displacements (2, rows, columns) in scan pixels at the lattice's nodes.
        places: (2, rows, columns), where the nodes are in the scan.
        enlarge: brings (rows, columns) at the nodes to the pixels (h, w) of the person's rectangle.

    Returns:
        The Sweep over the rectangle of `owner`.
    """
    left, top, *_ = owner.rectangle
    step = max(1, int(unit / 24))
    alpha = owner.alpha[::step, ::step]

    def opacity(at: np.ndarray) -> np.ndarray:
        return bilinear(alpha, (at - [[[left]], [[top]]]) / step, outside="nearest")

    rest = opacity(places)
    changed, least = np.zeros_like(rest), rest.copy()
    for flow in flows:
        now = opacity(places + flow)
        np.minimum(least, now, out=least)
        moves = (np.abs(flow).max(0) > STILL) & ((now > PRESENT / 4) | (rest > PRESENT / 4))
        np.maximum(changed, moves, out=changed)
    uncovered = (rest - least > PRESENT).astype(np.float32)
    return Sweep(enlarge(_grown(changed)) > 0, enlarge(_grown(uncovered)) > 0)


class Cover:
    """Where a person is certainly opaque, and where any of its layer may be, sampled at a few places."""

    def __init__(self, owner: Person, reach: int, shape: tuple[int, int]):
        """`reach`: pixels around a sampled place for which the answer holds; beyond a scan of `shape` (H, W) nobody is
        certainly opaque."""
        self.left, self.top, right, _ = owner.rectangle
        self.step = max(1, reach // 4)
        size = 2 * (reach + self.step) + 1
        within = owner.alpha.copy()
        within[: max(-self.top, 0)] = 0
        within[:, : max(-self.left, 0)] = 0
        within[:, len(within[0]) - max(right - shape[1], 0) :] = 0
        opaque = minimum_filter(within, size, mode="nearest")
        present = maximum_filter(owner.alpha, size, mode="nearest")
        self.maps = [part[:: self.step, :: self.step].copy() for part in (opaque, present)]  # the whole can go

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether the person is opaque, and whether present, bool each, at places (2, ...) in the photograph."""
        at = (places - [[[self.left]], [[self.top]]]) / self.step
        opaque, present = (bilinear(part, at, outside="nearest") for part in self.maps)
        return opaque > OPAQUE, present > 0


def blocks(values: np.ndarray, count: int, *, every: bool) -> np.ndarray:
    """Bools at the nodes of a grid combined over blocks of cells.

    Args:
        values: (rows, columns) bool at the nodes.
        count: cells a side of a block; the nodes on its edges belong to it.
        every: whether all nodes of a block must hold, or any.

    Returns:
        One bool a block, (ceil((rows - 1) / count), ceil((columns - 1) / count)).
    """
    combine = np.logical_and if every else np.logical_or
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis] - 1, count)
        inner = combine.reduceat(values, starts, axis)
        ends = values.take(np.minimum(starts + count, values.shape[axis] - 1), axis)
        values = combine(inner, ends)
    return values


def _grown(mask: np.ndarray) -> np.ndarray:
    return binary_dilation(mask > 0, iterations=1).astype(np.float32)
