"""A scan's own pixels at moved positions in a rectangle: how the published model's motion is applied at full size.

Conventions: those of sampling.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from animate.core.numerics import Rectangle
from animate.model.warp.sampling import FINE_PIXELS, STRIP, OffsetMap, sample_pixels, upsample_twice, write_picture


class ImageSampler:
    """Samples a scan's own pixels at moved positions in a rectangle."""

    def __init__(self, pixels: np.ndarray, rectangle: Rectangle, *, margin: int = 0):
        """`pixels` (H, W, 3) uint8. `margin` scan pixels around the rectangle can be reached; beyond the scan it is
        mirrored.

        Interpolation is bilinear on a picture upsampled twice with Lanczos, so that grain keeps its strength;
        pixels themselves stay as they are. Large regions are sampled as they are.
        """
        left, top, right, bottom = rectangle
        height, width = pixels.shape[:2]
        x0, y0 = max(0, left - margin), max(0, top - margin)
        x1, y1 = min(width, right + margin), min(height, bottom + margin)
        picture = torch.from_numpy(pixels[y0:y1, x0:x1].copy()).permute(2, 0, 1)[None].float()
        if (x1 - x0) * (y1 - y0) <= FINE_PIXELS:
            picture = upsample_twice(picture)
        self.picture = picture.add_(0.5)  # the later cut to whole numbers then rounds
        self.scale = torch.tensor([2 / max(x1 - x0 - 1, 1), 2 / max(y1 - y0 - 1, 1)]).view(2, 1, 1)
        self.x = torch.arange(left - x0, right - x0, dtype=torch.float32) * self.scale[0, 0] - 1
        self.y = torch.arange(top - y0, bottom - y0, dtype=torch.float32) * self.scale[1, 0] - 1

    @torch.inference_mode()
    def __call__(
        self, motion: np.ndarray, out: np.ndarray, spans: Sequence[Rectangle], offset: OffsetMap | None = None
    ) -> None:
        """Writes into `out` (h, w, 3) uint8 the pixels at p + motion(p), motion (2, h, w) in scan pixels, with a
        colour offset if one is given, within each span (left, top, right, bottom) counted from the rectangle's corner.
        """
        moved = torch.from_numpy(motion)
        for left, top, right, bottom in spans:
            for a in range(top, bottom, STRIP):
                window = slice(a, min(a + STRIP, bottom)), slice(left, right)
                write_picture(out[window], self._sample(moved[:, *window], window, offset))

    def _sample(self, motion: torch.Tensor, window: tuple[slice, slice], offset: OffsetMap | None) -> torch.Tensor:
        """The picture (3, rows, columns) at the window's pixels moved by `motion` (2, rows, columns), half a grey
        step brighter."""
        grid = motion * self.scale
        grid[0] += self.x[window[1]]
        grid[1] += self.y[window[0], None]
        sampled = sample_pixels(self.picture, grid.permute(1, 2, 0), padding="reflection")
        return sampled if offset is None else sampled.add_(offset(window)).clamp_(0.5, 255.5)
