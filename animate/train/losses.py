"""What the motion networks are punished for.

Conventions: pictures (B, 3, n, n) float32 about 0..1; `weight` (B, 1, n, n) says how much a pixel counts, about 1.
Every loss is one number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.core.types import Crop
from animate.faces.crop import crop_from_five
from animate.model.nets.landmark_network import load_landmark_network
from animate.model.precision import autocast
from animate.model.warp.sampling import sample_at
from animate.motion import landmarks
from animate.train.landmark_targets import point_weights

SOFT = 0.01  # where Charbonnier turns from square to straight


def charbonnier(a: torch.Tensor, b: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """Mean of sqrt((a - b)^2 + SOFT^2), less its floor."""
    error = ((a - b).square() + SOFT**2).sqrt() - SOFT
    return (error if weight is None else error * weight).mean()


def gradients(a: torch.Tensor, b: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Charbonnier of the differences between neighbours: edges in their place and as sharp as they are."""
    error = a - b
    across, down = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
    return (across.abs() * weight[..., 1:]).mean() + (down.abs() * weight[..., 1:, :]).mean()


def pyramid(a: torch.Tensor, b: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Charbonnier at a half, a quarter and an eighth of the size."""
    total = 0.0
    for _ in range(3):
        a, b, weight = (F.avg_pool2d(x, 2) for x in (a, b, weight))
        total = total + charbonnier(a, b, weight)
    return total


def painted_share(keep: torch.Tensor, cost: torch.Tensor) -> torch.Tensor:
    """Mean of what is painted, at its cost (B, 1, n, n)."""
    return ((1 - keep) * cost).mean()


def roughness(residual: torch.Tensor) -> torch.Tensor:
    """Mean step between neighbouring cells of a residual flow (B, 2, h, w) in pixels."""
    return residual.diff(dim=-1).abs().mean() + residual.diff(dim=-2).abs().mean()


class Likeness:
    """The frozen keypoint network as a critic: its features and its points of the output against those of the truth."""

    def __init__(self, weights: Path, size: int, *, device: str = "cpu", stages: int = 9):
        """`size` is the side of the training pictures; features of the first `stages` layers count."""
        self.network = load_landmark_network(Path(weights)).network.to(device).requires_grad_(False)
        self.size, self.stages, self.device = size, stages, device
        self.counts = torch.from_numpy(point_weights()).to(device)  # (478,), lids and lips more

    def __call__(self, output: torch.Tensor, target: torch.Tensor, points: np.ndarray) -> tuple[torch.Tensor, ...]:
        """Distance of features and of points (in eye distances); `points` (B, 478, 3) place the keypoint
        network's crop.
        """
        crops = [crop_from_five(five, size=LANDMARK_SIZE, span=LANDMARK_SPAN) for five in landmarks.five(points)]
        grid = self._grid(crops)
        with autocast(self.device):
            mesh, features = self._run(sample_at(output, grid) * 2 - 1)
            with torch.no_grad():
                true_mesh, true_features = self._run(sample_at(target, grid) * 2 - 1)
        pairs = [(a.float(), b.float()) for a, b in zip(features, true_features, strict=True)]
        parts = [(a - b).abs().mean() / b.abs().mean().clamp_min(1e-3) for a, b in pairs]
        off = (mesh - true_mesh)[..., :2].float().abs().mean(-1) * LANDMARK_SPAN  # (B, 478)
        return sum(parts) / len(parts), (off @ self.counts).mean()

    def _run(self, crops: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        mesh, _, features = self.network(crops.contiguous(memory_format=torch.channels_last))
        return mesh, features[: self.stages]

    def _grid(self, crops: list[Crop]) -> torch.Tensor:
        """Where the landmark network's crops lie: (B, LANDMARK_SIZE, LANDMARK_SIZE, 2) in -1..1 from edge to edge."""
        steps = np.arange(LANDMARK_SIZE, dtype=np.float32)
        grids = []
        for crop in crops:
            back = crop.inverse()
            x, y = (back[k, 0] * steps + back[k, 1] * steps[:, None] + back[k, 2] for k in (0, 1))
            grids.append((2 * np.stack([x, y], -1) + 1) / self.size - 1)
        return torch.from_numpy(np.stack(grids).astype(np.float32)).to(self.device)
