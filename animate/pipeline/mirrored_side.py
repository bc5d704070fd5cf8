"""The side of a head that a photograph hides, from the mirror image of the other: a second way into the same layer.

Heads are nearly symmetric. Where a turn brings a cheek, an ear or hair into view that the photograph shows edge-on or
not at all, its own pixels are drawn out without bounds; those of the other side, mirrored, are not, and lie there in
the light of their new place.

Part of the pipeline: it joins layers and model. Points are scan pixels; a span is (left, top, right, bottom), counted
from the corner of the person's rectangle. The mirror is the upright line x = axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.core.numerics import Rectangle, luminance, smoothstep
from animate.core.types import Keypoints, Photo
from animate.layers import people, resample
from animate.layers.sweep import bilinear
from animate.model.warp.sampling import NodeGrid
from animate.motion import landmarks, pose
from animate.pipeline import scene
from animate.pipeline.neural import mesh_topology

TURNED = 0.1  # sine of the photograph's turn from which one side shows more than the other
TURN = np.radians((4.0, 12.0))  # back towards the camera, over which the other side comes in
DRAWN_OUT = (0.34, 0.58)  # photograph's pixels for one of the frame, from replaced to kept
BETTER = (0.08, 0.28)  # how many more the other side has, from none taken to all
TOGETHER, EASED = 0.35, 0.3  # eye distances over which rows are replaced together; what a pixel may be finer then
AROUND = (1.15, 1.4)  # radii of the head's ellipse around which nothing is taken
BESIDE = (0.45, 0.65)  # the same within which, amid the face, nothing begins
SKULL, SHOWN = (0.8, 1.0), (0.2, 0.7)  # radii within which something is expected; share of it that must be there
NECK = (-0.25, 0.05)  # eye distances below the chin over which it ends
SEAM = 0.07  # eye distances over which one side passes into the other
MIDDLE = (10, 9, 6, 4, 0, 17, 152)  # landmarks down the middle of a face
HALF = (0.0, 0.1)  # eye distances from it to the hidden side, from where on places tell the light of that
LIGHT, BROAD, MOST = 0.12, 0.4, 0.3  # eye distances of what light is compared in, and shared over; largest logarithm
LIT = 60  # percentile of the face's own light above which nothing is made brighter
FAINT = 0.02


@dataclass(frozen=True, eq=False)
class Mixture:
    """How the other side enters one frame: where it is looked for (rows, columns, 2) in pixels of the rectangle, how
    far it is taken and how much brighter it is made (rows, columns, 2), on a grid with a node every `cell` pixels."""

    grid: np.ndarray
    taken: np.ndarray
    cell: int

    @classmethod
    def of(cls, values: np.ndarray, rectangle: Rectangle, cell: int) -> Mixture:
        """The mixture of what `MirroredSide.at` gives, brought (4, rows, columns) to nodes every `cell` pixels."""
        corner = np.array(rectangle[:2], np.float32)
        grid, taken = np.ascontiguousarray(values.transpose(1, 2, 0)[..., :2] - corner), values.transpose(1, 2, 0)
        return cls(grid.astype(np.float32), np.ascontiguousarray(taken[..., 2:], np.float32), cell)

    def mixed(self, base: np.ndarray, span: Rectangle, sampled: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """What a span shows of the layer, `base` (h, w, 4), with the other side; `sampled` is the layer at places."""
        share, gain = np.moveaxis(resample.spread(self.taken, self.cell, span), -1, 0)
        if share.max() < FAINT:
            return base
        other = sampled(resample.spread(self.grid, self.cell, span))
        other[..., :3] *= gain[..., None]
        return base + share[..., None] * (other - base)

    @property
    def present(self) -> np.ndarray:
        """(rows, columns) bool: the nodes at which anything is taken."""
        return self.taken[..., 0] > FAINT / 4


def needed(points: np.ndarray, driven: np.ndarray) -> bool:
    """Whether a head (478, 3) that is turned in the photograph turns back towards the camera in any of the driven
    frames (T, 478, 3)."""
    facing, turn = pose.turned_back(points, driven)
    return bool(abs(facing) > TURNED and turn.max(initial=0.0) > TURN[0])


class MirroredSide:
    """The mirror image of one person as a second source of the person's frames."""

    def __init__(
        self,
        photo: Photo,
        person: scene.Person,
        owner: people.Person,
        lattice: NodeGrid,
        span: float,
        places: np.ndarray,
    ):
        """Get ready what all frames share; only for those whom `needed` names.

        Args:
            photo: the photograph.
            person: who moves.
            owner: the person's part of the matte.
            lattice: the nodes at which the person's motion is known.
            span: side of the person's crop in eye distances.
            places: (2, rows, columns), where the nodes are in the scan.
        """
        from animate.model.warp.dense_motion import FirstOrder
        from animate.model.warp.surroundings import Surroundings

        crop, points = person.portrait.crop, person.portrait.keypoints.points
        self.person, self.places = person, places
        self.axis = round(2 * float(points[: landmarks.SURFACE, 0].mean())) / 2
        mirrored = (points[landmarks.MIRROR] * (-1, 1, 1) + (2 * self.axis, 0, 0)).astype(np.float32)
        portrait = replace(person.portrait, keypoints=Keypoints(mirrored))
        other = scene.person(photo, portrait, person.driven, person.index, self._of(owner))
        of_head = other.motion.head.headness(*other.anchors.T) > 0
        self.other = replace(other, anchors=other.anchors[of_head], spacing=other.spacing[of_head])
        around = Surroundings(*scene.anchors_in(self.other, crop))
        source = crop.into(mirrored)
        self.motion = FirstOrder(source, lattice, mesh_topology(), size=crop.size, span=span, around=around)
        self.driven, self.back = crop.into(person.driven.points), np.linalg.inv(crop.matrix[:, :2]).astype(np.float32)
        facing, self.turn = pose.turned_back(points, person.driven.points)
        self.hidden = float(np.sign(facing))  # -1 or 1: the side of the picture that is turned away
        self.light = _Light(photo, owner, person.motion.unit)
        light, seen = self.light.at(points[: landmarks.SURFACE, :2].T[:, None])
        self.lit = float(np.percentile(light[seen >= np.median(seen)], LIT))

    def _of(self, owner: people.Person) -> people.Person:
        left, top, right, bottom = owner.rectangle
        low, high = round(2 * self.axis) - right + 1, round(2 * self.axis) - left + 1
        return people.Person((low, top, high, bottom), owner.alpha[:, ::-1], people.Contact())

    def at(self, index: int, flow: np.ndarray) -> np.ndarray | None:
        """Where frame `index` looks for the other side, how far it is taken and how much brighter it is made: (4, rows,
        columns) at the nodes, places first; None where nothing is taken. `flow` (2, rows, columns) are the
        displacements of the person's own motion in scan pixels."""
        share = smoothstep(self.turn[index], *TURN)
        if share <= 0:
            return None
        field = np.einsum("ij,rcj->irc", self.back, self.motion.whole(self.driven[index], index))
        own, other = self.places + flow, self.places + field
        looked = np.stack([2 * self.axis - other[0], other[1]])
        taken = self._outwards(float(share) * self._better(own, other))
        taken = taken * self._within(own, other, index) * self._there(other, looked)
        if taken.max() < FAINT:
            return None
        gain = self._gain(own, looked, 1 - taken)
        return np.concatenate([looked, taken[None], gain[None]]).astype(np.float32)

    def _better(self, own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How far (rows, columns), 0..1, the own motion draws out the hidden side and the other does not; one side of
        the face is from one source, from brow to jaw."""
        finer = [self._fineness(one) for one in (own, other)]
        head = self.person.motion.head
        aside = self.hidden * head.ellipse(*own) * np.sign(own[0] - head.middle[0])
        able = smoothstep(aside, *BESIDE) * smoothstep(finer[1] - finer[0], *BETTER)
        certain = able * (1 - smoothstep(finer[0], *DRAWN_OUT))
        rows = self._near(TOGETHER)[0] @ certain.max(1)
        return able * (1 - smoothstep(finer[0] - EASED * rows[:, None], *DRAWN_OUT))

    def _fineness(self, at: np.ndarray) -> np.ndarray:
        """Pixels (rows, columns) of the photograph for one of the frame along the way in which there are fewest; 0
        where it is turned over."""
        x, y = self.places[0, 0], self.places[1, :, 0]
        (a, b), (c, d) = ((np.gradient(part, x, axis=1), np.gradient(part, y, axis=0)) for part in at)
        size, det = a * a + b * b + c * c + d * d, a * d - b * c
        least = np.sqrt(np.maximum(size - np.sqrt(np.maximum(size * size - 4 * det * det, 0)), 0) / 2)
        return np.where(det > 0, least, 0)

    def _within(self, own: np.ndarray, other: np.ndarray, index: int) -> np.ndarray:
        """Where (rows, columns) a head is that both ways lead into, 0..1."""
        heads = self.person.motion.head, self.other.motion.head
        radii = [head.ellipse(*at) for head, at in zip(heads, (own, other), strict=True)]
        near = np.minimum(*(1 - smoothstep(radius, *AROUND) for radius in radii))
        chin = self.person.driven.points[index, landmarks.OVAL, 1].max()
        return near * (1 - smoothstep((self.places[1] - chin) / self.person.motion.unit, *NECK))

    def _there(self, other: np.ndarray, looked: np.ndarray) -> np.ndarray:
        """Where (rows, columns) the other side shows this person, 0..1, and no neighbour or hand before it; outside the
        skull there may be nothing."""
        inside = 1 - smoothstep(self.other.motion.head.ellipse(*other), *SKULL)
        return 1 - inside * (1 - smoothstep(self.light.at(looked)[1], *SHOWN))

    def _outwards(self, taken: np.ndarray) -> np.ndarray:
        """What is taken somewhere is taken from there outwards, or an ear would be seen twice; without hard edges."""
        order = slice(None) if self.hidden > 0 else slice(None, None, -1)
        taken = np.maximum.accumulate(taken[:, order], axis=1)[:, order]
        down, across = self._near(SEAM)
        return down @ taken @ across.T

    def _near(self, reach: float) -> tuple[np.ndarray, np.ndarray]:
        """Weights (rows, rows) and (columns, columns) of nodes that lie within about `reach` eye distances, sum 1."""
        reach *= self.person.motion.unit
        near = [
            np.exp(-0.5 * ((axis[:, None] - axis) / reach) ** 2) for axis in (self.places[1, :, 0], self.places[0, 0])
        ]
        return near[0] / near[0].sum(1, keepdims=True), near[1] / near[1].sum(1, keepdims=True)

    def _gain(self, own: np.ndarray, looked: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """How much brighter (rows, columns) the other side is made: as what both sides show of the hidden half of the
        face, where that is by `weight`."""
        middle = self.person.portrait.keypoints.points[list(MIDDLE)]
        aside = self.hidden * (own[0] - np.interp(own[1], middle[:, 1], middle[:, 0])) / self.person.motion.unit
        (light, seen), (theirs, also) = self.light.at(own), self.light.at(looked)
        weight = weight * smoothstep(aside, *HALF) * seen * also
        down, across = self._near(BROAD)
        total = down @ weight @ across.T
        room = np.clip(self.lit - theirs, 0, MOST)  # lit skin is not blown out
        return np.exp(np.clip(down @ (weight * (light - theirs)) @ across.T / (total + 1e-3), -MOST, room))


class _Light:
    """The light on a person, without detail."""

    def __init__(self, photo: Photo, owner: people.Person, unit: float):
        left, top, right, bottom = owner.rectangle
        self.step = max(1, int(LIGHT * unit / 2))
        self.corner = np.array([left, top], np.float32)[:, None, None]
        alpha = owner.alpha[:: self.step, :: self.step]
        rows, columns = np.arange(top, bottom, self.step), np.arange(left, right, self.step)
        rows, columns = np.clip(rows, 0, photo.height - 1), np.clip(columns, 0, photo.width - 1)
        grey = luminance(photo.pixels[rows[:, None], columns])
        reach = LIGHT * unit / self.step
        self.seen = gaussian_filter(alpha, reach)
        self.light = np.log(gaussian_filter(alpha * (grey + 4), reach) / np.maximum(self.seen, 1e-3) + 1)

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithm of the light (rows, columns) at scan pixels (2, rows, columns), and how surely it is the
        person's."""
        at = (places - self.corner) / self.step
        light, seen = (bilinear(part, at, outside="nearest") for part in (self.light, self.seen))
        return light, seen**2
