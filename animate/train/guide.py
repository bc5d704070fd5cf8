"""What the residual flow should be, as far as optical flow can tell: it sees both pictures, the network only the points.

Conventions: pictures (B, 3, n, n) in 0..1, flow (B, 2, n, n) in pixels. Optical flow is dense inverse search (Kroeger et al. 2016).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from animate.model.blocks import look

FARTHEST = 0.08  # of the side: longer residuals are mistakes
BETTER = 0.75  # of the error that must be left at most where the flow is believed


def residual(moved: torch.Tensor, target: torch.Tensor, flow: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What to add to `flow`, which made `moved`, to meet `target`, (B, 2, n/4, n/4), and the trust (B, 1, n/4, n/4) in it, 0..1.

    The found r looks up `moved` at z + r(z), where the photo lies flow(z + r(z)) off: r(z) + flow(z + r(z)) - flow(z) is added.
    """
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    found = [search.calc(*(_grey(picture) for picture in pair), None) for pair in zip(target, moved, strict=True)]
    way = torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2)
    side = flow.shape[-1]
    before, after = ((picture - target).abs().mean(1, keepdim=True) for picture in (moved, look(moved, way, side)))
    good = (after < BETTER * before + 0.01) & (way.norm(dim=1, keepdim=True) < FARTHEST * side)
    added = way + look(flow, way, side) - flow
    return F.avg_pool2d(added, 4), F.avg_pool2d(good.float(), 4)


def _grey(picture: torch.Tensor) -> np.ndarray:
    return (picture.mean(0).clamp(0, 1) * 255).byte().numpy()
