"""The shade: a head that turns stays in the light it was in. What its skin gains and loses by that, without any detail.

Conventions: those of descent.py. It shares nothing with the refiner: with one trunk for both, light learnt half as well
on people not seen before.
"""

from __future__ import annotations

import torch
from torch import nn

from animate.model.nets.blocks import init_small
from animate.model.nets.encoder import FlowEncoder

TONE_UNIT = 0.1  # of the range from black to white: light is counted in this inside the network


class ShadingNet(FlowEncoder):
    """The way down only: light has no detail. Untrained, it changes next to nothing."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__(widths)
        self.tone = init_small(nn.Conv2d(widths[-1], 3, 3, 1, 1))

    def forward(self, told: list[torch.Tensor]) -> torch.Tensor:
        """Tone (B, 3, n/16, n/16) float32, to be added to colours in 0..1, of what `tell` says."""
        return TONE_UNIT * self.tone(self.maps(told)[-1]).float()
