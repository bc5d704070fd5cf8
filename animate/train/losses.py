"""What the motion networks are punished for.

Conventions: pictures (B, 3, n, n) float32 about 0..1; `weight` (B, 1, n, n) says how much a pixel counts, about 1.
Every loss is one number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from animate.faces.crop import crop_from_five
from animate.model.grids import look_at
from animate.model.keypoints import SIZE, SPAN, from_pixels, load_keypoints
from animate.motion import anchors
from animate.train.keypoints import point_weights
from animate.values import Crop

LASHES = 0.1  # of the range, by which closed lashes may darken a lid
ENOUGH = 0.002  # eye distances off which a closed lid may be where no picture shows it
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


def likely(output: torch.Tensor, moved: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """How unlikely a lid is that no picture shows: its tint is that of the skin around, and so is its light, but for fine lines.

    `moved` is the photo along the first-order flow.
    """
    skin = F.avg_pool2d(moved, 9, 1, 4, count_include_pad=False)
    tints = output, skin * (output.mean(1, keepdim=True) / skin.mean(1, keepdim=True).clamp_min(0.02))
    light = [F.avg_pool2d(x, 5, 1, 2, count_include_pad=False) for x in (output, moved)]
    darker = light[1] - light[0]
    wrong = F.relu(-darker) + 0.2 * F.relu(darker) + F.relu(darker - LASHES) + F.relu(output - F.max_pool2d(light[1], 5, 1, 2))
    return charbonnier(*tints, weight) + (wrong * weight).mean()


def invention(keep: torch.Tensor, price: torch.Tensor) -> torch.Tensor:
    """Mean of what is painted, at its price (B, 1, n, n)."""
    return ((1 - keep) * price).mean()


def roughness(residual: torch.Tensor) -> torch.Tensor:
    """Mean step between neighbouring cells of a residual flow (B, 2, h, w) in pixels."""
    return residual.diff(dim=-1).abs().mean() + residual.diff(dim=-2).abs().mean()


class Likeness:
    """The frozen keypoint network as a critic: its features and its points of the output against those of the truth."""

    def __init__(self, weights: Path, size: int, *, device: str = "cpu", stages: int = 9):
        """`size` is the side of the training pictures; features of the first `stages` layers count."""
        self.network = load_keypoints(Path(weights)).network.to(device).requires_grad_(False)
        self.size, self.stages, self.device = size, stages, device
        self.counts = torch.from_numpy(point_weights()).to(device)  # (478,), lids and lips more
        self.lids = torch.isin(torch.arange(len(self.counts)), torch.tensor(anchors.LIDS)).to(device).float()
        self.lids /= self.lids.sum()

    def __call__(self, output: torch.Tensor, target: torch.Tensor, points: np.ndarray, true: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Distance of features and of points (in eye distances); `points` (B, 478, 3) place the keypoint network's crop.

        Where the target is not `true` (B, 1, 1, 1), its features do not count, and the lids among `points` are what is right, seen
        without colour, lest they are painted on.
        """
        crops = [crop_from_five(five, size=SIZE, span=SPAN) for five in anchors.five(points)]
        grid = self._grid(crops)
        real = true.view(-1, 1) > 0
        seen = [look_at(x, grid) * 2 - 1 for x in (output, target)]
        seen[0] = torch.where(real[..., None, None], seen[0], seen[0].mean(1, keepdim=True))
        with torch.autocast(self.device, torch.bfloat16):
            mesh, features = self._run(seen[0])
            with torch.no_grad():
                true_mesh, true_features = self._run(seen[1])
        pairs = [(a.float(), b.float()) for a, b in zip(features, true_features, strict=True)]
        parts = [((a - b).abs() * true).mean() / b.abs().mean().clamp_min(1e-3) for a, b in pairs]
        asked = torch.from_numpy(np.stack([crop.into(one) for crop, one in zip(crops, points, strict=True)])).to(mesh.device)
        right = torch.where(real[..., None], true_mesh.float(), from_pixels(asked))
        off = (mesh - right)[..., :2].float().abs().mean(-1) * SPAN  # (B, 478)
        off = torch.where(real, off * self.counts, F.relu(off - ENOUGH) * self.lids)
        return sum(parts) / len(parts), off.sum(-1).mean()

    def _run(self, crops: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        mesh, _, features = self.network(crops.contiguous(memory_format=torch.channels_last))
        return mesh, features[: self.stages]

    def _grid(self, crops: list[Crop]) -> torch.Tensor:
        """Where the keypoint network's crops look: (B, SIZE, SIZE, 2) in -1..1 from edge to edge."""
        steps = np.arange(SIZE, dtype=np.float32)
        grids = []
        for crop in crops:
            back = crop.inverse()
            x, y = (back[k, 0] * steps + back[k, 1] * steps[:, None] + back[k, 2] for k in (0, 1))
            grids.append((2 * np.stack([x, y], -1) + 1) / self.size - 1)
        return torch.from_numpy(np.stack(grids).astype(np.float32)).to(self.device)
