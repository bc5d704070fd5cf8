"""Closed lids, which hardly any photograph shows: skin continued over the eye, and the line of the lashes on it.

Conventions: pictures are (B, 3, n, n) in 0..1, points (B, 478, 2 or 3) in their pixels. An eye has coordinates of its
own, in eye widths: u from its outer corner (0) to its inner one (1), v down from the line through both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from animate.core.numerics import LUMA
from animate.model.nets.face_masks import Contours
from animate.model.warp.eye_layers import height_at
from animate.model.warp.sampling import sample_at, sample_normalised, smoothstep

U, V = (-0.5, 1.5, 89), (-0.9, 0.9, 81)  # first, last and number of the places at which an eye is computed
# The same of the lashes' pattern, v counted from the line between the lids.
LASH_U, LASH_V = (-0.2, 1.2, 71), (-0.25, 0.25, 51)
ABOVE, BELOW, BESIDE = 0.25, 0.2, 0.1  # how far beyond the open eye its lids are synthesized
EDGE, SIDE_EDGE = 0.4, 0.12  # width of the transition to the photograph
# The same of the whole eye, lids and skin around, in the moved picture.
WHOLE = {"above": 0.5, "below": 0.3, "edge": 0.4, "beside": 0.2}
# From how far skin is continued: sigmas of a narrow Gaussian, and of a wide one where that has no support.
NEAR, FAR = 0.1, 0.25
SKIN = 0.3, 0.6  # lightness over that of the skin below the eye: from brows and frames of glasses to skin
OWN_DARK = 0.05  # part of the open eye that is as dark as its lashes
DEEPER, FINER = 5.0, 1.7  # lashes are darker and finer than a mean of many that do not quite lie on each other
# How much darker than skin, and how many eye widths off the open eye: brows and glasses, which stay.
DARKER, AWAY = (0.3, 0.5), (0.14, 0.24)
LOWER = 0.05  # eye widths that the lashes stand below the points of closed lids
CLOSING = (0.55, 0.9)  # part of its opening that an eye has closed: from no synthesized lid to a whole one
# Eye widths that an eye is open in the photograph: from closed, where nothing is synthesized, to open.
OPEN = 0.05, 0.12


class EyeFrame(NamedTuple):
    """Where the coordinates of B eyes lie in a picture."""

    outer: torch.Tensor  # (B, 2)
    width: torch.Tensor  # (B, 1)
    along: torch.Tensor  # (B, 2)
    down: torch.Tensor  # (B, 2)

    def into(self, places: torch.Tensor) -> torch.Tensor:
        """(u, v) of pixels (B, ..., 2)."""
        shape = (len(self.outer), *[1] * (places.ndim - 2), 2)
        off = places - self.outer.view(shape)
        return torch.stack(
            [(off * axis.view(shape)).sum(-1) for axis in (self.along, self.down)], -1
        ) / self.width.view(*shape[:-1], 1)

    def out(self, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Pixels (B, rows, columns, 2) of columns u and rows v."""
        along, down = (axis[:, None, None] * self.width[:, None, None] for axis in (self.along, self.down))
        return self.outer[:, None, None] + u[:, None] * along + v[:, None, None] * down


class EyelidSynthesizer(nn.Module):
    """Synthesizes lids as far as eyes that the photograph shows open have closed. `lashes` (51, 71) is the usual
    logarithm of brightness across closed lids over that of the skin around; it is measured in recordings
    (train/lashes.py), not learnt.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("lashes", torch.zeros(LASH_V[2], LASH_U[2]))

    @torch.no_grad()
    def forward(
        self, photo: torch.Tensor, tone: torch.Tensor, source: torch.Tensor, driven: torch.Tensor, outlines: Contours
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Colour (B, 3, n, n) of eyes with their lids and how much they cover (B, 1, n, n) of a picture of the face at
        points `driven` (B, 478, 3): the eyes of `photo` (B or 1, 3, n, n), there at `source`, with the colour offset
        `tone` (B, 3, n, n).
        """
        layer = sum(
            self._eye(photo, tone, source[:, list(ring)].float(), driven[:, list(ring)].float(), side)
            for side, ring in enumerate(outlines.eyes)
        )
        cover = layer[:, 3:].clamp(max=1)
        return layer[:, :3] / layer[:, 3:].clamp_min(1e-4), cover

    def _eye(self, photo, tone, source, driven, side: int) -> torch.Tensor:
        """Colour times cover, and cover (B, 4, n, n), of the eye with points (B, 16, 3) in a ring from its
        outer corner.

        It is the photograph's own eye that is closed, where it lies now: around lids that come down far,
        moved skin is stretched.
        """
        frames = [frame(ring, side) for ring in (source, driven)]
        share = closing(*(frame.into(ring[..., :2]) for frame, ring in zip(frames, (source, driven), strict=True)))
        if not share.any():
            return tone.new_zeros(len(driven), 4, *tone.shape[-2:])
        u, v = (torch.linspace(*part, device=tone.device) for part in (U, V))
        eye = sampled(photo.expand(len(source), -1, -1, -1), frames[0].out(u, v))
        upper, lower = lid_curves(frames[0].into(source[..., :2]), u)
        line = sum(lid_curves(frames[1].into(driven[..., :2]), u)) / 2 + LOWER
        inside = around(upper, lower, u, v)
        skin = fill_from_surroundings(eye, inside)
        lashes = 1 - (DEEPER * self._lashes(u, v[:, None] - line[:, None])).exp()
        dark = darkest_colour(eye, upper, lower, u, v)[..., None, None]
        lid = skin + lashes[:, None] * (torch.minimum(dark, skin) - skin)
        eye = eye + (inside * protect_mask(eye, skin, upper, lower, v))[:, None] * (lid - eye)
        cover = (around(upper, lower, u, v, **WHOLE) * share[:, None, None])[:, None]
        return laid(
            torch.cat([(eye + sampled(tone, frames[1].out(u, v))) * cover, cover], 1), frames[1], tone.shape[-1]
        )

    def _lashes(self, u: torch.Tensor, off: torch.Tensor) -> torch.Tensor:
        """The pattern (B, rows, columns) at columns u and `off` (B, rows, columns) below the line between the lids."""
        x = unit(u, LASH_U).expand(off.shape)
        places = torch.stack([x, unit(off * FINER, LASH_V)], -1)
        return sample_normalised(self.lashes[None, None], places[:, None], aligned=True)[:, 0, 0]


def laid(layer: torch.Tensor, frame: EyeFrame, size: int) -> torch.Tensor:
    """A layer (B, 4, rows, columns) of an eye brought to the picture (B, 4, size, size)."""
    corners = frame.out(layer.new_tensor(U[:2]), layer.new_tensor(V[:2])).flatten(0, 2)
    (left, top), (right, bottom) = (
        (edge + 0.5).clamp(0, size).int().tolist() for edge in (corners.amin(0) - 1, corners.amax(0) + 1)
    )
    x, y = (torch.arange(*part, device=layer.device, dtype=torch.float32) for part in ((left, right), (top, bottom)))
    u, v = frame.into(torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).expand(len(layer), -1, -1, -1)).unbind(-1)
    canvas = layer.new_zeros(len(layer), 4, size, size)
    places = torch.stack([unit(u, U), unit(v, V)], -1)
    canvas[:, :, top:bottom, left:right] = sample_normalised(layer, places[:, None], aligned=True)[:, 0]
    return canvas


def frame(ring: torch.Tensor, side: int) -> EyeFrame:
    """The coordinates of eyes with points (B, 16, 2 or 3), on one side (0 left, 1 right of the picture)."""
    outer, inner = ring[:, 0, :2], ring[:, 8, :2]
    width = (inner - outer).norm(dim=-1, keepdim=True).clamp_min(1e-3)
    along = (inner - outer) / width
    down = torch.stack([-along[:, 1], along[:, 0]], -1)
    return EyeFrame(outer, width, along, down if side == 0 else -down)


def lid_curves(ring: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """v (B, columns) at u of the upper and the lower lid of eyes (B, 16, 2) in their own coordinates."""
    return height_at(ring[:, :9], u), height_at(ring[:, [0, *range(15, 7, -1)]], u)


def closing(source: torch.Tensor, driven: torch.Tensor) -> torch.Tensor:
    """How much of their lids is synthesized (B,) for eyes (B, 16, 2) in their own coordinates."""
    own, now = (gap(ring) for ring in (source, driven))
    return smoothstep(1 - now / own.clamp_min(OPEN[0]), *CLOSING) * smoothstep(own, *OPEN)


def gap(ring: torch.Tensor) -> torch.Tensor:
    """Mean opening (B,) of eyes (B, 16, 2), in eye widths."""
    return (ring[:, [14, 13, 12, 11, 10], 1] - ring[:, 2:7, 1]).mean(1)


def around(
    upper: torch.Tensor,
    lower: torch.Tensor,
    u: torch.Tensor,
    v: torch.Tensor,
    *,
    above: float = ABOVE,
    below: float = BELOW,
    edge: float = EDGE,
    beside: float = BESIDE,
) -> torch.Tensor:
    """Where the lids are synthesized (B, rows, columns): the eye that lies open between curves (B, columns), and
    its surroundings.
    """
    rows = v[:, None]
    upright = [
        smoothstep(off / edge + 0.5, 0, 1) for off in (rows - upper[:, None] + above, lower[:, None] + below - rows)
    ]
    sideways = [smoothstep(off / SIDE_EDGE + 0.5, 0, 1) for off in (u + beside, 1 + beside - u)]
    return upright[0] * upright[1] * sideways[0] * sideways[1]


def fill_from_surroundings(now: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """The skin around an eye (B, 3, rows, columns) continued into it: normalised convolution (Knutsson and
    Westin 1993).
    """
    lightness, outside = grey(now), inside <= 0.02
    ring = outside & below_eye(now.device)
    usual = (lightness * ring).sum((1, 2)) / ring.sum((1, 2)).clamp_min(1)
    weight = (outside * smoothstep(lightness / usual[:, None, None].clamp_min(1e-3), *SKIN) + 1e-6)[:, None]
    stack = torch.cat([now * weight, weight], 1)[..., ::2, ::2]  # skin is smooth: every other place will do
    narrow, wide = (blur(stack, sigma) for sigma in (NEAR, FAR))
    skin = (narrow[:, :3] + 0.05 * wide[:, :3] / wide[:, 3:]) / (narrow[:, 3:] + 0.05)
    return F.interpolate(skin, size=now.shape[-2:], mode="bilinear", align_corners=True)


def protect_mask(
    now: torch.Tensor, skin: torch.Tensor, upper: torch.Tensor, lower: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """0 where something much darker than skin (B, 3, rows, columns) crosses the picture away from the open eye: brows,
    frames of glasses.
    """
    darker = 1 - grey(now) / grey(skin).clamp_min(1e-3)
    away = torch.maximum(upper[:, None] - v[:, None], v[:, None] - lower[:, None])
    return 1 - smoothstep(darker, *DARKER) * smoothstep(away, *AWAY)


def below_eye(device: torch.device) -> torch.Tensor:
    """Which places (rows, columns) lie below an eye, where there are neither brows nor hair."""
    u, v = (torch.linspace(*part, device=device) for part in (U, V))
    return (v > 0)[:, None] & (u > -0.1) & (u < 1.1)


def darkest_colour(
    before: torch.Tensor, upper: torch.Tensor, lower: torch.Tensor, u: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """Colour (B, 3) of what is darkest in eyes (B, 3, rows, columns) that are open: pupil and lashes, as black as this
    print has them.
    """
    eye = (v[:, None] > upper[:, None] - 0.04) & (v[:, None] < lower[:, None] + 0.02) & (u > 0.1) & (u < 0.9)
    lightness = torch.where(eye, grey(before), torch.nan)
    limit = torch.nanquantile(lightness.flatten(1), OWN_DARK, dim=1)[:, None, None]
    darkest = (lightness <= limit)[:, None]
    return (before * darkest).sum((2, 3)) / darkest.sum((2, 3)).clamp_min(1)


def sampled(picture: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """A picture (B, 3, n, n) at pixels (B, rows, columns, 2)."""
    return sample_at(picture.float(), (2 * places + 1) / picture.shape[-1] - 1)


def blur(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """Maps (B, C, rows, columns) of an eye, from first to last place, under a Gaussian of `sigma` eye widths; beyond
    lies nothing.
    """
    for dim, (first, last, _) in ((2, V), (3, U)):
        spread = sigma * (x.shape[dim] - 1) / (last - first)
        reach = int(3 * spread)
        kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=x.device) / spread) ** 2)
        kernel = (kernel / kernel.sum()).view(1, 1, *((-1, 1) if dim == 2 else (1, -1)))
        pad = (reach, 0) if dim == 2 else (0, reach)
        x = F.conv2d(x.flatten(0, 1)[:, None], kernel, padding=pad).view(x.shape)
    return x


def grey(x: torch.Tensor) -> torch.Tensor:
    """Lightness (B, rows, columns) of colours (B, 3, rows, columns)."""
    return sum(part * x[:, k] for k, part in enumerate(LUMA))


def unit(x: torch.Tensor, places: tuple[float, float, int]) -> torch.Tensor:
    """x in -1..1 from the first of the places to the last."""
    return 2 * (x - places[0]) / (places[1] - places[0]) - 1
