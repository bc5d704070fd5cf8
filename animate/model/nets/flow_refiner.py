"""The dense-motion network: corrects the first-order flow from photo, moved photo, flow and both faces' structure.

Conventions: those of encoder.py.
"""

from __future__ import annotations

import torch
from torch import nn

from animate.model.nets.blocks import act, concat, conv, init_small, upsample2x
from animate.model.nets.encoder import FlowEncoder, flow_unit

VISIBLE = 2.0  # logit of the occlusion map at the start: nearly everything is visible


class Refiner(FlowEncoder):
    """A small U-Net; its last layer starts near zero: untrained, it leaves the first-order flow nearly as it is."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__(widths)
        fine, middle, coarse = widths
        self.up = conv(coarse + middle, middle)
        self.out = conv(middle + fine, fine)
        self.motion = init_small(nn.Conv2d(fine, 2, 3, 1, 1))
        self.seen = init_small(nn.Conv2d(fine, 1, 3, 1, 1), VISIBLE)

    def forward(self, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Residual flow (B, 2, n/4, n/4) in pixels and occlusion (B, 1, n/4, n/4) in 0..1, 0 where the photo hides it,
        both float32, of `encoder_inputs`.
        """
        fine, middle, coarse = self.maps(inputs)
        middle = act(self.up(concat([upsample2x(coarse), middle], self.up)))
        fine = act(self.out(concat([upsample2x(middle), fine], self.out)))
        return self.motion(fine).float() * flow_unit(inputs[0]), torch.sigmoid(self.seen(fine).float())
