"""People whom the border of a scan cuts, continued beyond it: what a movement brings in from outside.

Conventions: mattes are (h, w) float32 in 0..1, pixels (H, W, 3) uint8; a rectangle is (left, top, right, bottom) in
scan pixels, right and bottom excluded, and may reach beyond the scan. A cut head is closed by the cap of the ellipse
that its outline runs along, as tall for its width as heads are; a trunk goes on as it is. Below the scan nothing is
added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from animate.core.numerics import Rectangle, smoothstep
from animate.layers.heads import RADII, Head
from animate.layers.people import Person

REACH = 1.0  # eye distances beyond the border
TALL = float(RADII[1] / RADII[0])  # of a head, for its width
INWARDS = 0.35  # eye distances over which the outline's direction is measured
DEPTHS = 0.2, 3.0  # in half widths of a cut, how far inside the ellipse's middle may lie: tall caps, and flat ones
SOFT = 0.05  # eye distances over which a cap fades out
BESIDE = 0.2, 1.0  # eye distances along a border from the face, over which that does not limit what is mirrored
OF_HEAD = 0.5  # headness from which on the border is the head's


def continued(owner: Person, head: Head, shape: tuple[int, int], needed: dict[str, float]) -> Person:
    """A person with what lies beyond the left, the upper and the right border of the scan.

    Args:
        owner: the person's part of the matte.
        head: tells what is head, and the eye distance.
        shape: (H, W) of the scan.
        needed: pixels that are seen beyond "left", "top" and "right".

    Returns:
        The person in a rectangle that reaches so far, REACH at most, beyond every border that cuts it; `owner` itself
        if none does.
    """
    most = max(2, round(REACH * head.scale))
    for side in ("top", "left", "right"):
        reach = int(np.ceil(min(most, needed.get(side, 0))))
        if side in owner.contact.edges and reach > 0:
            owner = _extended(owner, head, shape, side, reach)
    return owner


def seen(places: np.ndarray, flows: Sequence[np.ndarray], shape: tuple[int, int], room: float) -> dict[str, float]:
    """How far beyond each border of a scan of `shape` (H, W) its own places (2, ...) look by displacements (2, ...),
    and `room` pixels more, as `continued` takes it."""
    height, width = shape
    own = (places[0] >= 0) & (places[0] < width) & (places[1] >= 0) & (places[1] < height)
    looked = np.concatenate([(places + flow)[:, own] for flow in flows], 1)
    low, high = looked.min(1, initial=np.inf), looked.max(1, initial=-np.inf)
    beyond = {"left": -low[0], "top": -low[1], "right": high[0] - (width - 1)}
    return {side: float(way) + room for side, way in beyond.items() if way > 0}


def fill(layer: np.ndarray, place: Rectangle, pixels: np.ndarray, person: Person, head: Head) -> None:
    """Draw what lies beyond the scan into a person's layer, in place, in the colours of the scan mirrored there.

    Where the border runs close to the face, what lies between them is mirrored to and fro: hair, and never eyes.

    Args:
        layer: (h, w, 4) float32, premultiplied, in the rectangle `place`, which holds the person's.
        pixels: the scan.
        person: as `continued` gives it.
        head: of the person.
    """
    (left, top, *_), (a, b, c, d) = place, person.rectangle
    height, width = pixels.shape[:2]
    for x0, y0, x1, y1 in ((a, b, c, 0), (a, max(b, 0), 0, d), (width, max(b, 0), c, d)):
        if x0 < x1 and y0 < y1:
            x, y = np.arange(x0, x1), np.arange(y0, y1)[:, None]
            if y1 <= 0:
                y = _to_and_fro(-y, _free(head, 1, 0, x)) + 0 * x
            elif x1 <= 0:
                x = _to_and_fro(-x, _free(head, 0, 0, y)) + 0 * y
            else:
                x = width - 1 - _to_and_fro(x - width + 1, _free(head, 0, width - 1, y)) + 0 * y
            alpha = person.alpha[y0 - b : y1 - b, x0 - a : x1 - a, None]
            colours = pixels[np.clip(y, 0, height - 1), np.clip(np.abs(x), 0, width - 1)]
            layer[y0 - top : y1 - top, x0 - left : x1 - left] = np.concatenate([colours * alpha, alpha], -1)


def around(one: Rectangle, other: Rectangle) -> Rectangle:
    """The smallest rectangle that holds two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _free(head: Head, axis: int, border: int, places: np.ndarray) -> np.ndarray:
    """How many pixels lie between a border and the face, for places along the border: no face beside it, REACH."""
    across, along = head.outline[:, axis], head.outline[:, 1 - axis]
    gap = np.abs(across - border).min() - 1
    beside = np.maximum(np.maximum(along.min() - places, places - along.max()), 0) / head.scale
    reach = REACH * head.scale
    return np.maximum(gap + smoothstep((beside - BESIDE[0]) / (BESIDE[1] - BESIDE[0])) * max(reach - gap, 0), 2)


def _to_and_fro(away: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Whole positions that many pixels (0 and more) inside a border, for those as far outside: mirrored there and at
    `free` pixels."""
    at = away % (2 * free)
    return np.rint(np.minimum(at, 2 * free - at)).astype(int)


@dataclass(frozen=True, eq=False)
class _Border:
    """The first row of a matte (h, n), at the scan's border, as the room around a head sees it.

    `headness` (n,) is how far each of its places is the head's, `ends` whether the scan ends at its ends too, `level`
    the place at the head's middle, for a border beside the head, `tall` how much longer heads are across the row than
    along it, `unit` the eye distance in pixels.
    """

    matte: np.ndarray
    headness: np.ndarray
    ends: tuple[bool, bool]
    level: float | None
    tall: float
    unit: float

    def beyond(self, reach: int) -> np.ndarray:
        """What lies beyond: (reach, n), the row next to the border last."""
        edge = self.matte[:2].mean(0)
        outside = np.repeat((edge * (1 - self.headness))[None], reach, 0)
        away = np.arange(reach, 0, -1, dtype=np.float32)[:, None] - 0.5
        most = REACH * self.unit
        fall = np.clip((most - away) / (0.2 * most), 0, 1)
        of_head = np.concatenate([[0], (edge > 0.5) & (self.headness > OF_HEAD), [0]]).astype(np.int8)
        turns = np.flatnonzero(np.diff(of_head))
        for start, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
            trunk = end < len(edge) and edge[end] > 0.5
            np.maximum(outside, self._cap(start, end, away, trunk) * fall, out=outside)
        return outside

    def _cap(self, start: int, end: int, away: np.ndarray, trunk: bool) -> np.ndarray:
        """The cap (reach, n) over a run of the border; `trunk`: the person goes on behind its end.

        Through the run's ends there and a little inside goes an ellipse, in units of which it is a circle: with half
        widths a and b at depths 0 and t, a^2 + d^2 = b^2 + (d - t)^2 gives its middle's depth d.
        """
        last, wider = self.matte.shape[1], self._wider(start, end)
        if trunk and self.level is not None and start < self.level:
            end, wider = min(end, round(2 * self.level - start)), (wider[0], wider[0])
        low, high = start, end
        if start == 0 and self.ends[0]:
            low, wider = -end, (wider[1], wider[1])
        if end == last and self.ends[1]:
            high, wider = 2 * last - start, (wider[0], wider[0])
        half, middle = (high - low) / 2, (low + high - 1) / 2
        across = self._depth / self.tall
        inside = half + sum(wider) / 2
        depth = (inside * inside - half * half + across * across) / (2 * across)
        depth = float(np.clip(depth, DEPTHS[0] * half, DEPTHS[1] * half))
        radius = np.hypot(half, depth)
        places = np.arange(last, dtype=np.float32) - middle
        return np.clip((radius - np.hypot(places, away / self.tall + depth)) / max(SOFT * self.unit, 1) + 0.5, 0, 1)

    @property
    def _depth(self) -> int:
        """Pixels inside the border at which an outline is looked at again."""
        return max(min(round(INWARDS * self.unit), len(self.matte) - 1), 1)

    def _wider(self, start: int, end: int) -> tuple[int, int]:
        """By how many pixels a run of the border is wider there, at either end."""
        row = np.concatenate([[False], self.matte[min(self._depth, len(self.matte) - 1)] > 0.5, [False]])
        middle = (start + end) // 2 + 1
        low, high = middle - int(np.argmin(row[middle::-1])), middle + int(np.argmin(row[middle:]))
        return start - low, high - 1 - end


def _extended(owner: Person, head: Head, shape: tuple[int, int], side: str, reach: int) -> Person:
    """A person continued beyond one border."""
    left, top, right, bottom = owner.rectangle
    if side == "top":
        headness = head.headness(np.arange(left, right) + 0.0, np.float32(top))
        border = _Border(owner.alpha, headness, (left <= 0, right >= shape[1]), None, TALL, head.scale)
        alpha = np.concatenate([border.beyond(reach), owner.alpha])
        return replace(owner, rectangle=(left, top - reach, right, bottom), alpha=alpha)
    headness = head.headness(np.float32(left if side == "left" else right), np.arange(top, bottom) + 0.0)
    inner = owner.alpha.T if side == "left" else owner.alpha.T[::-1]
    level = float(head.middle[1]) - top
    outside = _Border(inner, headness, (False, bottom >= shape[0]), level, 1 / TALL, head.scale).beyond(reach)
    if side == "left":
        alpha = np.concatenate([outside.T, owner.alpha], 1)
        return replace(owner, rectangle=(left - reach, top, right, bottom), alpha=alpha)
    alpha = np.concatenate([owner.alpha, outside[::-1].T], 1)
    return replace(owner, rectangle=(left, top, right + reach, bottom), alpha=alpha)
