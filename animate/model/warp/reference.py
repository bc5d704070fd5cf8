"""A face at rest, warped and shaded by its points without any network: the expected picture of a frame.

Conventions: pictures are (n, n, 3) uint8, points (478, 3) pixels of them; shading is that of relight.py.
"""

from __future__ import annotations

import numpy as np
import torch

from animate.model.nets.blocks import smooth_up, warp
from animate.model.warp.dense_motion import FirstOrder
from animate.model.warp.local_affine import MeshTopology
from animate.model.warp.relight import CELL as SHADING_CELL
from animate.model.warp.relight import ShadingField, broad
from animate.model.warp.sampling import NodeGrid

CELL = 2  # pixels between the places where the motion is worked out


class ReferenceFrame:
    """A `picture`, `span` eye distances a side, of a face with `points`; shading is known at `count` places."""

    def __init__(self, picture: np.ndarray, points: np.ndarray, surface: MeshTopology, *, span: float, count: int):
        size = len(picture)
        nodes = np.arange((CELL - 1) / 2, size, CELL, dtype=np.float32)
        self.motion = FirstOrder(points, NodeGrid(nodes, nodes), surface, size=size, span=span)
        self.relight = ShadingField(points, surface, size=size, span=span, count=count)
        self.picture = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float()

    @torch.inference_mode()
    def moved(self, driven: np.ndarray) -> np.ndarray:
        """The picture of the face at points `driven`."""
        flow = torch.from_numpy(self.motion.flow(driven[None])).permute(0, 3, 1, 2)
        return _picture(warp(self.picture, smooth_up(flow, CELL), self.picture.shape[-1]))

    @torch.inference_mode()
    def shaded(self, moved: np.ndarray, places: np.ndarray, shading: np.ndarray) -> np.ndarray:
        """A moved picture with shading (count,) at driven places (count, 3)."""
        picture = torch.from_numpy(moved).permute(2, 0, 1)[None].float()
        tone = self.relight(places[None], shading[None]) * broad(torch.nn.functional.avg_pool2d(picture, SHADING_CELL))
        return _picture(picture + smooth_up(tone, SHADING_CELL))


def _picture(x: torch.Tensor) -> np.ndarray:
    return (x[0] + 0.5).clamp_(0, 255).byte().permute(1, 2, 0).contiguous().numpy()
