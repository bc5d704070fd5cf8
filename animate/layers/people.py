"""Who owns which pixel: the matte of all people in a photograph, shared out among the faces found in it.

Conventions: pixels are (H, W, 3) uint8 sRGB, mattes (H, W) float32 in 0..1, meshes (478, 3) scan pixels; a rectangle is
(left, top, right, bottom) in scan pixels, right and bottom excluded. Faces are named by their place in `faces`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import binary_dilation

from animate.core.numerics import Rectangle
from animate.layers import heads as skulls
from animate.layers.floods import labels
from animate.layers.reduce import GREY, enlarge, guided, shrink

WORK = 600  # pixels of the longer side in which pixels are shared out
PRESENT = 0.02  # opacity that counts as a person
SEAM, SMOOTH = 2, 4e-4  # radius in reduced pixels, and least variance of grey, of the filter that softens seams
CRISP = 1.8  # steepness of seams
SOLID = 0.25  # opacity that somebody without a face reaches


@dataclass(frozen=True, eq=False)
class Contact:
    """Where a body cannot move freely: seams with other people and stretches of the photograph's edge.

    `seams` maps a neighbour's index (-1: people without a face) to points (K, 2) float32 along the common seam, in scan
    pixels; `edges` maps "left", "top", "right", "bottom" to the first and last pixel that the person covers there.
    """

    seams: dict[int, np.ndarray] = field(default_factory=dict)
    edges: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Person:
    """What one face owns: `alpha` (h, w) float32, its part of the matte in `rectangle`."""

    rectangle: Rectangle
    alpha: np.ndarray
    contact: Contact


@dataclass(frozen=True, eq=False)
class People:
    """Everybody in a photograph: one Person a face, `order` from back to front, and `unowned` (H, W) float32, the matte
    of people without a face, which never moves. Alphas and `unowned` add up to the matte, but for faint rims. `heads`
    are where those of the persons are expected."""

    persons: tuple[Person, ...]
    order: tuple[int, ...]
    unowned: np.ndarray
    heads: tuple[skulls.Head, ...]

    @property
    def matte(self) -> np.ndarray:
        """(H, W) float32 in 0..1 of everybody."""
        matte = self.unowned.copy()
        for person in self.persons:
            left, top, right, bottom = person.rectangle
            matte[top:bottom, left:right] += person.alpha
        return matte

    def opacity(self, index: int) -> np.ndarray:
        """How opaque (h, w) float32 a person is laid over what is behind, back to front from the unowned on.

        Laid with `alpha`, two who share a pixel would let the plate through: a / (1 - sum of those in front) does not.
        """
        person = self.persons[index]
        left, top, right, bottom = person.rectangle
        open_ = np.ones(person.alpha.shape, np.float32)
        for k in self.order[self.order.index(index) + 1 :]:
            x0, y0, x1, y1 = self.persons[k].rectangle
            a, b, c, d = max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)
            if a < c and b < d:
                open_[b - top : d - top, a - left : c - left] -= self.persons[k].alpha[b - y0 : d - y0, a - x0 : c - x0]
        return np.where(person.alpha > 0, np.clip(person.alpha / np.maximum(open_, 1e-4), 0, 1), 0)


def own(pixels: np.ndarray, matte: np.ndarray, faces: Sequence[np.ndarray]) -> People:
    """Divides the matte of all people among the faces.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        matte: (H, W) float32 in 0..1, 1 where people are.
        faces: meshes (478, 3) in scan pixels.

    Returns:
        One Person a face, in the order of `faces`, and the rest of the matte.

    Every head floods the reduced picture from its skull and a column below its chin; steps are dear over edges of the
    picture and outside the expected head and trunk, and whoever reaches a pixel cheapest owns it (geodesic
    segmentation: Bai and Sapiro, A Geodesic Framework, 2007).
    """
    matte = np.clip(np.asarray(matte, np.float32), 0, 1)
    box, heads = _box(matte), tuple(skulls.head_of(mesh) for mesh in faces)
    if not len(faces) or box is None:
        empty = Person((0, 0, 1, 1), np.zeros((1, 1), np.float32), Contact())
        return People((empty,) * len(faces), tuple(range(len(faces))), matte.copy(), heads)
    left, top, right, bottom = box
    factor = -(-max(right - left, bottom - top) // WORK)
    window = slice(top, bottom), slice(left, right)
    small, thin = shrink(pixels[window], factor), shrink(matte[window], factor)
    shift = left + (factor - 1) / 2, top + (factor - 1) / 2
    reduced = [skulls.head_of(mesh, 1 / factor, shift) for mesh in faces]
    order = skulls.back_to_front(reduced)
    owner = labels(small, thin, reduced, order)  # (h, w): 0 none, k + 1 face k
    alphas, unowned = _shared(pixels, matte, small @ GREY / 255, owner, factor, box, len(faces))
    persons = []
    for k, (rectangle, alpha) in enumerate(alphas):
        contact = Contact(_seams(owner, thin, k + 1, factor, box), _edges(alpha, rectangle, matte.shape))
        persons.append(Person(rectangle, alpha, contact))
    return People(tuple(persons), tuple(order), unowned, heads)


def _box(matte: np.ndarray) -> Rectangle | None:
    """The rectangle of all that counts as people."""
    present = matte > PRESENT
    rows, columns = np.flatnonzero(present.any(1)), np.flatnonzero(present.any(0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _shared(
    pixels: np.ndarray, matte: np.ndarray, grey: np.ndarray, owner: np.ndarray, factor: int, box: Rectangle, count: int
) -> tuple[list[tuple[Rectangle, np.ndarray]], np.ndarray]:
    """(rectangle, alpha) of every face and what is left of the matte, with seams along the edges of the scan.

    Shares are taken one after the other from what is left, so that they add up whatever the filter gives.
    """
    unowned = matte.copy()
    alphas: list[tuple[Rectangle, np.ndarray]] = []
    claims = [_claim(pixels, grey, owner == k, factor, box) for k in range(count + 1)]
    total = np.zeros(matte.shape, np.float32)
    for (left, top, right, bottom), share in claims:
        total[top:bottom, left:right] += share
    for rectangle, share in claims[1:]:
        left, top, right, bottom = rectangle
        window = slice(top, bottom), slice(left, right)
        alpha = matte[window] * share / np.maximum(total[window], 1e-6)
        alpha = np.minimum(alpha, unowned[window])
        unowned[window] -= alpha
        alphas.append((rectangle, alpha))
    solid = _solid(unowned, factor)
    return alphas, np.where(solid, unowned, 0) if solid.any() else np.zeros(matte.shape, np.float32)  # takes no room


def _solid(unowned: np.ndarray, factor: int) -> np.ndarray:
    """Which pixels (H, W) belong to people without a face; the others are faint rims of those with one."""
    small = binary_dilation(unowned[::factor, ::factor] > SOLID, iterations=3 * SEAM)
    height, width = unowned.shape
    return small.repeat(factor, 0)[:height].repeat(factor, 1)[:, :width]


def _claim(
    pixels: np.ndarray, grey: np.ndarray, mine: np.ndarray, factor: int, box: Rectangle
) -> tuple[Rectangle, np.ndarray]:
    """Rectangle and share (h, w) of one label: 1 inside, soft and narrow at its border, along the scan's edges."""
    rows, columns = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
    if not len(rows):
        return (box[0], box[1], box[0] + 1, box[1] + 1), np.zeros((1, 1), np.float32)
    pad = 2 * SEAM + 1
    low, high = max(int(rows[0]) - pad, 0), min(int(rows[-1]) + 1 + pad, mine.shape[0])
    first, last = max(int(columns[0]) - pad, 0), min(int(columns[-1]) + 1 + pad, mine.shape[1])
    part = slice(low, high), slice(first, last)
    slope, offset = guided(grey[part], mine[part].astype(np.float32), SEAM, SMOOTH)
    inner = (
        0,
        0,
        min((last - first) * factor, box[2] - box[0] - first * factor),
        min((high - low) * factor, box[3] - box[1] - low * factor),
    )
    left, top = box[0] + first * factor, box[1] + low * factor
    rectangle = (left, top, left + inner[2], top + inner[3])
    light = pixels[top : rectangle[3], left : rectangle[2]] @ (GREY / 255)
    share = enlarge(slope, factor, inner) * light + enlarge(offset, factor, inner)
    return rectangle, np.clip((share - 0.5) * CRISP + 0.5, 0, 1)


def _seams(owner: np.ndarray, thin: np.ndarray, label: int, factor: int, box: Rectangle) -> dict[int, np.ndarray]:
    """Points (K, 2) in scan pixels where a label touches another, by the other's index (-1: the unowned matte)."""
    seams: dict[int, list[np.ndarray]] = {}
    solid = np.where(thin > 0.5, owner, -1)
    for axis in (0, 1):
        one, two = (solid[:-1], solid[1:]) if axis == 0 else (solid[:, :-1], solid[:, 1:])
        for mine, other in ((one, two), (two, one)):
            rows, columns = np.nonzero((mine == label) & (other != label) & (other >= 0))
            for k in np.unique(other[rows, columns]):
                at = other[rows, columns] == k
                middle = np.stack([columns[at] + 0.5 * axis, rows[at] + 0.5 * (1 - axis)], 1)
                seams.setdefault(int(k) - 1, []).append((middle + 0.5) * factor - 0.5 + box[:2])
    return {k: np.concatenate(points).astype(np.float32) for k, points in seams.items()}


def _edges(alpha: np.ndarray, rectangle: Rectangle, shape: tuple[int, int]) -> dict[str, tuple[int, int]]:
    """First and last pixel that a person covers of each edge of the photograph that it touches."""
    left, top, right, bottom = rectangle
    sides = {
        "left": (left == 0, alpha[:, 0], top),
        "top": (top == 0, alpha[0], left),
        "right": (right == shape[1], alpha[:, -1], top),
        "bottom": (bottom == shape[0], alpha[-1], left),
    }
    touched = {}
    for name, (there, line, start) in sides.items():
        at = np.flatnonzero(line > 0.5)
        if there and len(at):
            touched[name] = (int(at[0]) + start, int(at[-1]) + start)
    return touched
