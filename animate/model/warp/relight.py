"""Shading known at a face's points, interpolated over the networks' crop: a driving face's shading on another face.

Conventions: points are crop pixels (478, 3). Shading is the logarithm of a brightness over that at rest (ratio images:
Liu, Shan and Zhang 2001); it moves with the points and multiplies what the photograph itself has there, so that a pale
cheek stays a pale one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from animate.model.warp.dense_motion import WIDTH
from animate.model.warp.local_affine import MeshTopology, facing, neighbours, spacing, weighted

MORE = 0.07  # eye distances between places that are not of the mesh
NARROWEST = 0.045  # eye distances: width of a point's Gaussian where points lie closer than cells
FAINT = 0.05  # of a point's weight: where all points together weigh less, shading is unknown
MOST = 1.2  # logarithm of the strongest change
CELL = 4  # pixels of the crop in a cell


def broad(quarter: torch.Tensor) -> torch.Tensor:
    """The part of a picture (B, 3, n / 4, n / 4) that shading multiplies: its colours without detail."""
    return F.avg_pool2d(quarter, 3, 1, 1, count_include_pad=False)


class ShadingField:
    """One face of a crop of `size` pixels and `span` eye distances a side; shading is known at `count` places, the
    first 478 the mesh's.
    """

    def __init__(self, points: np.ndarray, surface: MeshTopology, *, size: int, span: float, count: int):
        """`points` (478, 3) are those in the photograph."""
        self.unit = size / span
        self.triangles = torch.from_numpy(np.array(surface.triangles, np.int64))
        scaled = points / self.unit
        width = torch.from_numpy(spacing(scaled, *neighbours(scaled, surface)))
        self.more = count - len(width)
        self.width = (WIDTH * F.pad(width, (0, self.more), value=MORE)).clamp_min(NARROWEST)
        self.visible = facing(torch.from_numpy(np.asarray(points, np.float32))[None], self.triangles)
        self.nodes = torch.arange((CELL - 1) / 2, size, CELL) / self.unit

    @torch.inference_mode()
    def __call__(self, places: np.ndarray, shading: np.ndarray) -> torch.Tensor:
        """By how much the brightness grows, as a part of itself, (B, 1, n / 4, n / 4), for driven places (B, count, 3)
        and the shading at each (B, count); 0 away from the face.
        """
        places = torch.from_numpy(np.asarray(places, np.float32))
        change = torch.from_numpy(np.asarray(shading, np.float32)).clamp(-MOST, MOST).expm1()[..., None]
        visible = F.pad(
            self.visible * facing(places[:, : self.visible.shape[1]], self.triangles), (0, self.more), value=1.0
        )
        sums = weighted(places[..., :2] / self.unit, change, visible, self.width, self.nodes, self.nodes)
        return sums[:, :1] / (sums[:, 1:] + FAINT)
