"""Blocks of the networks that move and paint: plain 3 x 3 convolutions, and warping along a displacement.

Conventions: maps are (B, C, H, W), channels last in memory; a cell of a map of half the size covers two by two pixels,
so the cells of all scales tile one picture. Displacements (B, 2, H, W), channels (x, y), count pixels of the picture.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from animate.model.warp.sampling import sample_at

SLOPE = 0.1


def conv(before: int, after: int, *, stride: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size of values under LeakyReLU (He et al. 2015)."""
    layer = nn.Conv2d(before, after, 3, stride, 1)
    nn.init.kaiming_normal_(layer.weight, a=SLOPE)
    nn.init.zeros_(layer.bias)
    return layer


def init_small(layer: nn.Conv2d, bias: float = 0.0) -> nn.Conv2d:
    """The layer with weights near zero: at the start its output is nearly constant, yet gradients pass."""
    with torch.no_grad():
        layer.weight.mul_(0.05)
        layer.bias.fill_(bias)
    return layer


def act(x: torch.Tensor) -> torch.Tensor:
    """LeakyReLU."""
    return F.leaky_relu(x, SLOPE)


class Residual(nn.Module):
    """x + two convolutions of x, the second small at the start."""

    def __init__(self, width: int):
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width)
        with torch.no_grad():
            self.second.weight.mul_(0.2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return act(x + self.second(act(self.first(x))))


class Scale(nn.Module):
    """A convolution to another width (and half the size), then a residual block."""

    def __init__(self, before: int, after: int, *, stride: int = 1):
        super().__init__()
        self.change = conv(before, after, stride=stride)
        self.residual = Residual(after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.residual(act(self.change(x)))


def concat(maps: list[torch.Tensor], like: nn.Conv2d) -> torch.Tensor:
    """The maps side by side in the precision that `like` works in, channels last."""
    return torch.cat([cast_like(part, like) for part in maps], 1)


def cast_like(x: torch.Tensor, like: nn.Conv2d) -> torch.Tensor:
    """The map in the precision that `like` works in, channels last."""
    busy = torch.is_autocast_enabled(x.device.type)
    dtype = torch.get_autocast_dtype(x.device.type) if busy else like.weight.dtype
    return x.to(dtype, memory_format=torch.channels_last)


def upsample2x(x: torch.Tensor) -> torch.Tensor:
    """Each cell four times."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def smooth_up(x: torch.Tensor, times: int) -> torch.Tensor:
    """`times` as many cells a side, bilinear between cell centres."""
    return F.interpolate(x, scale_factor=times, mode="bilinear", align_corners=False)


def warp(maps: torch.Tensor, displacement: torch.Tensor, side: int) -> torch.Tensor:
    """Maps (B or 1, C, h, w) sampled at z + displacement(z): (B, C, h, w) float32.

    The displacement (B, 2, H, W) counts pixels of a picture of `side`; one finer than the maps is averaged first.
    """
    height, width = maps.shape[-2:]
    if displacement.shape[-1] != width:
        displacement = F.avg_pool2d(displacement, displacement.shape[-1] // width)
    x = (2 * torch.arange(width, device=maps.device) + 1) / width - 1
    y = (2 * torch.arange(height, device=maps.device) + 1) / height - 1
    moved = displacement.float() * (2 / side)
    grid = torch.stack([moved[:, 0] + x, moved[:, 1] + y[:, None]], -1)
    return sample_at(maps.float().expand(len(grid), -1, -1, -1), grid)
