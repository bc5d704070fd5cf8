"""Frames of the published model at the scan's own size: the scan's pixels are warped, and painted over only where they
cannot show what the network made.

Conventions: those of sampling.py and model.py. A crop is the square picture of n pixels a side that the model
moves; its first frame, driven by its own keypoints, says what the network makes of it at rest, so that rest
is the scan itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from animate.core.numerics import Rectangle
from animate.fomm.model import Fomm, FommFrame, FommSource
from animate.model.warp.image_sampler import ImageSampler
from animate.model.warp.sampling import GridResampler, NodeGrid, sample_normalised

LIKE, UNLIKE = 0.03, 0.09  # difference (0..1) of painted and warped up to which pixels are warped, from which painted
BROAD = 33  # pixels of the crop over which the network's error of tone at rest is averaged, to be made up for
SMOOTH = 9  # pixels of the crop over which that difference is averaged, and over which painting fades in


class FommFullRes:
    """Renders one face into a rectangle (left, top, right, bottom) of the scan `pixels` (H, W, 3) uint8."""

    def __init__(
        self,
        pixels: np.ndarray,
        model: Fomm,
        still: FommSource,
        matrix: np.ndarray,
        rectangle: Rectangle,
        spans: Sequence[Rectangle],
        reach: np.ndarray | None = None,
    ):
        """`still` is the crop that `matrix` (2, 3) takes scan points to; `spans` cover what may change, counted from
        the rectangle's corner; `reach` (n, n) in 0..1 is how far the picture follows at each pixel of the crop."""
        left, top, right, bottom = rectangle
        self.size, self.aligned, self.spans = len(still.picture), model.aligned, tuple(spans)
        self.field = GridResampler(NodeGrid.uniform(self.size, self.size), matrix, rectangle)
        self.sampler = ImageSampler(pixels, rectangle, margin=max(right - left, bottom - top) // 8)
        self.pixels = pixels[top:bottom, left:right]
        self.reach = np.ones((self.size, self.size), np.float32) if reach is None else reach.astype(np.float32)
        rest = next(model.frames(still, [still.keypoints]))
        self.crop = torch.from_numpy(still.picture).permute(2, 0, 1)[None].float() / 255
        missed = self.crop - torch.from_numpy(rest.picture).permute(2, 0, 1)
        self.tone = _mean(missed, BROAD)
        self.unlike = _mean((missed - self.tone).abs().mean(1, keepdim=True))
        self.visible = np.maximum(rest.visible, 1e-3)
        self.still = rest.motion  # 0 up to rounding with aligned sampling, a small shrinkage without

    @torch.inference_mode()
    def layers(self, frame: FommFrame) -> np.ndarray:
        """What a frame is made of, at the crop's pixels (6, n, n) float32: motion (x, y) in pixels of the crop, how
        far it is painted 0..1, and the paint (R, G, B) 0..255."""
        motion = self._fine((frame.motion - self.still).transpose(2, 0, 1)) * torch.from_numpy(self.reach)
        visible = self._fine(np.minimum(frame.visible / self.visible, 1)[None])[:, 0]
        warped, tone, unlike = self._warp(torch.cat([self.crop, self.tone, self.unlike], 1), motion).split((3, 3, 1), 1)
        paint = torch.from_numpy(frame.picture).permute(2, 0, 1) + tone
        unlike = _mean((paint - warped).abs().mean(1, keepdim=True)) - unlike  # more than at rest
        wanted = ((unlike - LIKE) / (UNLIKE - LIKE)).clamp(0, 1)[:, 0]
        wanted = F.max_pool2d(torch.maximum(wanted, 1 - visible), SMOOTH, 1, SMOOTH // 2)  # so that it fades in outside
        painted = _mean(wanted[None])[0] * torch.from_numpy(self.reach)
        return torch.cat([motion[0], painted, paint[0].clamp(0, 1) * 255]).numpy()

    def picture(self, frame: FommFrame) -> np.ndarray:
        """The rectangle's new picture (h, w, 3) uint8, equal to the scan outside the spans."""
        patch = self.pixels.copy()
        moved, rest = self.field.displacements(self.layers(frame), 1)
        self.sampler(moved, patch, self.spans)
        painted, paint = rest[0] * self.field.scale, rest[1:] * self.field.scale
        for left, top, right, bottom in self.spans:
            window = slice(top, bottom), slice(left, right)
            if not painted[window].any():
                continue
            before = patch[window]
            mixed = before + painted[window][..., None] * (paint[:, *window].transpose(1, 2, 0) - before)
            patch[window] = (mixed + 0.5).astype(np.uint8)
        return patch

    def _fine(self, nodes: np.ndarray) -> torch.Tensor:
        """Maps (C, m, m) on the cells of the deformation at the crop's pixels: (1, C, n, n)."""
        size = self.size, self.size
        return F.interpolate(torch.from_numpy(nodes)[None], size=size, mode="bilinear", align_corners=False)

    def _warp(self, picture: torch.Tensor, motion: torch.Tensor) -> torch.Tensor:
        """Maps (1, C, n, n) at z + motion(z), motion (1, 2, n, n) in pixels; beyond the border it is repeated."""
        own = torch.arange(self.size, dtype=torch.float32)
        places = torch.stack([motion[:, 0] + own, motion[:, 1] + own[:, None]], -1).clamp_(0, self.size - 1)
        return sample_normalised(picture, (places * (2 / (self.size - 1)) - 1)[:, None], aligned=True)[:, 0]


def _mean(values: torch.Tensor, side: int = SMOOTH) -> torch.Tensor:
    """The mean of side x side pixels around each, of maps (B, C, n, n)."""
    return F.avg_pool2d(values, side, 1, side // 2, count_include_pad=False)
