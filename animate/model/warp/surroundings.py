"""What moves around a face: anchors on hair, neck and trunk, and which of them the face has come to cover.

Conventions: those of local_affine.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from animate.model.warp.local_affine import weighted
from animate.model.warp.sampling import smoothstep

COVERED = (0.02, 0.16)  # depth behind the face's outline, from which on its surroundings are hidden
HULL_WAYS = 48  # directions in which the outline is measured


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What moves around a face mesh: anchors on hair, neck and trunk, each with a place and a local affine motion.

    `source` (K, 2), `driven` (T, K, 2) and Gaussian widths (K,) in crop pixels, `change` (T, K, 2, 2) is J - I with J =
    d source / d driven. The face's own points hide anchors that come to lie behind them.
    """

    source: np.ndarray
    driven: np.ndarray
    change: np.ndarray
    width: np.ndarray

    def inside(self, middle: float, unit: float) -> Surroundings:
        """The same in `unit` pixels from the crop's middle."""
        source, driven = ((part - middle) / unit for part in (self.source, self.driven))
        parts = (source, driven, self.change, self.width / unit)
        return Surroundings(*(np.ascontiguousarray(part, np.float32) for part in parts))

    def at(self, index: int, face: torch.Tensor, triangles: torch.Tensor, seen: torch.Tensor) -> SurroundingMotion:
        """Frame `index`, less the anchors that the face (478, 2), as far as it is `seen`, has come to cover."""
        driven, source = torch.from_numpy(self.driven[index]), torch.from_numpy(self.source)
        change = torch.from_numpy(self.change[index])
        shift = source - driven - (change @ driven[..., None])[..., 0]
        outline = face[: int(triangles.max()) + 1][seen[: int(triangles.max()) + 1] > 0.3]
        depth = _depth_inside(driven, outline)
        strength = 1 - smoothstep((depth - COVERED[0]) / (COVERED[1] - COVERED[0]))
        affine = torch.cat([change.flatten(-2), shift], -1)
        return SurroundingMotion(driven, affine, strength, torch.from_numpy(self.width))


class SurroundingMotion(NamedTuple):
    """Surroundings in one frame: points (K, 2), coefficients (K, 6) of their affine displacements, strength and width
    (K,)."""

    points: torch.Tensor
    affine: torch.Tensor
    strength: torch.Tensor
    width: torch.Tensor

    def sums(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Weighted sums (1, 7, rows, columns) at nodes x, y."""
        return weighted(self.points[None], self.affine[None], self.strength[None], self.width, x, y)


def _depth_inside(points: torch.Tensor, outline: torch.Tensor) -> torch.Tensor:
    """How deep points (K, 2) lie within the convex hull of `outline` (N, 2); negative outside."""
    if len(outline) < 3:
        return torch.full((len(points),), -1.0)
    angle = torch.arange(HULL_WAYS) * (2 * torch.pi / HULL_WAYS)
    ways = torch.stack([angle.cos(), angle.sin()])  # the hull as an intersection of half planes
    return ((outline @ ways).amax(0) - points @ ways).amin(1)
