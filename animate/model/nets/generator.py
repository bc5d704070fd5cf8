"""The inpainter: an encoder that runs once a photo, and a decoder that paints, frame by frame, what cannot be moved.

Conventions: those of blocks.py; pictures are (B, 3, n, n) in 0..1, structure masks (B, 6, n/2, n/2).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from animate.model.nets.blocks import Scale, act, cast_like, concat, conv, init_small, smooth_up, upsample2x, warp
from animate.model.nets.face_masks import CHANNELS

KEEP = 2.0  # logit of the blending map at the start: nearly nine tenths of the moved photo
BROAD = 8  # the colour starts from the moved photo averaged over this many pixels: tone, without detail


class PhotoEncoder(nn.Module):
    """Features of the photo at three scales; each half-size cell gets its four pixels and the photo's own structure."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Scale(12 + CHANNELS, fine)
        self.down = Scale(fine, middle, stride=2)
        self.deep = Scale(middle, coarse, stride=2)

    def forward(self, photo: torch.Tensor, structure: torch.Tensor) -> list[torch.Tensor]:
        """Maps at a half, a quarter and an eighth of the photo (S, 3, n, n)."""
        fine = self.stem(concat([F.pixel_unshuffle(photo * 2 - 1, 2), structure], self.stem.change))
        middle = self.down(fine)
        return [fine, middle, self.deep(middle)]


class PaintDecoder(nn.Module):
    """From moved features and the driven face's structure to colour and blending map at full size, by pixel shuffle."""

    def __init__(self, widths: tuple[int, int, int]):
        super().__init__()
        fine, middle, coarse = widths
        self.deep = Scale(coarse + CHANNELS, coarse)
        self.rise = conv(coarse, middle)
        self.middle = Scale(middle + CHANNELS, middle)
        self.lift = conv(middle, fine)
        self.fine = Scale(fine + CHANNELS + 12, fine)
        self.paint = init_small(nn.Conv2d(fine, 12, 3, 1, 1))
        self.keep = init_small(nn.Conv2d(fine, 4, 3, 1, 1), KEEP)

    def forward(self, maps: list[torch.Tensor], moved: torch.Tensor, driven: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Colour (B, 3, n, n), about 0..1, and keep (B, 1, n, n) in 0..1, of moved features and moved photo."""
        fine, middle, coarse = maps
        half = F.avg_pool2d(driven, 2)
        x = self.deep(concat([coarse, F.avg_pool2d(half, 2)], self.rise))
        x = upsample2x(act(self.rise(x))) + middle
        x = self.middle(concat([x, half], self.rise))
        x = upsample2x(act(self.lift(x))) + fine
        x = self.fine(concat([x, driven, F.pixel_unshuffle(moved * 2 - 1, 2)], self.rise))
        paint, keep = (F.pixel_shuffle(head(x).float(), 2) for head in (self.paint, self.keep))
        tone = smooth_up(F.avg_pool2d(moved, BROAD), BROAD)
        return tone + paint, torch.sigmoid(keep)


class Inpainter(nn.Module):
    """Encoder and decoder; features are moved by the flow and fade where the photo does not show them."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 128)):
        super().__init__()
        self.encoder, self.decoder = PhotoEncoder(widths), PaintDecoder(widths)

    def encode(self, photo: torch.Tensor, structure: torch.Tensor) -> list[torch.Tensor]:
        """Features of photos (S, 3, n, n), to be computed once."""
        return self.encoder(photo, structure)

    def forward(
        self,
        features: list[torch.Tensor],
        moved: torch.Tensor,
        flow: torch.Tensor,
        visible: torch.Tensor,
        driven: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """Colour and keep at full size; `flow` (B, 2, n, n) in pixels (not trained), `visible` (B, 1, n/4, n/4)."""
        gate, way, side = smooth_up(visible, 2), flow.detach(), flow.shape[-1]
        maps = []
        for part in features:
            way = F.avg_pool2d(way, 2)
            moved_features = cast_like(warp(part, way, side), self.decoder.rise)
            maps.append(moved_features * gate.to(moved_features.dtype))
            gate = F.avg_pool2d(gate, 2)
        return self.decoder(maps, moved, driven)
