"""The encoder that refiner and shading network share: its inputs, and three scales down to a sixteenth of the size.

Conventions: those of blocks.py; pictures are in 0..1, flow in pixels of the full size n. Inputs have a quarter of
that size.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from animate.model.nets.blocks import Scale, concat
from animate.model.nets.face_masks import CHANNELS

FLOW_UNIT = 0.03  # of the picture's side: flow is counted in this inside the networks
INPUTS = 3 + 3 + 2 + 2 * CHANNELS


class FlowEncoder(nn.Module):
    """Three scales, each of a convolution and a residual block."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Scale(INPUTS, fine)
        self.down = Scale(fine, middle, stride=2)
        self.deep = Scale(middle, coarse, stride=2)

    def maps(self, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features at a quarter, an eighth and a sixteenth of the size, of `encoder_inputs`."""
        fine = self.stem(concat(inputs, self.stem.change))
        middle = self.down(fine)
        return fine, middle, self.deep(middle)


def encoder_inputs(
    photo: torch.Tensor, moved: torch.Tensor, flow: torch.Tensor, structure: torch.Tensor, driven: torch.Tensor
) -> list[torch.Tensor]:
    """The inputs of both networks: photo and moved photo (B, 3, n/4, n/4), first-order flow (B, 2, n/4, n/4) in pixels,
    structure (B, 6, n/4, n/4) of the photo and of the driven face.
    """
    return [photo * 2 - 1, moved * 2 - 1, flow / flow_unit(photo), structure, driven]


def flow_unit(inputs: torch.Tensor) -> float:
    """The unit of flow in pixels of the full size, for maps (B, C, n/4, n/4)."""
    return FLOW_UNIT * 4 * inputs.shape[-1]


def quarter(x: torch.Tensor) -> torch.Tensor:
    """A quarter of the size, averaged."""
    return F.avg_pool2d(x, 4)
