"""The shading network: how the brightness of skin changes as a head turns under a fixed light, without any detail.

Conventions: those of encoder.py. It shares no weights with the refiner (docs/experiments.md).
"""

from __future__ import annotations

import torch
from torch import nn

from animate.model.nets.blocks import init_small
from animate.model.nets.encoder import FlowEncoder

TONE_UNIT = 0.1  # of the range from black to white: the unit of shading inside the network


class ShadingNet(FlowEncoder):
    """An encoder only: shading has no detail. Untrained, its output is near zero."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__(widths)
        self.tone = init_small(nn.Conv2d(widths[-1], 3, 3, 1, 1))

    def forward(self, inputs: list[torch.Tensor]) -> torch.Tensor:
        """Tone (B, 3, n/16, n/16) float32, to be added to colours in 0..1, of `encoder_inputs`."""
        return TONE_UNIT * self.tone(self.maps(inputs)[-1]).float()
