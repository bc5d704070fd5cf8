"""The dense-motion network: sees photo, moved photo, first-order flow and both faces' structure, corrects the flow and the light.

Conventions: those of blocks.py; pictures are in 0..1, flow in pixels of the full size n. Everything here is a quarter of that size.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from animate.model.blocks import Scale, act, conv, double, faint, join
from animate.model.structure import CHANNELS

FLOW_UNIT = 0.03  # of the picture's side: flow and residual are counted in this inside the network
TONE_UNIT = 0.1  # of the range from black to white: light is counted in this inside the network
SEEN = 2.0  # logit of the occlusion map at the start: nearly everything is visible


class Refiner(nn.Module):
    """A small U-Net; its last layer starts near zero: untrained, it leaves the first-order flow nearly as it is."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 96)):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Scale(3 + 3 + 2 + 2 * CHANNELS, fine)
        self.down = Scale(fine, middle, stride=2)
        self.deep = Scale(middle, coarse, stride=2)
        self.up = conv(coarse + middle, middle)
        self.out = conv(middle + fine, fine)
        self.light = faint(nn.Conv2d(coarse, 3, 3, 1, 1))
        self.motion = faint(nn.Conv2d(fine, 2, 3, 1, 1))
        self.seen = faint(nn.Conv2d(fine, 1, 3, 1, 1), SEEN)

    def forward(self, photo: torch.Tensor, moved: torch.Tensor, flow: torch.Tensor, structure: torch.Tensor,
                driven: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Residual flow (B, 2, n/4, n/4) in pixels, occlusion (B, 1, n/4, n/4) in 0..1, 0 where the photo hides it, and tone
        (B, 3, n/16, n/16), what a turned face's light adds to colours in 0..1; all float32.

        `photo` (B, 3, n/4, n/4) and `structure` (B, 6, n/4, n/4) are the source's, `driven` is the new face's structure.
        """
        unit = FLOW_UNIT * 4 * photo.shape[-1]
        fine = self.stem(join([photo * 2 - 1, moved * 2 - 1, flow / unit, structure, driven], self.stem.change))
        middle = self.down(fine)
        coarse = self.deep(middle)
        middle = act(self.up(join([double(coarse), middle], self.up)))
        fine = act(self.out(join([double(middle), fine], self.out)))
        tone = TONE_UNIT * self.light(coarse).float()
        return self.motion(fine).float() * unit, torch.sigmoid(self.seen(fine).float()), tone


def quarter(x: torch.Tensor) -> torch.Tensor:
    """A quarter of the size, averaged."""
    return F.avg_pool2d(x, 4)
