"""The matte network: an upright square around a person in, the probability that a pixel belongs to people out.

Conventions: crops are (B, 256, 256, 3) uint8 RGB outside and (B, 3, n, n) in -1..1 inside, n a multiple of 32; mattes
are in 0..1. All people in a crop count, not only the one it was made for. BatchNorm is folded into the convolutions
when weights are exported.

A crop is `lowered(crop_from_five(five, size=SIZE, span=SPAN))`: the upright square of the room `faces`, moved down
along the face's own vertical by SHIFT eye distances, so that hats and shoulders are in it; beyond the scan it is
mirrored, so that who is cut by the border looks like somebody there too. Wider crops, (WIDE,
WIDE_SHIFT) and (WHOLE, WHOLE_SHIFT), see trunk and legs, more coarsely: each serves beyond the border of the one
before.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from animate.core.types import Crop
from animate.model.checkpoint import build, read, write
from animate.model.nets.residual import ResidualBlock, convolution, fold_norms, unfold_norms
from animate.model.precision import preferred_dtype

SIZE = 256  # side of the crop in pixels
SPAN = 9.0  # side of the crop in distances between the eye centres
SHIFT = 0.5  # how far the crop's middle lies below that of `crop_from_five`, in eye distances
WIDE, WIDE_SHIFT = 18.0, 4.0  # the same of a second crop: to the knees of somebody who stands
WHOLE, WHOLE_SHIFT = 28.0, 8.0  # of a third: a standing body
_BLOCK = 2  # the network starts at half the size, every cell holding 2 x 2 pixels
_AT_ONCE = 4  # crops of one call that are computed together: more only costs memory


@dataclass(frozen=True)
class Shape:
    """The sizes that rebuild the network; they travel in the header of the weights file."""

    widths: tuple[int, ...] = (16, 32, 64, 96, 128)  # channels at 1/2, 1/4, 1/8, 1/16, 1/32 of the size
    depths: tuple[int, ...] = (0, 1, 1, 2, 1)  # residual blocks there
    norm: bool = True  # False once BatchNorm is folded


class MatteNetwork(nn.Module):
    """A U-Net (Ronneberger et al. 2015) with residual blocks on the way down, one convolution a scale on the way up."""

    def __init__(self, shape: Shape = Shape()):
        super().__init__()
        self.shape = shape
        before, down, up = 3 * _BLOCK**2, [], []
        for level, (width, depth) in enumerate(zip(shape.widths, shape.depths, strict=True)):
            blocks = [ResidualBlock(width, norm=shape.norm) for _ in range(depth)]
            down.append(nn.Sequential(convolution(before, width, stride=2 if level else 1, norm=shape.norm), *blocks))
            before = width
        for width in reversed(shape.widths[:-1]):
            up.append(convolution(before + width, width, norm=shape.norm))
            before = width
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)
        self.last = nn.Conv2d(before, _BLOCK**2, 3, 1, 1)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Logits (B, 1, n, n) float32 of crops (B, 3, n, n) in -1..1."""
        x, kept = F.pixel_unshuffle(crops, _BLOCK).contiguous(memory_format=torch.channels_last), []
        for stage in self.down:
            x = stage(x)
            kept.append(x)
        for stage, beside in zip(self.up, reversed(kept[:-1]), strict=True):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = stage(torch.cat([x, beside], 1))
        return F.pixel_shuffle(self.last(x).float(), _BLOCK)


def fold(network: MatteNetwork) -> MatteNetwork:
    """The same function without BatchNorm: its scale and shift moved into the convolution before it."""
    network = network.eval()
    folded = MatteNetwork(Shape(**{**asdict(network.shape), "norm": False})).eval()
    fold_norms(network, folded)
    folded.last.load_state_dict(network.last.state_dict())
    return folded


def unfold(network: MatteNetwork, crops: torch.Tensor) -> MatteNetwork:
    """The inverse of `fold`, to train further; `crops` (B, 3, n, n) are usual ones."""
    normed = MatteNetwork(Shape(**{**asdict(network.shape), "norm": True}))
    unfold_norms(network, normed, crops)
    normed.last.load_state_dict(network.last.state_dict())
    return normed


def lowered(crop: Crop, span: float = SPAN, shift: float = SHIFT) -> Crop:
    """`crop`, which is `span` eye distances wide, moved down by `shift` of them."""
    matrix = crop.matrix.copy()
    matrix[1, 2] -= shift * crop.size / span
    return Crop(matrix, crop.size)


def to_input(crops: np.ndarray) -> torch.Tensor:
    """Crops (B, n, n, 3) uint8 as (B, 3, n, n) float32 in -1..1, channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


class Matter:
    """The network behind numpy in, numpy out; made by `load_matte`."""

    def __init__(self, network: MatteNetwork, dtype: torch.dtype):
        self.network = network.eval().to(dtype).to(memory_format=torch.channels_last)
        self.dtype = dtype

    @torch.inference_mode()
    def predict(self, crops: np.ndarray) -> np.ndarray:
        """The probability of a person, (B, n, n) float32 in 0..1, of crops (B, n, n, 3) uint8 RGB, n a multiple of 32.

        n is SIZE for the crops the network was trained on. Raises ValueError for another shape or type.
        """
        if (
            crops.ndim != 4
            or crops.shape[1] != crops.shape[2]
            or crops.shape[1] % 32
            or crops.shape[3] != 3
            or crops.dtype != np.uint8
        ):
            raise ValueError(f"crops are (B, n, n, 3) uint8 with n a multiple of 32, not {crops.shape} {crops.dtype}")
        found = np.empty(crops.shape[:3], np.float32)
        for start in range(0, len(crops), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = torch.sigmoid(self.network(to_input(crops[part]).to(self.dtype)))[:, 0].numpy()
        return found


def save_matte(network: MatteNetwork, path: Path) -> None:
    """Write `network`, folded, in fp16 with its shape in the header."""
    folded = fold(network) if network.shape.norm else network
    write(path, "matte", asdict(folded.shape), folded.state_dict())


def read_matte(path: Path) -> MatteNetwork:
    """The network in the weights file at `path`; raises WeightsMissing or WeightsDamaged."""
    sizes, state = read(path, "matte")
    return build(lambda: MatteNetwork(Shape(**sizes)), state, path)


@cache
def load_matte(path: Path) -> Matter:
    """The network in the weights file at `path`, ready to be asked; raises WeightsMissing or WeightsDamaged."""
    return Matter(read_matte(path), preferred_dtype())
