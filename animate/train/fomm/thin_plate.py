"""Random smooth deformations with exactly known values and Jacobians: an affine map and a thin-plate spline.

Conventions: positions are normalised, (x, y) in -1..1. A picture is deformed by looking up each place z at map(z), so a
keypoint found at z in the deformed picture lies at map(z) in the original one.
"""

from __future__ import annotations

import numpy as np
import torch

from animate.fomm.blocks import positions
from animate.model.warp.sampling import sample_normalised

CONTROLS = 5  # control points a side
AFFINE, BEND = 0.05, 0.005  # standard deviations of what is added to the identity and of the control points' weights


class ThinPlate:
    """B maps z -> A z + t + sum_k p_k U(|z - c_k|), U(r) = r^2 log r (Bookstein 1989)."""

    def __init__(
        self, count: int, rng: np.random.Generator, *, affine: float = AFFINE, bend: float = BEND, device: str = "cpu"
    ):
        """`count` random maps; `affine` and `bend` 0 is the identity."""
        side = np.linspace(-1, 1, CONTROLS)
        linear = np.hstack([np.eye(2), np.zeros((2, 1))]) + rng.normal(0, affine, (count, 2, 3))
        self.linear, self.shift = _tensors(device, linear[..., :2], linear[..., 2])
        self.controls, self.weights = _tensors(
            device, np.stack(np.meshgrid(side, side), -1).reshape(-1, 2), rng.normal(0, bend, (count, CONTROLS**2, 2))
        )

    def __call__(self, places: torch.Tensor) -> torch.Tensor:
        """Where places (B, N, 2) are taken: (B, N, 2)."""
        square = (places[:, :, None] - self.controls).square().sum(-1)  # (B, N, controls)
        bent = (0.5 * square * _log(square)) @ self.weights
        return places @ self.linear.mT + self.shift[:, None] + bent

    def jacobian(self, places: torch.Tensor) -> torch.Tensor:
        """The derivative of the map at places (B, N, 2): (B, N, 2, 2); U'(z) = (z - c) (2 log r + 1)."""
        away = places[:, :, None] - self.controls
        slope = away * (_log(away.square().sum(-1)) + 1)[..., None]
        return self.linear[:, None] + torch.einsum("bki,bnkj->bnij", self.weights, slope)

    def deform(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures (B, C, H, W) sampled at map(z); beyond the border the border is repeated."""
        grid = positions(pictures)
        places = self(grid.flatten(0, 1).expand(len(pictures), -1, -1)).clamp(-1, 1)
        return sample_normalised(pictures, places.unflatten(1, grid.shape[:2])[:, None], aligned=True)[:, 0]


def _log(square: torch.Tensor) -> torch.Tensor:
    return square.clamp_min(1e-12).log()


def _tensors(device: str, *arrays: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(array.astype(np.float32)).to(device) for array in arrays]
