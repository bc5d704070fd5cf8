"""The same networks, rewritten so that they run faster and give the same: normalisation folded into convolutions,
doubling and convolution in one step, the last layer four pixels at a time, memory in channels-last order.

Conventions: those of blocks.py. Everything here is exact algebra; only the order of additions differs.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from animate.fomm.blocks import DownBlock, ResBlock, SameBlock, UpBlock
from animate.fomm.networks import FommNetwork


class Folded(nn.Module):
    """A SameBlock without its normalisation; a DownBlock with `halve`."""

    def __init__(self, block: SameBlock, *, halve: bool):
        super().__init__()
        self.conv, self.halve = fuse_conv_bn_eval(block.conv, block.norm), halve

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu_(self.conv(x))
        return F.avg_pool2d(x, 2) if self.halve else x


class FoldedUp(nn.Module):
    """An UpBlock as one transposed convolution: of nine products a pixel only four are different."""

    def __init__(self, block: UpBlock):
        super().__init__()
        plain = fuse_conv_bn_eval(block.conv, block.norm)
        self.conv = nn.ConvTranspose2d(plain.in_channels, plain.out_channels, 4, stride=2, padding=1, device="meta")
        self.conv.weight, self.conv.bias = nn.Parameter(_doubling(plain.weight.data)), plain.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu_(self.conv(x))


class FoldedRes(nn.Module):
    """A ResBlock whose second normalisation is part of the first convolution."""

    def __init__(self, block: ResBlock):
        super().__init__()
        scale, shift = _affine(block.norm1)
        self.scale, self.shift = (nn.Parameter(part[:, None, None]) for part in (scale, shift))
        self.conv1, self.conv2 = Winograd(fuse_conv_bn_eval(block.conv1, block.norm2)), Winograd(block.conv2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = F.relu_(self.conv1(F.relu_(torch.addcmul(self.shift, x, self.scale))))
        return self.conv2(inner).add_(x)


class Winograd(nn.Module):
    """A 3 x 3 convolution that keeps the size with half the products: F(4, 3) along the rows (Lavin and Gray 2016).

    Six pixels of a row are the coefficients of a polynomial; at six points a product of polynomials is six products.
    Maps whose width is no multiple of four are left to the plain convolution.
    """

    POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)  # and infinity; these lose fewer digits than 2 and -2 (Barabasz et al. 2020)

    def __init__(self, plain: nn.Conv2d):
        super().__init__()
        self.plain = plain
        before, taps, after = (torch.from_numpy(matrix) for matrix in _toom_cook(self.POINTS, 4, 3))
        weight = torch.einsum("kx,abyx->kaby", taps, plain.weight.data.double()).float()
        self.taps = nn.ParameterList(nn.Parameter(part[..., None]) for part in weight)  # six of (after, before, 3, 1)
        self.register_buffer("before", before.float())
        self.register_buffer("after", after.float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count, channels, height, width = x.shape
        if width % 4:
            return self.plain(x)
        rows = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1))  # (B, H, W + 2, C)
        tiles = rows.unfold(2, 6, 4).permute(4, 0, 1, 2, 3)  # (6, B, H, W / 4, C)
        transformed = (
            (self.before @ tiles.reshape(6, -1)).view(6, count, height, width // 4, channels).permute(0, 1, 4, 2, 3)
        )
        parts = [F.conv2d(part, taps, padding=(1, 0)) for part, taps in zip(transformed, self.taps, strict=True)]
        parts = torch.stack([part.permute(0, 2, 3, 1) for part in parts])  # (6, B, H, W / 4, C')
        made = (self.after @ parts.view(6, -1)).view(4, *parts.shape[1:]).permute(1, 2, 3, 0, 4)
        return made.reshape(count, height, width, -1).add_(self.plain.bias).permute(0, 3, 1, 2)


class FourAtOnce(nn.Module):
    """A convolution to few channels, odd side, that keeps the size: each 2 x 2 pixels of its output as one of a
    convolution with stride 2, so that vector units are not mostly idle. Height and width must be even."""

    def __init__(self, plain: nn.Conv2d):
        super().__init__()
        count, before, side, _ = plain.weight.shape
        self.conv = nn.Conv2d(before, 4 * count, side + 1, stride=2, padding=side // 2, device="meta")
        weight = torch.zeros(count, 2, 2, before, side + 1, side + 1)
        for row in (0, 1):
            for column in (0, 1):
                weight[:, row, column, :, row : row + side, column : column + side] = plain.weight.data
        self.conv.weight = nn.Parameter(weight.flatten(0, 2))
        self.conv.bias = nn.Parameter(plain.bias.data.repeat_interleave(4))

    @property
    def weight(self) -> torch.Tensor:
        """The weight, whose precision is that of the layer."""
        return self.conv.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(self.conv(x), 2)


def fast(network: FommNetwork, *, dtype: torch.dtype = torch.float32, keep: bool = True) -> FommNetwork:
    """A copy of networks for inference; in float32 its pictures differ by rounding, less than 1e-5.

    With bfloat16 the convolutions of the generator compute in that; keypoints, positions and sampling never do.
    Unless `keep`, the networks themselves are rewritten, which spares memory.
    """
    made = (copy.deepcopy(network) if keep else network).eval()
    _replace(made)
    made.generator.final = FourAtOnce(made.generator.final)
    made = made.requires_grad_(False).to(memory_format=torch.channels_last)
    made.generator.to(dtype)
    made.generator.dense_motion_network.down.float()
    return made


def _affine(norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """What a normalisation multiplies by and adds, reckoned in double precision."""
    scale = norm.weight.data.double() / (norm.running_var.double() + norm.eps).sqrt()
    return scale.float(), (norm.bias.data.double() - norm.running_mean.double() * scale).float()


def _toom_cook(points: tuple[float, ...], outputs: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices A, B, C such that C ((B g) * (A d)) are the `outputs` sums of a row d of n = outputs + taps - 1 samples
    under taps g, by n - 1 `points` and infinity. A and C are exact in any binary precision; B carries the fractions."""
    n = outputs + taps - 1
    before, weigh = np.zeros((n, n)), np.zeros((n, taps))
    for k, point in enumerate(points):
        others = np.array([other for other in points if other != point])
        before[k, : n - 1] = np.poly(others)[::-1]
        weigh[k] = point ** np.arange(taps) / np.prod(point - others)
    before[-1], weigh[-1, -1] = np.poly(points)[::-1], 1
    after = np.zeros((outputs, n))
    after[:, :-1] = np.array(points) ** np.arange(outputs)[:, None]
    after[-1, -1] = 1
    return before, weigh, after


def _doubling(weight: torch.Tensor) -> torch.Tensor:
    """The (before, after, 4, 4) weight of a transposed convolution with stride 2 and padding 1 that does what doubling
    and then a 3 x 3 convolution of `weight` (after, before, 3, 3) do: pixel 2 p + a of the output sees cell p + d
    through the taps that fall on it, and tap 1 + a - 2 d of the transposed one."""
    spread = weight.new_zeros(4, 3)
    for a in (0, 1):
        for tap in range(3):
            cell = (a + tap - 1) // 2
            spread[1 + a - 2 * cell, tap] += 1
    return torch.einsum("ri,cj,xyij->yxrc", spread, spread, weight).contiguous()


def _replace(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, UpBlock):
            setattr(module, name, FoldedUp(child))
        elif isinstance(child, SameBlock):
            setattr(module, name, Folded(child, halve=isinstance(child, DownBlock)))
        elif isinstance(child, ResBlock):
            setattr(module, name, FoldedRes(child))
        else:
            _replace(child)
