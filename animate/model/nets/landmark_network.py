"""The keypoint network: an upright face crop in, the 478 mesh points and a presence score out.

Conventions: crops are (N, 160, 160, 3) uint8 RGB outside and (N, 3, 160, 160) in -1..1 inside; points are
crop pixels, the centre of the first pixel is (0, 0), z in the unit of x. BatchNorm is folded into the
convolutions when weights are exported.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from animate.core.geometry import LANDMARK_SIZE, MESH_POINTS
from animate.model.checkpoint import build, read, write
from animate.model.nets.residual import ResidualBlock, convolution, fold_norms
from animate.model.precision import has_bfloat16


@dataclass(frozen=True)
class LandmarkNetworkSizes:
    """The sizes that rebuild the network; they travel in the header of the weights file."""

    widths: tuple[int, ...] = (24, 64, 128, 192, 256)
    depths: tuple[int, ...] = (0, 1, 2, 2, 1)
    hidden: int = 256
    norm: bool = True  # False once BatchNorm is folded


class LandmarkNetwork(nn.Module):
    """Residual convolutions down to 5 x 5, two linear layers, one linear map onto the mesh (at first its PCA)."""

    def __init__(self, shape: LandmarkNetworkSizes = LandmarkNetworkSizes()):
        super().__init__()
        self.shape = shape
        stages, before = [], 3
        for width, depth in zip(shape.widths, shape.depths, strict=True):
            stages.append(convolution(before, width, stride=2, norm=shape.norm))
            stages += [ResidualBlock(width, norm=shape.norm) for _ in range(depth)]
            before = width
        self.stages = nn.Sequential(*stages)
        self.hidden = nn.Linear(before * (LANDMARK_SIZE >> len(shape.widths)) ** 2, shape.hidden)
        self.mesh = nn.Linear(shape.hidden, MESH_POINTS * 3)
        self.presence = nn.Linear(shape.hidden, 1)

    def forward(self, crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Points (N, 478, 3) in crop widths from the crop's centre, presence logits (N,), features of every scale."""
        features, x = [], crops
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        hidden = F.silu(self.hidden(x.flatten(1))).float()  # (N, hidden)
        with torch.autocast(hidden.device.type, enabled=False):
            mesh = F.linear(hidden, self.mesh.weight.float(), self.mesh.bias.float())
            presence = F.linear(hidden, self.presence.weight.float(), self.presence.bias.float())
        return mesh.view(-1, MESH_POINTS, 3), presence[:, 0], features


def to_pixels(points: torch.Tensor) -> torch.Tensor:
    """Network units (crop widths from the centre) to crop pixels."""
    offset = torch.tensor([(LANDMARK_SIZE - 1) / 2, (LANDMARK_SIZE - 1) / 2, 0.0], device=points.device)
    return points * LANDMARK_SIZE + offset


def from_pixels(points: torch.Tensor) -> torch.Tensor:
    """Crop pixels to network units."""
    offset = torch.tensor([(LANDMARK_SIZE - 1) / 2, (LANDMARK_SIZE - 1) / 2, 0.0], device=points.device)
    return (points - offset) / LANDMARK_SIZE


def fold(network: LandmarkNetwork) -> LandmarkNetwork:
    """The same function without BatchNorm: its scale and shift moved into the convolution before it."""
    network = network.eval()
    folded = LandmarkNetwork(LandmarkNetworkSizes(**{**asdict(network.shape), "norm": False})).eval()
    fold_norms(network, folded)
    for name in ("hidden", "mesh", "presence"):
        getattr(folded, name).load_state_dict(getattr(network, name).state_dict())
    return folded


def save_landmark_network(network: LandmarkNetwork, path: Path) -> None:
    """Write `network`, folded, in fp16 with its shape in the header."""
    folded = fold(network) if network.shape.norm else network
    write(path, "keypoints", asdict(folded.shape), folded.state_dict())


class KeypointFinder:
    """The network behind numpy in, numpy out; made by `load_landmark_network`."""

    def __init__(self, network: LandmarkNetwork, dtype: torch.dtype):
        self.network = network.eval().to(dtype).to(memory_format=torch.channels_last)
        self.dtype = dtype

    @torch.inference_mode()
    def predict(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Crops (N, 160, 160, 3) uint8 -> points (N, 478, 3) float32 in crop pixels and presence (N,) in 0..1."""
        if crops.shape[1:] != (LANDMARK_SIZE, LANDMARK_SIZE, 3) or crops.dtype != np.uint8:
            raise ValueError(
                f"crops are (N, {LANDMARK_SIZE}, {LANDMARK_SIZE}, 3) uint8, not {crops.shape} {crops.dtype}"
            )
        batch = torch.from_numpy(np.ascontiguousarray(crops)).permute(
            0, 3, 1, 2
        )  # (N, 3, S, S), channels last in memory
        batch = (batch.float() / 127.5 - 1.0).to(self.dtype)
        points, logits, _ = self.network(batch)
        return to_pixels(points.float()).numpy(), torch.sigmoid(logits.float()).numpy()


def read_landmark_network(path: Path) -> LandmarkNetwork:
    """The network in the weights file at `path`, as it is trained on; raises WeightsMissing or WeightsDamaged."""
    sizes, state = read(path, "keypoints")
    return build(lambda: LandmarkNetwork(LandmarkNetworkSizes(**sizes)), state, path)


@cache
def load_landmark_network(path: Path) -> KeypointFinder:
    """The network in the weights file at `path`, ready for prediction; raises WeightsMissing or WeightsDamaged.

    In bfloat16 where the processor has it: half the time and memory, at the same errors on held-out people.
    """
    return KeypointFinder(read_landmark_network(path), torch.bfloat16 if has_bfloat16() else torch.float32)
