"""One eye of the dense motion: two lids slide over an eyeball, and the iris moves in the opening between them.

Conventions: those of dense_motion.py, in eye distances. A lid is a curve y(x) through its points from corner to
corner. The skin above the upper lid knows nothing of the lower lid's points and the other way round, so that a lid
closes without dragging the other along; the eyeball moves with the eye's corners, and with the iris around the iris.
Depth decides which of the three is visible: lids in front.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from animate.model.warp.local_affine import MeshTopology
from animate.model.warp.sampling import smoothstep

MARGIN = (0.18, 0.22)  # around the opening, sideways and upright; beyond it lids act as all skin does
TAPER = 0.12  # beyond its corners an eye ends over this length
LASHES = 0.03  # gaze fades out over this length outside the lids, in their lashes
CLOSED = 0.06  # travel of an upper lid by which it has left the dark above its edge behind, but for its lashes
LID = (0.08, 4.0)  # leaving it stretches the lid up to this height above the edge, plus this many times the dark's
LASH_LINE = 0.01  # what stays of the dark at the edge of a closed lid


class EyeLayers(NamedTuple):
    """Displacements (B, 2, rows, columns) of upper skin, lower skin and eyeball, and how far (B, rows, columns) a
    place lies below the upper lid's edge, below the lower lid's edge, and below the line at which upper and lower
    skin meet."""

    upper: torch.Tensor
    lower: torch.Tensor
    ball: torch.Tensor
    below_upper: torch.Tensor
    below_lower: torch.Tensor
    below_middle: torch.Tensor


class Eye:
    """The eye on one side (0 left, 1 right of the picture) of a face with the given source points (478, 3)."""

    def __init__(self, source: torch.Tensor, surface: MeshTopology, side: int):
        lids = surface.upper[side], surface.lower[side]
        outer, inner = surface.corners[side]
        self.upper = torch.tensor(surface.row(*lids, len(source)))
        self.lower = torch.tensor(surface.row(*lids[::-1], len(source)))
        self.curves = [torch.tensor([outer, *lid, inner] if side == 0 else [inner, *lid[::-1], outer]) for lid in lids]
        self.iris = torch.tensor(list(surface.irises[side]))
        self.source = source[:, :2]
        self.dark = torch.zeros(len(self.curves[0]))  # see dark_above
        self.radius = (self.source[self.iris[1:]] - self.source[self.iris[0]]).norm(dim=-1).mean()

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the part of the picture in which the eye is made of layers."""
        low, high = self.source[torch.cat(self.curves)].aminmax(dim=0)
        return (*(low - torch.tensor(MARGIN)).tolist(), *(high + torch.tensor(MARGIN)).tolist())

    def layers_of(
        self,
        sums: torch.Tensor,
        parts: list[torch.Tensor],
        plane: torch.Tensor,
        head: torch.Tensor,
        x: torch.Tensor,
        y: torch.Tensor,
    ) -> EyeLayers:
        """The eye's three layers at nodes x, y, from the weighted sums (B, 7, rows, columns) of the skin around it
        and of either lid (`parts`)."""
        upper, lower = (height_at(plane[:, curve], x)[:, None] for curve in self.curves)  # (B, 1, columns)
        start, end = (plane[:, self.curves[0][k], :1] for k in (0, -1))
        within = smoothstep((x - start) / TAPER + 1) * smoothstep((end - x) / TAPER + 1)
        within = within[:, None, None]  # (B, 1, 1, columns)
        above = quotient(sums + parts[0] + parts[1] * (1 - within), x, y)
        below = quotient(sums + parts[1] + parts[0] * (1 - within), x, y)
        ball, gaze, travel = self._ball(plane, head, x, y[:, None], upper, lower)
        row = y[:, None]
        dark = height_at(torch.stack([plane[:, self.curves[0], 0], self.dark.expand(len(plane), -1)], -1), x)[:, None]
        above[:, 1] -= dark * smoothstep(travel / CLOSED) * smoothstep(1 - (upper - row) / (LID[0] + LID[1] * dark))
        above += self._along(0, plane, x, gaze) * smoothstep(1 - (upper - row) / LASHES)[:, None]
        below += self._along(1, plane, x, gaze) * smoothstep(1 - (row - lower) / LASHES)[:, None]
        return EyeLayers(above, below, ball, row - upper, row - lower, row - (upper + lower) / 2)

    def _along(self, lid: int, plane: torch.Tensor, x: torch.Tensor, gaze: torch.Tensor) -> torch.Tensor:
        """`gaze` (B, 1, columns) along x as a displacement (B, 2, 1, columns) along the lid (0 upper, 1 lower), so
        that lashes stay on it."""
        points = plane[:, self.curves[lid]]
        return torch.stack([gaze, height_at(points, x + gaze[:, 0])[:, None] - height_at(points, x)[:, None]], 1)

    def _ball(self, plane, head, x, y, upper, lower) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The eyeball's displacement (B, 2, rows, columns), affine by the two corners plus the iris's own shift
        around the iris; of that shift the part along x, and how far the upper lid has come down, both (B, 1,
        columns)."""
        e, c = self._socket(plane, head)
        ends = (plane[:, self.curves[0][k], :1] for k in (0, -1))
        centre = plane[:, self.iris].mean(1)
        gaze = self.source[self.iris].mean(0) - centre - (e @ centre[..., None])[..., 0] - c
        gaze = gaze[:, :, None] * _bump(x, centre[:, :1], *ends, 1.1 * self.radius)[:, None]  # (B, 2, columns)
        shift = e[:, :, 0, None] * x + c[:, :, None] + gaze
        ball = e[:, :, 1, None, None] * y + shift[:, :, None]  # (B, 2, rows, columns)
        photo_x = x + shift[:, 0] + e[:, 0, 1, None] * ((upper + lower) / 2)[:, 0]
        photo = [height_at(self.source[curve][None], photo_x)[:, None] for curve in self.curves]
        sampled_lids = [edge * (1 + e[:, 1, 1, None, None]) + shift[:, 1, None] for edge in (upper, lower)]
        ball[:, 1] += _keep_opening(y + ball[:, 1], photo, sampled_lids)
        return ball, gaze[:, :1], sampled_lids[0] - gaze[:, 1:] - photo[0]

    def _socket(self, plane: torch.Tensor, head: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """E (B, 2, 2) and c (B, 2) that move the two corners exactly, and across them as the head moves."""
        first, last = (plane[:, self.curves[0][k]] for k in (0, -1))
        shifts = [self.source[self.curves[0][k]] - point for k, point in ((0, first), (-1, last))]
        axis = last - first
        axis = axis / (axis * axis).sum(-1, keepdim=True).clamp_min(1e-4).sqrt()
        length = ((last - first) * axis).sum(-1)[:, None, None].clamp_min(1e-2)
        along = axis[:, :, None] @ axis[:, None]
        e = (shifts[1] - shifts[0])[:, :, None] @ axis[:, None] / length + head @ (torch.eye(2) - along)
        return e, (shifts[0] + shifts[1]) / 2 - (e @ ((first + last) / 2)[..., None])[..., 0]


def dark_above(grey: torch.Tensor, curve: torch.Tensor, unit: float) -> torch.Tensor:
    """Height (9,) in eye distances of the dark above an upper lid's points (9, 2; picture pixels), less a lash line;
    0 at the corners.

    Deep-set or roughly placed lids have iris or shadow above the mesh's lid, which must not come down with it. From
    the darkest place near the point upwards the lid begins where `grey` (H, W) has gone 60 % of the way to the
    brightest place; `unit` is pixels in an eye distance.
    """
    steps = torch.arange(-0.024, 0.1, 0.004)
    x = curve[1:-1, 0, None] + torch.tensor([-0.01, 0.0, 0.01])[:, None, None] * unit
    y = curve[1:-1, 1, None] - steps * unit
    x, y = (axis.round().long().clamp(0, grey.shape[k] - 1) for k, axis in ((1, x), (0, y)))
    profile = grey[y, x].mean(0)  # (7, steps)
    low = profile[:, : int((steps < 0.04).sum())].argmin(1, keepdim=True)
    after = torch.arange(len(steps)) >= low
    darkest = profile.gather(1, low)
    brightest = torch.where(after, profile, -1.0).amax(1, keepdim=True)
    begun = after & (profile >= darkest + 0.6 * (brightest - darkest))
    height = torch.where(begun, steps, 1.0).amin(1).clamp(0, 0.06)
    ends = torch.cat([height[:1], height, height[-1:]])
    middle = torch.stack([ends[:-2], ends[1:-1], ends[2:]]).median(0).values
    return torch.nn.functional.pad((middle - LASH_LINE).clamp_min(0), (1, 1))


def flatten(layers: EyeLayers, edge: float) -> torch.Tensor:
    """One displacement (B, 2, rows, columns) of the three layers: whichever is in front, with edges 2 x `edge`
    wide."""
    side = (layers.below_middle / edge).clamp(-1, 1)[:, None] / 2 + 0.5
    opening = ((layers.below_upper / edge).clamp(0, 1) * (-layers.below_lower / edge).clamp(0, 1))[:, None]
    skin = layers.upper + side * (layers.lower - layers.upper)
    return skin + opening * (layers.ball - skin)


def stacked(layers: EyeLayers) -> torch.Tensor:
    """The layers one after the other: (B, 9, rows, columns)."""
    return torch.cat([part if part.ndim == 4 else part[:, None] for part in layers], 1)


def quotient(sums: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(sum w E z + sum w c) / sum w at all nodes: (B, 2, rows, columns) of sums (B, 7, rows, columns)."""
    a, b, c, d, e, f, w = sums.unbind(1)
    one = 1 / w
    return torch.stack([(a * x + b * y[:, None] + e) * one, (c * x + d * y[:, None] + f) * one], 1)


def _keep_opening(sampled: torch.Tensor, photo: list[torch.Tensor], sampled_lids: list[torch.Tensor]) -> torch.Tensor:
    """What must be added to `sampled`, the sampled places (B, rows, columns), so that an opening whose lids sample
    `sampled_lids`, wider than the photo's lids `photo` (upper, lower; (B, 1, columns)) or off them, still shows only
    the photo's opening.
    """
    pivot = (photo[0] + photo[1]) / 2
    above = ((pivot - photo[0]).clamp_min(1e-3) / (pivot - sampled_lids[0]).clamp_min(1e-3)).clamp(max=1)
    below = ((photo[1] - pivot).clamp_min(1e-3) / (sampled_lids[1] - pivot).clamp_min(1e-3)).clamp(max=1)
    return (sampled - pivot) * (torch.where(sampled < pivot, above, below) - 1)


def height_at(points: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """y (B, columns) at x of the line through points (B, K, 2) that go from left to right; flat beyond its ends."""
    steps = points[:, 1:] - points[:, :-1]
    t = ((x[..., None, :] - points[:, :-1, :1]) / steps[..., :1].clamp_min(1e-4)).clamp(0, 1)
    return points[:, 0, 1:] + (t * steps[..., 1:]).sum(1)


def _bump(x, centre, left, right, radius) -> torch.Tensor:
    """At x, 1 within `radius` of the centre, falling to 0 at `left` and `right` (each (B, 1)): (B, columns)."""
    room = torch.where(x < centre, centre - left, right - centre) - radius
    return smoothstep(1 - ((x - centre).abs() - radius) / room.clamp_min(0.03))
