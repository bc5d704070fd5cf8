"""The networks that stand on the first-order flow, as one: dense-motion refinement, shade and generator.

Conventions: inside, pictures are (B, 3, n, n) in 0..1 and flow is (B, 2, n, n) in pixels; a frame shows the
photo at z + flow(z). Outside (MotionNetworks) pictures are (n, n, 3) uint8 RGB, all else numpy float32,
channels last; 16 divides n.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from animate.core.geometry import NETWORK_SPAN
from animate.model.checkpoint import build, read, write
from animate.model.nets.blocks import smooth_up, warp
from animate.model.nets.encoder import encoder_inputs, quarter
from animate.model.nets.eyelids import EyelidSynthesizer
from animate.model.nets.face_masks import FACE, Contours, draw
from animate.model.nets.flow_refiner import Refiner
from animate.model.nets.generator import Inpainter
from animate.model.nets.shading import ShadingNet
from animate.model.warp.relight import broad


@dataclass(frozen=True)
class MotionNetworkSizes:
    """The sizes that rebuild the networks; they travel in the header of the weights file."""

    refine: tuple[int, int, int] = (32, 64, 96)
    shade: tuple[int, int, int] = (32, 64, 96)
    paint: tuple[int, int, int] = (32, 64, 128)
    size: int = 256  # side of the crop that they run on
    span: float = NETWORK_SPAN  # the same in eye distances


@dataclass(frozen=True, eq=False)
class Source:
    """S photos before anything moves: pictures, points, structure masks and features."""

    photo: torch.Tensor  # (S, 3, n, n)
    points: torch.Tensor  # (S, 478, 3)
    structure: torch.Tensor  # (S, 6, n/2, n/2)
    features: list[torch.Tensor]

    def take(self, which: torch.Tensor) -> Source:
        """One photo for each of B frames."""
        return Source(
            self.photo[which], self.points[which], self.structure[which], [part[which] for part in self.features]
        )


@dataclass(frozen=True, eq=False)
class WarpedSource:
    """B frames: photo along the refined flow in its new shading, synthesized colour, the photo's share, and both
    corrections.
    """

    moved: torch.Tensor  # (B, 3, n, n)
    colour: torch.Tensor  # (B, 3, n, n), lids among it
    keep: torch.Tensor  # (B, 1, n, n)
    residual: torch.Tensor  # (B, 2, n/4, n/4)
    tone: torch.Tensor  # (B, 3, n/4, n/4), part of `moved`

    @property
    def picture(self) -> torch.Tensor:
        """keep * moved + (1 - keep) * colour."""
        return self.colour + self.keep * (self.moved - self.colour)


class MotionNetwork(nn.Module):
    """Refiner and shade, lids, then generator."""

    def __init__(self, outlines: Contours, shape: MotionNetworkSizes = MotionNetworkSizes()):
        super().__init__()
        self.shape, self.outlines, self.lids = shape, outlines, EyelidSynthesizer()
        self.refiner, self.shade, self.generator = (
            Refiner(shape.refine),
            ShadingNet(shape.shade),
            Inpainter(shape.paint),
        )

    def source(
        self, photo: torch.Tensor, points: torch.Tensor, structure: torch.Tensor, aged: torch.Tensor | None = None
    ) -> Source:
        """Source of photos (S, 3, n, n) with points (S, 478, 3); features come from `aged`, an aged print of
        them, where given.
        """
        return Source(photo, points, structure, self.generator.encode(photo if aged is None else aged, structure))

    def forward(
        self,
        source: Source,
        flow: torch.Tensor,
        points: torch.Tensor,
        driven: torch.Tensor,
        shading: torch.Tensor | None = None,
        lids: bool = True,
    ) -> WarpedSource:
        """Frames of B photos, or of one, for first-order flow (B, 2, n, n), driven points (B, 478, 3) and structure (B,
        6, n/2, n/2).

        `shading` (B, 1, n/4, n/4) is a ShadingField's change of brightness, if the driver's is known: it is added to
        the shading network's.
        """
        inputs = self.inputs(source, flow, driven)
        (residual, visible), tone = self.refiner(inputs), smooth_up(self.shade(inputs), 4)
        if shading is not None:
            tone = tone + shading * broad((inputs[1] + 1) / 2)
        residual = residual * inputs[-1][:, FACE : FACE + 1]  # the residual acts on the face only
        flow = flow + smooth_up(residual, 4)
        offset = smooth_up(tone, 4)
        moved = warp(source.photo, flow, flow.shape[-1]) + offset
        eyes, cover = (
            self.lids(source.photo, offset, source.points, points, self.outlines)
            if lids
            else (moved, 0 * offset[:, :1])
        )
        colour, keep = self.generator(source.features, moved + cover * (eyes - moved), flow, visible, driven)
        keep = 1 - (1 - keep) * (1 - cover)  # nothing is painted upon lids
        bare = keep * (1 - cover)
        return WarpedSource(
            moved, colour + keep * cover / (1 - bare).clamp_min(1e-4) * (eyes - colour), bare, residual, tone
        )

    @staticmethod
    def inputs(source: Source, flow: torch.Tensor, driven: torch.Tensor) -> list[torch.Tensor]:
        """The inputs that refiner and shading network share."""
        small, coarse = quarter(source.photo), quarter(flow)
        masks = [nn.functional.avg_pool2d(part, 2).expand(len(flow), -1, -1, -1) for part in (source.structure, driven)]
        with torch.no_grad():
            first = warp(small, coarse, flow.shape[-1])
        return encoder_inputs(small.expand(len(flow), -1, -1, -1), first, coarse, *masks)


class NetworkFrames(NamedTuple):
    """B frames: each is keep * (photo(z + flow(z)) + tone) + (1 - keep) * colour; 1 - keep is the synthesis map."""

    tone: np.ndarray  # (B, n/4, n/4, 3) in -255..255 at nodes(n, 4): the colour offset
    colour: np.ndarray  # (B, n, n, 3) in 0..255
    keep: np.ndarray  # (B, n, n) in 0..1


class MotionNetworks:
    """The networks behind numpy in, numpy out; made by `load_networks`."""

    def __init__(self, network: MotionNetwork, dtype: torch.dtype = torch.float32):
        self.network = network.eval().to(dtype).to(memory_format=torch.channels_last)
        self.outlines, self.size = network.outlines, network.shape.size

    @torch.inference_mode()
    def encode(self, photo: np.ndarray, points: np.ndarray) -> Source:
        """Source of a crop (n, n, 3) uint8 whose points (478, 3) are given in its pixels; once per photo."""
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[0] != photo.shape[1] or photo.shape[0] % 16:
            raise ValueError(f"a crop is (n, n, 3) uint8 with n a multiple of 16, not {photo.shape} {photo.dtype}")
        picture = torch.from_numpy(np.ascontiguousarray(photo)).permute(2, 0, 1)[None].float() / 255
        return self.network.source(picture, _tensor(points[None]), self._structure(points[None], len(photo)))

    @staticmethod
    def nodes(size: int, cell: int) -> np.ndarray:
        """Middles (size / cell,) of the cells of `cell` pixels along a side: of flow (2) and tone (4)."""
        return np.arange((cell - 1) / 2, size, cell, dtype=np.float32)

    @torch.inference_mode()
    def frames(
        self,
        source: Source,
        driven: np.ndarray,
        flow: np.ndarray,
        shading: torch.Tensor | None = None,
        *,
        lids: bool = True,
    ) -> NetworkFrames:
        """Frames of the photo for points `driven` (B, 478, 3) and first-order displacement `flow` (B,
        n/2, n/2, 2).

        Both are in crop pixels, the flow at nodes(n, 2). `shading` is a ShadingField's, if the driver's is
        known; without `lids` none are synthesized.
        """
        flow = smooth_up(torch.from_numpy(flow).permute(0, 3, 1, 2).contiguous(), 2)
        moved = self.network(source, flow, _tensor(driven), self._structure(driven, flow.shape[-1]), shading, lids)
        colour = moved.colour.clamp(0, 1).mul(255)
        parts = (part.permute(0, 2, 3, 1).contiguous().numpy() for part in (moved.tone * 255, colour))
        return NetworkFrames(*parts, moved.keep[:, 0].numpy())

    def painted(self, keep: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Percent (B,) of each driven face that is painted, not moved: mean of 1 - keep (B, n, n) in its outline."""
        face = smooth_up(self._structure(driven, keep.shape[-1])[:, FACE : FACE + 1], 2)[:, 0].numpy()
        return 100 * ((1 - keep) * face).sum((1, 2)) / np.maximum(face.sum((1, 2)), 1e-6)

    def _structure(self, points: np.ndarray, size: int) -> torch.Tensor:
        return draw(_tensor(points), self.outlines, size=size, count=size // 2)


def save_networks(network: MotionNetwork, path: Path) -> None:
    """Write the networks in fp16, their sizes and the mesh's outlines in the header."""
    write(path, "motion", {**asdict(network.shape), "outlines": asdict(network.outlines)}, network.state_dict())


@cache
def load_networks(path: Path, *, dtype: torch.dtype = torch.float32) -> MotionNetworks:
    """The networks in the weights file at `path`; raises WeightsMissing or WeightsDamaged."""
    sizes, state = read(path, "motion")
    outlines = Contours.of(sizes.pop("outlines"))
    return MotionNetworks(build(lambda: MotionNetwork(outlines, MotionNetworkSizes(**sizes)), state, path), dtype)


def _tensor(points: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(points, np.float32))
