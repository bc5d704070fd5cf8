"""Local frames: how the neighbourhood of every mesh point moves, as a displacement and a 2 x 2 gradient.

Conventions: points are (B, N, 2 or 3) float32 in eye distances, x right, y down, z away. Driven points d are where a
point is in the frame to be made, source points s where it is in the photograph; displacements s - d point from the
new picture into the photograph. Everything is relative to the identity (the Jacobian is J = I + E), so that d =
s gives zeros without rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from animate.model.warp.sampling import smoothstep

NEIGHBOURS = 10
STIFFNESS = 0.05  # pull towards the head's own motion, per spread of the neighbourhood
LEAST = 0.1  # a Jacobian's determinant never falls below this part of the head's
FACING = (-0.1, 0.3)  # cosine of a normal's angle to the view: from turned away to facing the camera
LOWEST = -30.0  # of an exponent: products of two such weights stay far above the denormal numbers
MANY, BAND = 256, 24  # points from which rows are summed in bands, each of the points that are near; rows of a band
REACH = 6.5  # widths of a Gaussian, beyond which it is nothing: exp(-21)
LARGEST = 3.0  # largest deviation of a Jacobian from the head's


@dataclass(frozen=True)
class MeshTopology:
    """What the mesh is made of: triangles (N, 3) facing the camera, and for either eye corners (outer, inner), lids
    and iris.

    Lids run from the outer to the inner corner, without the corners; an iris has its centre first. `apart` are pairs
    of sets of points that lie close but move on their own (the two lips), besides the lids.
    """

    triangles: np.ndarray
    corners: Sequence[Sequence[int]]
    upper: Sequence[Sequence[int]]
    lower: Sequence[Sequence[int]]
    irises: Sequence[Sequence[int]]
    apart: Sequence[tuple[Iterable[int], Iterable[int]]] = ()

    @cached_property
    def near(self) -> tuple[np.ndarray, np.ndarray]:
        """Who may be a neighbour of whom: indices (N, most) for every point, and which of them count (N, most)
        bool."""
        count = 1 + max(int(self.triangles.max()), *(point for iris in self.irises for point in iris))
        joined = self.adjacency(count).astype(np.float32)
        near = joined @ joined + joined > 0
        for first, second in [*zip(self.upper, self.lower, strict=True), *self.apart]:
            near[np.ix_(list(first), list(second))] = near[np.ix_(list(second), list(first))] = False
        for iris in self.irises:
            near[list(iris)] = near[:, list(iris)] = False
            near[np.ix_(list(iris), list(iris))] = True
        np.fill_diagonal(near, False)
        most = max(int(near.sum(1).max()), NEIGHBOURS)
        table = np.argsort(~near, axis=1, kind="stable")[:, :most]
        return table, np.take_along_axis(near, table, 1)

    def adjacency(self, count: int) -> np.ndarray:
        """(count, count) bool: which points share a triangle."""
        joined = np.zeros((count, count), bool)
        for a, b in ((0, 1), (1, 2), (2, 0)):
            joined[self.triangles[:, a], self.triangles[:, b]] = True
        return joined | joined.T

    def row(self, lid: Sequence[int], other: Sequence[int], count: int) -> list[int]:
        """A lid and the row of skin points next to it, which slides with it: those that touch neither a corner's ring
        nor the other lid."""
        joined = self.adjacency(count)
        corners = [point for pair in self.corners for point in pair]
        ring = joined[list(lid)].any(0)
        ring[list(other) + corners] = False
        return sorted(set(np.flatnonzero(ring)) | set(lid))


def neighbours(points: np.ndarray, surface: MeshTopology) -> tuple[np.ndarray, np.ndarray]:
    """Indices (N, 10) of the nearest points along the skin, and their weights (N, 10), fixed for one photograph's
    points (N, 3).

    Two steps along triangles at most, never from lid to lid or lip to lip; irises know only themselves. Unused places
    weigh 0.
    """
    table, own = surface.near
    far = np.where(own, np.linalg.norm(points[table] - points[:, None], axis=-1), np.inf)  # (N, most)
    order = np.argsort(far, axis=1, kind="stable")[:, :NEIGHBOURS]
    index, reach = np.take_along_axis(table, order, 1), np.take_along_axis(far, order, 1)
    fitted = np.isfinite(reach)
    width = np.where(fitted, reach, 0).sum(1) / np.maximum(fitted.sum(1), 1)
    return index, np.exp(-0.5 * (reach / np.maximum(width[:, None], 1e-6)) ** 2).astype(np.float32)


def spacing(points: np.ndarray, index: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean distance (N,) in the picture to the four nearest of the neighbours of points (N, 3)."""
    step = np.linalg.norm(points[index, :2] - points[:, None, :2], axis=-1)
    used = np.where(weight > 0, step, np.nan)[:, :4]
    return np.nanmean(np.where(np.isnan(used).all(1, keepdims=True), 0.1, used), axis=1).astype(np.float32)


def similarity(driven: torch.Tensor, source: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The head's motion in the picture: gradient (B, 2, 2) and displacement at the origin (B, 2) of the weighted
    least-squares similarity.

    `driven` (B, N, 2), `source` (N, 2), `weight` (N,). Written for the displacement: e = sum conj(q) (delta) / sum
    |q|^2 in complex numbers. The scale stays between a quarter and four.
    """
    weight = (weight / weight.sum())[:, None]
    delta = source - driven
    middle, shift = (driven * weight).sum(1, keepdim=True), (delta * weight).sum(1, keepdim=True)
    q, v = driven - middle, delta - shift
    spread = (q * q * weight).sum((1, 2)).clamp_min(1e-4)
    a = ((q * v * weight).sum((1, 2)) / spread) + 1
    b = ((q[..., 0] * v[..., 1] - q[..., 1] * v[..., 0]) * weight[:, 0]).sum(1) / spread
    size = (a * a + b * b).sqrt()
    bound = size.clamp(0.25, 4.0)
    fit = torch.where(size == bound, 1.0, bound / size.clamp_min(1e-6))
    a, b = torch.where(size < 1e-6, bound, a * fit) - 1, b * fit
    gradient = torch.stack([a, -b, b, a], -1).view(-1, 2, 2)
    return gradient, shift[:, 0] - (gradient @ middle.mT)[..., 0]


def gradients(
    driven: torch.Tensor, source: torch.Tensor, index: torch.Tensor, weight: torch.Tensor, head: torch.Tensor
) -> torch.Tensor:
    """E = J - I (B, N, 2, 2) at every point: weighted least squares over its neighbours, pulled towards the head's
    gradient (B, 2, 2).

    (sum w v q^T + m E_head) (sum w q q^T + m I)^-1 with q the neighbours' offsets in `driven` (B, N, 2) and v those
    of the displacement.
    """
    delta = source - driven
    q = driven[:, index] - driven[:, :, None]  # (B, N, 10, 2)
    v = delta[:, index] - delta[:, :, None]
    rest = source[index] - source[:, None]
    pull = STIFFNESS * ((rest * rest).sum(-1) * weight).sum(-1).clamp_min(1e-6)  # (N,)
    qw = q * weight[..., None]
    eye = torch.eye(2)
    normal = qw.mT @ q + pull[:, None, None] * eye
    cross = v.mT @ qw + pull[:, None, None] * head[:, None]
    return _bounded(cross @ _inverse(normal), head[:, None])


def _inverse(matrix: torch.Tensor) -> torch.Tensor:
    """Inverse of symmetric positive (..., 2, 2) matrices."""
    a, b, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    det = (a * d - b * b).clamp_min(1e-12)
    return torch.stack([d, -b, -b, a], -1).view(matrix.shape) / det[..., None, None]


def _bounded(fitted: torch.Tensor, head: torch.Tensor) -> torch.Tensor:
    """`fitted` moved towards `head` (B, 1, 2, 2) just so far that I + E keeps its orientation and its size; untouched
    when it is sound.

    det(J_head + t D) = h + m t + n t^2 is followed from t = 0; t stops where it first reaches LEAST of h, or at 1.
    """
    off = fitted - head
    off = off * (LARGEST / off.flatten(-2).norm(dim=-1).clamp_min(LARGEST))[..., None, None]
    a, b, c, d = (head + torch.eye(2)).flatten(-2).unbind(-1)
    p, q, r, s = off.flatten(-2).unbind(-1)
    h, m, n = a * d - b * c, a * s + d * p - b * r - c * q, p * s - q * r
    k = h * (1 - LEAST)  # first t > 0 with n t^2 + m t + k = 0, in the form that is stable for small n
    root = (m * m - 4 * n * k).clamp_min(0).sqrt()
    stop = torch.where(m * m - 4 * n * k < 0, 1.0, (2 * k / (root - m).clamp_min(1e-6)).clamp(max=1.0))
    return head + stop[..., None, None] * off


def facing(points: torch.Tensor, triangles: torch.Tensor) -> torch.Tensor:
    """How much every point (B, N, 3) of the skin faces the camera: 1 in front, near 0 where it turns away; never
    0."""
    corner = points[:, triangles]  # (B, T, 3, 3)
    normal = torch.linalg.cross(corner[:, :, 1] - corner[:, :, 0], corner[:, :, 2] - corner[:, :, 0])
    summed = torch.zeros_like(points)
    for k in range(3):
        summed.index_add_(1, triangles[:, k], normal)
    cosine = summed[..., 2] / summed.norm(dim=-1).clamp_min(1e-9)
    visible = smoothstep(cosine, *FACING).clamp_min(1e-3)
    return torch.where(summed.abs().sum(-1) == 0, 1.0, visible)


def weighted(d, anchors, strength, width, x, y) -> torch.Tensor:
    """sum_k w_k (a_k, 1) at all nodes (B, C + 1, rows, columns) of points d (B, K, 2) with coefficients `anchors` (B,
    K, C), which count as much as `strength` (B, K) says; a Gaussian's width (K,) and all else are in one unit.
    """
    coefficients = torch.cat([anchors * strength[..., None], strength[..., None]], -1)  # (B, K, C + 1)
    if len(d) == 1 and d.shape[1] > MANY and len(y) > BAND:
        bands = (_summed(d, coefficients, width, x, part, _near(d, width, part)) for part in y.split(BAND))
        return torch.cat(list(bands), 2)
    return _summed(d, coefficients, width, x, y, slice(None))


def _near(d: torch.Tensor, width: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Which of points (1, K, 2) reach any of the rows y at all: indices."""
    low, high = y.min() - REACH * width, y.max() + REACH * width
    return ((d[0, :, 1] > low) & (d[0, :, 1] < high)).nonzero()[:, 0]


def _summed(d, coefficients, width, x, y, chosen) -> torch.Tensor:
    d, coefficients = d[:, chosen], coefficients[:, chosen]
    s = (-0.5 / width[chosen] ** 2)[:, None]
    gx = ((x - d[..., 0, None]) ** 2 * s).clamp_min_(LOWEST).exp_()  # (B, K, columns)
    gy = ((y - d[..., 1, None]) ** 2 * s).clamp_min_(LOWEST).exp_()  # (B, K, rows)
    left = coefficients.mT[:, :, None] * gy.mT[:, None]  # (B, C + 1, rows, K)
    return (left.flatten(1, 2) @ gx).unflatten(1, (-1, len(y)))
