"""The photograph as a stack of layers, back to front, that reproduces it exactly while nothing moves.

Conventions: pixels are (H, W, 3) uint8, a rectangle is (left, top, right, bottom) in scan pixels. A layer is (h, w, 4)
float32: colours in grey levels times opacity, and opacity 0..1 (premultiplied: Porter and Duff 1984). Laid over what is
below: new = colours + (1 - opacity) * below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from animate.core.numerics import Rectangle, smoothstep
from animate.layers.people import People

BAND = 128  # rows that are computed together
FRONT = 0.25  # opacity of the layers in front from which a layer behind is extrapolated


@dataclass(frozen=True, eq=False)
class Layer:
    """One person's part of the photograph: index among the faces (-1: people without a face), rectangle, (h, w, 4)."""

    index: int
    rectangle: Rectangle
    picture: np.ndarray


def layers(
    pixels: np.ndarray, plate: np.ndarray, people: People, wanted: set[int], places: dict[int, Rectangle]
) -> Iterator[Layer]:
    """The layers of the persons in `wanted` (indices of faces, -1 for those without), back to front.

    Laid over `plate` (H, W, 3) uint8 at rest they give `pixels`, whatever the plate holds: each layer is what the
    photograph adds to that below. Where a person stands in front, a layer behind ends by its own opacity.
    `places` are larger rectangles in which some of them are wanted, transparent around the person.
    """
    below, corner = plate, (0, 0)
    order = [k for k in people.order if k in wanted] + ([-1] if -1 in wanted else [])
    opacities = [_opacity(people, k) for k in order]
    for place, (k, (rectangle, opacity)) in enumerate(zip(order, opacities, strict=True)):
        over, under = pixels[_window(rectangle)], below[_window(rectangle, corner)]
        front = _covered(people, order[place + 1 :], rectangle)
        if front.any():
            hidden = smoothstep(front / FRONT)[..., None] * (1 - opacity[..., None])
            over = over + hidden * (under - over.astype(np.float32))
        around = places.get(k, rectangle)
        picture = np.zeros((around[3] - around[1], around[2] - around[0], 4), np.float32)
        _add(picture[_window(rectangle, around)], over, under, opacity)
        if place + 1 < len(order):
            below, corner = _laid(over, rectangle, below, corner, [later for later, _ in opacities[place + 1 :]])
        yield Layer(k, around, picture)


def _window(rectangle: Rectangle, corner: Sequence[int] = (0, 0)) -> tuple[slice, slice]:
    """Rows and columns of a rectangle in a picture whose first pixel is at `corner`."""
    left, top, right, bottom = rectangle
    return slice(top - corner[1], bottom - corner[1]), slice(left - corner[0], right - corner[0])


def _laid(
    over: np.ndarray, rectangle: Rectangle, below: np.ndarray, corner: Sequence[int], later: Sequence[Rectangle]
) -> tuple[np.ndarray, tuple[int, int]]:
    """`over`, which fills a rectangle, laid over `below`, whose first pixel is at `corner`: a part of that which holds
    the rectangles of all later layers, and where it begins."""
    sides = np.array(later)
    part = (*sides[:, :2].min(0).tolist(), *sides[:, 2:].max(0).tolist())
    below = below[_window(part, corner)].astype(np.float32)
    left, top, right, bottom = rectangle
    shared = max(left, part[0]), max(top, part[1]), min(right, part[2]), min(bottom, part[3])
    if shared[0] < shared[2] and shared[1] < shared[3]:
        below[_window(shared, part)] = over[_window(shared, rectangle)]
    return below, (part[0], part[1])


def _add(picture: np.ndarray, over: np.ndarray, below: np.ndarray, opacity: np.ndarray) -> None:
    """Write into `picture` (h, w, 4), as a layer, what `over` (h, w, 3) adds to what is below (h, w, 3); band by band,
    to spare memory."""
    for top in range(0, len(opacity), BAND):
        band = slice(top, top + BAND)
        shown = cv2.multiply(below[band], cv2.merge([1 - opacity[band]] * 3), dtype=cv2.CV_32F)
        own = cv2.subtract(over[band], shown, dtype=cv2.CV_32F)
        picture[band] = cv2.merge([*cv2.split(own), opacity[band]])


def _opacity(people: People, index: int) -> tuple[Rectangle, np.ndarray]:
    """Where somebody is, and how opaque (h, w) there."""
    if index >= 0:
        return people.persons[index].rectangle, people.opacity(index)
    rows, columns = (np.flatnonzero((people.unowned > 0).any(axis)) for axis in (1, 0))
    if not len(rows):
        return (0, 0, 1, 1), people.unowned[:1, :1]
    rectangle = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return rectangle, people.unowned[_window(rectangle)]


def _covered(people: People, front: list[int], rectangle: Rectangle) -> np.ndarray:
    """How far (h, w) the persons in `front` cover a rectangle."""
    left, top, right, bottom = rectangle
    covered = np.zeros((bottom - top, right - left), np.float32)
    for k in front:
        x0, y0, x1, y1 = (0, 0, *people.unowned.shape[::-1]) if k < 0 else people.persons[k].rectangle
        alpha = people.unowned if k < 0 else people.persons[k].alpha
        a, b, c, d = max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)
        if a < c and b < d:
            covered[b - top : d - top, a - left : c - left] += alpha[b - y0 : d - y0, a - x0 : c - x0]
    return covered
