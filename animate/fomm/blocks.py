"""Blocks of the First Order Motion Model with the names of the published checkpoints (Siarohin et al., NeurIPS 2019).

Conventions: maps are (B, C, H, W). Positions are normalised, (x, y) in -1..1 with -1 and 1 at the first and last
pixel's centre. A block computes in the precision and layout of what it is given.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class SameBlock(nn.Module):
    """Convolution, normalisation, ReLU; the size stays."""

    def __init__(self, before: int, after: int, *, side: int = 3):
        super().__init__()
        self.conv = nn.Conv2d(before, after, side, padding=side // 2)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)))


class DownBlock(SameBlock):
    """SameBlock, then the mean of each 2 x 2."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(super().forward(x), 2)


class UpBlock(SameBlock):
    """Each cell four times, then SameBlock."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(F.interpolate(x, scale_factor=2, mode="nearest"))


class ResBlock(nn.Module):
    """x + two convolutions of x, each after normalisation and ReLU."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(inner)))


class HourglassEncoder(nn.Module):
    """The way down of an hourglass: the input and the map after each block."""

    def __init__(self, before: int, widths: list[int]):
        super().__init__()
        self.down_blocks = nn.ModuleList(DownBlock(a, b) for a, b in zip([before, *widths], widths, strict=False))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = [x]
        for block in self.down_blocks:
            features.append(block(features[-1]))
        return features


class HourglassDecoder(nn.Module):
    """The way up of an hourglass, each step concatenated with the map of that size from the way down."""

    def __init__(self, widths: list[int], last: int):
        super().__init__()
        after = [*widths[-2::-1], last]  # widths of the way down, backwards
        before = [widths[-1], *(2 * width for width in widths[-2::-1])]
        self.up_blocks = nn.ModuleList(UpBlock(a, b) for a, b in zip(before, after, strict=True))

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        x = maps[-1]
        for block, skip in zip(self.up_blocks, maps[-2::-1], strict=True):
            x = torch.cat([block(x), skip], 1)
        return x


class Hourglass(nn.Module):
    """Encoder and decoder; it gives `width` maps and, concatenated, its input."""

    def __init__(self, before: int, *, width: int, most: int, blocks: int):
        super().__init__()
        widths = [min(most, width * 2 ** (k + 1)) for k in range(blocks)]
        self.encoder, self.decoder = HourglassEncoder(before, widths), HourglassDecoder(widths, min(most, width))
        self.width = min(most, width) + before

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encoder(x))


class Shrink(nn.Module):
    """Every n-th pixel of a picture after a Gaussian, n = 1 / scale; beyond the border the picture is black."""

    def __init__(self, channels: int, scale: float):
        super().__init__()
        self.step = round(1 / scale)
        sigma = (1 / scale - 1) / 2
        side = 2 * round(4 * sigma) + 1
        line = torch.exp(-((torch.arange(side, dtype=torch.float32) - side // 2) ** 2) / (2 * sigma**2))
        kernel = line[:, None] * line
        self.register_buffer("weight", (kernel / kernel.sum()).expand(channels, 1, side, side).clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, stride=self.step, padding=self.weight.shape[-1] // 2, groups=len(self.weight))


def shrink(channels: int, scale: float) -> nn.Module:
    """Shrink, or nothing at scale 1, which has no state."""
    return nn.Identity() if scale == 1 else Shrink(channels, scale)


def positions(like: torch.Tensor) -> torch.Tensor:
    """The normalised position (H, W, 2) float32 of each pixel of a map (..., H, W)."""
    y, x = (torch.arange(n, dtype=torch.float32, device=like.device) * (2 / (n - 1)) - 1 for n in like.shape[-2:])
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
