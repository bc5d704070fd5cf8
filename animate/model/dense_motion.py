"""Dense motion, first order: 478 source points and driven points in, for every pixel of the new picture where to look in the photo out.

Conventions: points are crop pixels (478, 3) outside and eye distances from the crop's middle inside. The motion is a displacement in crop pixels
at the nodes of a Lattice, channels (x, y): the new picture at z shows the photo at z + displacement(z). Equal points give exactly 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from animate.model.eyes import Eye, Sheets, flatten, quotient
from animate.model.frames import Surface, facing, gradients, neighbours, similarity, spacing
from animate.model.grids import Lattice

WIDTH = 0.75  # of a point's Gaussian, in spacings of the mesh around it
FAR_WIDTH, FAR_PART = 0.6, 1e-3  # the face's rim once more, wide and faint: hair, ears and neck follow the rim next to them
HEAD_PART = 1e-7  # the head's similarity where even the rim is far
EYE_STEP = 0.012  # between the nodes of an eye
EYE_SURROUNDINGS = 0.9  # points of the skin farther than this from an eye are not asked about it
EDGE = 0.008  # half width of a lid's edge where one displacement must do for lid and eyeball
LOWEST = -30.0  # of an exponent: products of two such weights stay far above the denormal numbers


class FirstOrder:
    """The motion f(z) = sum_k w_k(z) [s_k + J_k (z - d_k)] / sum_k w_k(z) of one face (Siarohin et al. 2019, eq. 4), anchored to the mesh.

    Written as displacement: f(z) - z = sum w_k (E_k z + c_k) / sum w_k with E = J - I, c = s - d - E d. An isotropic Gaussian is
    gx(x) gy(y), so that every sum over k is one matrix product (rows x points) (points x columns).
    """

    def __init__(self, source: np.ndarray, lattice: Lattice, surface: Surface, *, size: int, span: float = 6.0, reach: np.ndarray | None = None):
        """`source` (478, 3) crop pixels of a crop of `size` pixels and `span` eye distances a side; `reach` (rows, columns) in 0..1 says
        how far the picture follows at each node (1 on the head, 0 at rest)."""
        self.unit, self.middle = size / span, (size - 1) / 2
        self.source = self._inside(source)
        self.x, self.y = ((torch.from_numpy(nodes) - self.middle) / self.unit for nodes in (lattice.xs, lattice.ys))
        self.reach = None if reach is None else torch.from_numpy(np.ascontiguousarray(reach, np.float32))
        points = self.source.numpy()
        index, weight = neighbours(points, surface)
        self.index, self.weight = torch.from_numpy(index), torch.from_numpy(weight)
        gap = torch.from_numpy(spacing(points, index, weight))
        self.width, self.area = WIDTH * gap, gap * gap
        self.triangles = torch.from_numpy(np.ascontiguousarray(surface.triangles, np.int64))
        self.seen = facing(self.source[None], self.triangles)[0]
        irises = [point for iris in surface.irises for point in iris]
        self.area[irises] = 0
        self.skin = torch.tensor(sorted(set(range(len(points))) - set(irises)))
        self.rim = torch.tensor(_rim(surface.triangles))
        self.eyes = [self._eye(surface, side) for side in (0, 1)]

    def _eye(self, surface: Surface, side: int) -> _Socket:
        eye = Eye(self.source, surface, side)
        left, top, right, bottom = eye.box()
        x, y = (torch.linspace(low, high, round((high - low) / EYE_STEP) + 1) for low, high in ((left, right), (top, bottom)))
        lids = torch.cat([eye.upper, eye.lower])
        skin = self.skin[~torch.isin(self.skin, lids)]
        middle = self.source[lids, :2].mean(0)
        near = skin[(self.source[skin, :2] - middle).norm(dim=-1) < EYE_SURROUNDINGS]
        return _Socket(eye, near, x, y)

    @property
    def eye_lattices(self) -> tuple[Lattice, Lattice]:
        """The nodes (crop pixels) on which `layers` describes the eye on the left and on the right of the picture."""
        return tuple(Lattice(*((nodes * self.unit + self.middle).numpy() for nodes in (eye.x, eye.y))) for eye in self.eyes)

    @torch.inference_mode()
    def flow(self, driven: np.ndarray) -> np.ndarray:
        """Displacements (B, rows, columns, 2) float32 in crop pixels for driven points (B, 478, 3) in crop pixels."""
        driven = self._inside(driven)
        frames = self.frames(driven)
        motion = self._field(driven, *frames)
        for eye in self.eyes:
            left, top, right, bottom = eye.eye.box()
            columns, rows = _between(self.x, left, right), _between(self.y, top, bottom)
            motion[:, :, rows, columns] = flatten(self._sheets(eye, driven, *frames, self.x[columns], self.y[rows]), EDGE)
        return self._outside(motion)

    @torch.inference_mode()
    def layers(self, driven: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `flow`, but with the eyes apart: displacements (B, rows, columns, 2) of the skin, and for either eye (B, 9, rows, columns)
        at the nodes of `eye_lattices`: the Sheets of eyes.py one after the other, all in crop pixels."""
        driven = self._inside(driven)
        frames = self.frames(driven)
        motion = self._outside(self._field(driven, *frames))
        sheets = (self._sheets(eye, driven, *frames, eye.x, eye.y) for eye in self.eyes)
        return motion, [torch.cat([part if part.ndim == 4 else part[:, None] for part in one], 1).mul_(self.unit).numpy() for one in sheets]

    def _outside(self, motion: torch.Tensor) -> np.ndarray:
        if self.reach is not None:
            motion = motion * self.reach
        return motion.permute(0, 2, 3, 1).mul(self.unit).contiguous().numpy()

    def _field(self, driven: torch.Tensor, anchors: torch.Tensor, head: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """Displacements (B, 2, rows, columns) in eye distances by all points of the skin."""
        seen = self.seen * facing(driven, self.triangles)
        sums = self._sums(driven, anchors, seen, self.skin, self.x, self.y)
        return quotient(sums + self._far(driven, anchors, head, seen), self.x, self.y)

    def _sheets(self, eye: _Socket, driven, anchors, head, x, y) -> Sheets:
        """The layers of an eye at nodes x, y."""
        seen = self.seen * facing(driven, self.triangles)
        skin, *lids = (self._sums(driven, anchors, seen, chosen, x, y) for chosen in (eye.skin, eye.eye.upper, eye.eye.lower))
        return eye.eye.sheets(skin + _whole(*head), lids, driven[..., :2], head[0], x, y)

    def frames(self, driven: torch.Tensor) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Coefficients (B, 478, 6) of every point's affine displacement (E row by row, then c), and the head's similarity (E, c)."""
        plane, source = driven[..., :2], self.source[:, :2]
        head = similarity(plane, source, self.area * self.seen)
        e = gradients(plane, source, self.index, self.weight, head[0])
        c = source - plane - (e @ plane[..., None])[..., 0]
        return torch.cat([e.flatten(-2), c], -1), head

    def _far(self, driven, anchors, head, seen) -> torch.Tensor:
        """Sums (B, 7, rows, columns) of what moves the picture around the mesh: the rim with the head's gradient, and the head itself."""
        rim = driven[:, self.rim]
        e = head[0]
        c = self.source[self.rim, :2] - rim[..., :2] - (e[:, None] @ rim[..., :2, None])[..., 0]
        far = torch.cat([e.flatten(1)[:, None].expand(-1, len(self.rim), -1), c], -1)
        return _weighted(rim, far, seen[:, self.rim] * FAR_PART, torch.full((len(self.rim),), FAR_WIDTH), self.x, self.y) + _whole(*head)

    def _sums(self, driven, anchors, seen, chosen, x, y) -> torch.Tensor:
        return _weighted(driven[:, chosen], anchors[:, chosen], seen[:, chosen], self.width[chosen], x, y)

    def _inside(self, points: np.ndarray) -> torch.Tensor:
        points = torch.from_numpy(np.array(points, np.float32))
        return (points - torch.tensor([self.middle, self.middle, 0.0])) / self.unit


class _Socket(NamedTuple):
    """An eye, the points of the skin around it, and its nodes."""

    eye: Eye
    skin: torch.Tensor
    x: torch.Tensor
    y: torch.Tensor


def _weighted(d, anchors, strength, width, x, y) -> torch.Tensor:
    """sum_k w_k (E, c, 1) at all nodes (B, 7, rows, columns) of points d (B, K, 2 or 3) with coefficients `anchors` (B, K, 6)."""
    s = (-0.5 / width**2)[:, None]
    gx, gy = (((nodes - d[..., k, None]) ** 2 * s).clamp_min_(LOWEST).exp_() for k, nodes in enumerate((x, y)))  # (B, K, columns), (B, K, rows)
    coefficients = torch.cat([anchors * strength[..., None], strength[..., None]], -1)  # (B, K, 7)
    left = coefficients.mT[:, :, None] * gy.mT[:, None]  # (B, 7, rows, K)
    return (left.flatten(1, 2) @ gx).unflatten(1, (7, len(y)))


def _whole(e: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    return HEAD_PART * torch.cat([e.flatten(1), c, torch.ones(len(c), 1)], -1)[:, :, None, None]


def _between(nodes: torch.Tensor, low: float, high: float) -> slice:
    return slice(int((nodes < low).sum()), int((nodes <= high).sum()))


def _rim(triangles: np.ndarray) -> list[int]:
    """The points on the outer border of the mesh: the longest closed chain of edges that belong to one triangle only."""
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
