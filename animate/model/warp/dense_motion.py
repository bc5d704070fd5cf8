"""Dense motion, first order: source and driven points in, for every pixel of the new picture where to look out.

Conventions: points are crop pixels (478, 3) outside and eye distances from the crop's middle inside. The motion is a
displacement in crop pixels at the nodes of a Lattice, channels (x, y): the new picture at z shows the photo at z +
displacement(z). Equal points give exactly 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from animate.core.geometry import ANIMATION_SPAN
from animate.model.warp.eye_layers import Eye, EyeLayers, dark_above, flatten, quotient, stacked
from animate.model.warp.local_affine import (
    MeshTopology,
    facing,
    gradients,
    neighbours,
    similarity,
    spacing,
    weighted,
)
from animate.model.warp.sampling import NodeGrid, smoothstep
from animate.model.warp.surroundings import SurroundingMotion, Surroundings

WIDTH = 0.75  # of a point's Gaussian, in spacings of the mesh around it
FAR_WIDTH, FAR_PART = 0.6, 1e-3  # the face's rim once more, wide and faint, for hair, ears and neck
HEAD_PART = 1e-7  # the head's similarity where even the rim is far
EYE_STEP = 0.012  # between the nodes of an eye
EYE_SURROUNDINGS = 0.9  # points of the skin farther than this from an eye are not asked about it
EDGE = 0.008  # half width of a lid's edge where one displacement must do for lid and eyeball
EDGE_ON = 0.5  # how much points count that were edge-on in the photograph and have come into view
LID_HIDDEN, LID_SEEN = 0.25, 0.6  # mean visibility of an eye's lids: from not drawn apart to drawn


def person_lattice(
    points: np.ndarray, low: np.ndarray, high: np.ndarray, *, unit: float, mouth: Iterable[int] = (), count: int = 176
) -> NodeGrid:
    """`count` x `count` nodes between crop points `low` and `high` (2,), which hold a whole person: denser on the face
    with crop points (478, 3), denser still in the rows of its mouth; `unit` is an eye distance in crop pixels."""
    edge = 0.25 * unit
    first, last = points[:, :2].min(0) - edge, points[:, :2].max(0) + edge
    lips = points[list(mouth), 1]
    rows = [(first[1], last[1], 5.0), (lips.min() - edge / 2, lips.max() + edge / 2, 9.0)]
    return NodeGrid.between(tuple(low), tuple(high), count, [(first[0], last[0], 5.0)], rows)


class FirstOrder:
    """The motion f(z) = sum_k w_k(z) [s_k + J_k (z - d_k)] / sum_k w_k(z) of one face (Siarohin et al. 2019, eq. 4),
    anchored to the mesh.

    Written as displacement: f(z) - z = sum w_k (E_k z + c_k) / sum w_k with E = J - I, c = s - d - E d. An isotropic
    Gaussian is gx(x) gy(y), so that every sum over k is one matrix product (rows x points) (points x columns).
    """

    def __init__(
        self,
        source: np.ndarray,
        lattice: NodeGrid,
        surface: MeshTopology,
        *,
        size: int,
        span: float = ANIMATION_SPAN,
        picture: np.ndarray | None = None,
        around: Surroundings | None = None,
    ):
        """The motion of one face in its crop.

        Args:
            source: (478, 3) crop pixels.
            lattice: nodes at which the motion is evaluated.
            surface: the mesh.
            size: side of the crop in pixels.
            span: side of the crop in eye distances.
            picture: (size, size, 3) uint8, the crop itself, in which the lashes of the lids are located.
            around: anchors of the rest of the person, needed by `person` only.
        """
        self.unit, self.middle = size / span, (size - 1) / 2
        self.source = self._inside(source)
        self.x, self.y = ((torch.from_numpy(nodes) - self.middle) / self.unit for nodes in (lattice.xs, lattice.ys))
        points = self.source.numpy()
        index, weight = neighbours(points, surface)
        self.index, self.weight = torch.from_numpy(index), torch.from_numpy(weight)
        gap = torch.from_numpy(spacing(points, index, weight))
        self.width, self.area = WIDTH * gap, gap * gap
        self.triangles = torch.from_numpy(np.array(surface.triangles, np.int64))
        self.seen = facing(self.source[None], self.triangles)[0]
        irises = [point for iris in surface.irises for point in iris]
        self.area[irises] = 0
        self.skin = torch.tensor(sorted(set(range(len(points))) - set(irises)))
        self.rim = torch.tensor(_rim(surface.triangles))
        grey = None if picture is None else torch.from_numpy(np.asarray(picture)).float().mean(-1)
        self.eyes = [self._eye(surface, side, grey) for side in (0, 1)]
        self.around = around and around.inside(self.middle, self.unit)

    def _eye(self, surface: MeshTopology, side: int, grey: torch.Tensor | None) -> _Socket:
        eye = Eye(self.source, surface, side)
        if grey is not None:
            eye.dark = dark_above(grey, self.source[eye.curves[0], :2] * self.unit + self.middle, self.unit)
        left, top, right, bottom = eye.box()
        sides = (left, right), (top, bottom)
        x, y = (torch.linspace(low, high, round((high - low) / EYE_STEP) + 1) for low, high in sides)
        lids = torch.cat([eye.upper, eye.lower])
        skin = self.skin[~torch.isin(self.skin, lids)]
        middle = self.source[lids, :2].mean(0)
        near = skin[(self.source[skin, :2] - middle).norm(dim=-1) < EYE_SURROUNDINGS]
        return _Socket(eye, near, x, y)

    @property
    def eye_lattices(self) -> tuple[NodeGrid, NodeGrid]:
        """The nodes (crop pixels) on which `layers` describes the eye on the left and on the right of the picture."""
        nodes = [[(axis * self.unit + self.middle).numpy() for axis in (eye.x, eye.y)] for eye in self.eyes]
        return NodeGrid(*nodes[0]), NodeGrid(*nodes[1])

    @property
    def eye_rings(self) -> tuple[tuple[int, ...], ...]:
        """The points around the eye on the left and on the right of the picture."""
        return tuple(tuple(torch.cat(eye.eye.curves).tolist()) for eye in self.eyes)

    @torch.inference_mode()
    def flow(self, driven: np.ndarray) -> np.ndarray:
        """Displacements (B, rows, columns, 2) float32 in crop pixels for driven points (B, 478, 3) in crop pixels."""
        frames = self.frames(self._inside(driven))
        motion = self._field(frames)
        for eye in self.eyes:
            left, top, right, bottom = eye.eye.box()
            columns, rows = _between(self.x, left, right), _between(self.y, top, bottom)
            motion[:, :, rows, columns] = flatten(self._eye_layers(eye, frames, self.x[columns], self.y[rows]), EDGE)
        return self._outside(motion)

    @torch.inference_mode()
    def layers(self, driven: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `flow`, but with the eyes apart: displacements (B, rows, columns, 2) of the skin, and for either eye (B,
        9, rows, columns) at the nodes of `eye_lattices`: its EyeLayers one after the other, all in crop pixels."""
        frames = self.frames(self._inside(driven))
        layers = [stacked(self._eye_layers(eye, frames, eye.x, eye.y)).mul_(self.unit).numpy() for eye in self.eyes]
        return self._outside(self._field(frames)), layers

    @torch.inference_mode()
    def whole(self, driven: np.ndarray, index: int) -> np.ndarray:
        """As `person`, the displacements (rows, columns, 2) only."""
        frames = self.frames(self._inside(driven[None]), EDGE_ON)
        return self._whole_field(frames, self.around.at(index, frames.points[0], self.triangles, frames.seen[0]))

    def _whole_field(self, frames: LocalMotions, around: SurroundingMotion) -> np.ndarray:
        sums = self._sums(frames, self.skin, self.x, self.y)
        sums += around.sums(self.x, self.y) + _whole(frames)
        return self._outside(quotient(sums, self.x, self.y))[0]

    @torch.inference_mode()
    def person(
        self, driven: np.ndarray, index: int, eye_shifts: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray], list[float]]:
        """The whole person in frame `index` of the surroundings, for driven points (478, 3) in crop pixels.

        `eye_shifts`, a shift (2,) in crop pixels for either eye, says where the nodes of `eye_lattices` lie now.
        Returns displacements (rows, columns, 2) at the nodes, the layers (9, rows, columns) of either eye, in crop
        pixels, and how well either eye is seen, 0..1.
        """
        frames = self.frames(self._inside(driven[None]), EDGE_ON)
        around = self.around.at(index, frames.points[0], self.triangles, frames.seen[0])
        layers, shown = [], []
        for eye, shift in zip(self.eyes, eye_shifts, strict=True):
            x, y = (axis + float(way) / self.unit for axis, way in zip((eye.x, eye.y), shift, strict=True))
            layers.append(stacked(self._eye_layers(eye, frames, x, y, around.sums(x, y)))[0].mul_(self.unit).numpy())
            lids = torch.cat([eye.eye.upper, eye.eye.lower])
            shown.append(float(smoothstep((frames.seen[0, lids].mean() - LID_HIDDEN) / (LID_SEEN - LID_HIDDEN))))
        return self._whole_field(frames, around), layers, shown

    def frames(self, driven: torch.Tensor, least: float = 0.0) -> LocalMotions:
        """The local frames of driven points (B, 478, 3) in eye distances from the crop's middle; points that the
        photograph shows edge-on count at least `least`."""
        plane, source = driven[..., :2], self.source[:, :2]
        head, shift = similarity(plane, source, self.area * self.seen)
        e = gradients(plane, source, self.index, self.weight, head)
        c = source - plane - (e @ plane[..., None])[..., 0]
        return LocalMotions(
            plane,
            torch.cat([e.flatten(-2), c], -1),
            self.seen.clamp_min(least) * facing(driven, self.triangles),
            head,
            shift,
        )

    def _field(self, frames: LocalMotions) -> torch.Tensor:
        """Displacements (B, 2, rows, columns) in eye distances by all points of the skin, and where those are far by
        the rim."""
        sums = self._sums(frames, self.skin, self.x, self.y)
        rim, head = frames.points[:, self.rim], frames.head
        c = self.source[self.rim, :2] - rim - (head[:, None] @ rim[..., None])[..., 0]
        affine = torch.cat([head.flatten(1)[:, None].expand(-1, len(self.rim), -1), c], -1)
        width = torch.full((len(self.rim),), FAR_WIDTH)
        sums += weighted(rim, affine, FAR_PART * frames.seen[:, self.rim], width, self.x, self.y)
        return quotient(sums.add_(_whole(frames)), self.x, self.y)

    def _eye_layers(
        self, eye: _Socket, frames: LocalMotions, x: torch.Tensor, y: torch.Tensor, around: torch.Tensor | float = 0.0
    ) -> EyeLayers:
        """The layers of an eye at nodes x, y; `around` are the weighted sums of what surrounds the face."""
        skin, *lids = (self._sums(frames, chosen, x, y) for chosen in (eye.skin, eye.eye.upper, eye.eye.lower))
        skin += around
        return eye.eye.layers_of(skin.add_(_whole(frames)), lids, frames.points, frames.head, x, y)

    def _sums(self, frames: LocalMotions, chosen: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        points, affine, seen = (part[:, chosen] for part in frames[:3])
        return weighted(points, affine, seen, self.width[chosen], x, y)

    def _outside(self, motion: torch.Tensor) -> np.ndarray:
        return motion.permute(0, 2, 3, 1).mul(self.unit).contiguous().numpy()

    def _inside(self, points: np.ndarray) -> torch.Tensor:
        points = torch.from_numpy(np.array(points, np.float32))
        return (points - torch.tensor([self.middle, self.middle, 0.0])) / self.unit


class LocalMotions(NamedTuple):
    """Driven points (B, 478, 2), the coefficients (B, 478, 6) of their affine displacements (E row by row, then c),
    how well each is seen in both poses (B, 478), and the head's similarity: E (B, 2, 2) and c (B, 2)."""

    points: torch.Tensor
    affine: torch.Tensor
    seen: torch.Tensor
    head: torch.Tensor
    shift: torch.Tensor


class _Socket(NamedTuple):
    """An eye, the points of the skin around it, and its nodes."""

    eye: Eye
    skin: torch.Tensor
    x: torch.Tensor
    y: torch.Tensor


def _whole(frames: LocalMotions) -> torch.Tensor:
    """The head's similarity with the same faint weight everywhere: (B, 7, 1, 1)."""
    one = torch.ones(len(frames.shift), 1)
    return HEAD_PART * torch.cat([frames.head.flatten(1), frames.shift, one], -1)[:, :, None, None]


def _between(nodes: torch.Tensor, low: float, high: float) -> slice:
    return slice(int((nodes < low).sum()), int((nodes <= high).sum()))


def _rim(triangles: np.ndarray) -> list[int]:
    """The points on the outer border of the mesh: the longest closed chain of edges that belong to one triangle
    only."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    known = {tuple(edge) for edge in edges.tolist()}
    step = {a: b for a, b in known if (b, a) not in known}
    rims = []
    while step:
        start = next(iter(step))
        chain, point = [start], step.pop(start)
        while point in step:
            chain.append(point)
            point = step.pop(point)
        rims.append(chain)
    return max(rims, key=len)
