"""The dense-motion network: sees photo, moved photo, first-order flow and both faces' structure, and corrects the flow; and a second
one that sees the same and corrects the light. They share nothing: together, light learnt half as well on people not seen before.

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
INPUTS = 3 + 3 + 2 + 2 * CHANNELS
SEEN = 2.0  # logit of the occlusion map at the start: nearly everything is visible


class Refiner(nn.Module):
    """A small U-Net; its last layer starts near zero: untrained, it leaves the first-order flow nearly as it is."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 96)):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Scale(INPUTS, fine)
        self.down = Scale(fine, middle, stride=2)
        self.deep = Scale(middle, coarse, stride=2)
        self.up = conv(coarse + middle, middle)
        self.out = conv(middle + fine, fine)
        self.motion = faint(nn.Conv2d(fine, 2, 3, 1, 1))
        self.seen = faint(nn.Conv2d(fine, 1, 3, 1, 1), SEEN)

    def forward(self, seen: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Residual flow (B, 2, n/4, n/4) in pixels and occlusion (B, 1, n/4, n/4) in 0..1, 0 where the photo hides it, both float32,
        of what `view` says."""
        unit = FLOW_UNIT * 4 * seen[0].shape[-1]
        fine = self.stem(join(seen, self.stem.change))
        middle = self.down(fine)
        coarse = self.deep(middle)
        middle = act(self.up(join([double(coarse), middle], self.up)))
        fine = act(self.out(join([double(middle), fine], self.out)))
        return self.motion(fine).float() * unit, torch.sigmoid(self.seen(fine).float())


class Shade(nn.Module):
    """A head that turns stays in the light it was in: what its skin gains and loses by that, without any detail."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 96)):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Scale(INPUTS, fine)
        self.down = Scale(fine, middle, stride=2)
        self.deep = Scale(middle, coarse, stride=2)
        self.tone = faint(nn.Conv2d(coarse, 3, 3, 1, 1))

    def forward(self, seen: list[torch.Tensor]) -> torch.Tensor:
        """Tone (B, 3, n/16, n/16) float32, to be added to colours in 0..1, of what `view` says."""
        return TONE_UNIT * self.tone(self.deep(self.down(self.stem(join(seen, self.stem.change))))).float()


def view(photo: torch.Tensor, moved: torch.Tensor, flow: torch.Tensor, structure: torch.Tensor,
         driven: torch.Tensor) -> list[torch.Tensor]:
    """What both networks are told: photo and moved photo (B, 3, n/4, n/4), first-order flow (B, 2, n/4, n/4) in pixels, structure
    (B, 6, n/4, n/4) of the photo and of the driven face."""
    return [photo * 2 - 1, moved * 2 - 1, flow / (FLOW_UNIT * 4 * photo.shape[-1]), structure, driven]


def quarter(x: torch.Tensor) -> torch.Tensor:
    """A quarter of the size, averaged."""
    return F.avg_pool2d(x, 4)
