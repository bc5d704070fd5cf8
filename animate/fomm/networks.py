"""The three networks of the First Order Motion Model, with the state names of the published checkpoints.

Conventions: those of blocks.py; pictures (B, 3, H, W) are in 0..1, keypoints are values (B, K, 2) and Jacobians
(B, K, 2, 2) or None. A deformation (B, h, w, 2) is the place that each cell samples. `aligned` is the convention of
sampling: True is torch 1.0's, with which the published weights were trained, False is that of torch today.
Networks compute in float32 or, where they were converted, in bfloat16; positions and look-ups stay float32.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from animate.fomm.blocks import DownBlock, Hourglass, ResBlock, SameBlock, UpBlock, positions, shrink
from animate.fomm.config import Sizes
from animate.model.warp.sampling import sample_normalised


class Points(NamedTuple):
    """Keypoints of B pictures: values (B, K, 2) in -1..1, Jacobians (B, K, 2, 2) or None."""

    value: torch.Tensor
    jacobian: torch.Tensor | None


class Deformed(NamedTuple):
    """What the generator makes of B frames: pictures (B, 3, H, W) in 0..1, the deformation (B, h, w, 2), the
    occlusion (B, 1, h, w) in 0..1, 1 where features are visible (None if the network has none), and the masks
    (B, K + 1, h, w)."""

    picture: torch.Tensor
    deformation: torch.Tensor
    occlusion: torch.Tensor | None
    mask: torch.Tensor


class EncodedSource(NamedTuple):
    """What is known of a picture before anything moves: its features, its small copy, its keypoints; B or 1 of each."""

    features: torch.Tensor
    small: torch.Tensor
    points: Points


class KeypointDetector(nn.Module):
    """Finds K keypoints as means of heat maps, and a Jacobian at each as the mean of four maps under the same heat."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        part = sizes.detector
        self.predictor = _hourglass(sizes.num_channels, part)
        self.kp = nn.Conv2d(self.predictor.width, sizes.num_kp, 7, padding=part.pad)
        self.jacobian = None
        if sizes.estimate_jacobian:
            maps = 1 if part.single_jacobian_map else sizes.num_kp
            self.jacobian = nn.Conv2d(self.predictor.width, 4 * maps, 7, padding=part.pad)
            nn.init.zeros_(self.jacobian.weight)
            self.jacobian.bias = nn.Parameter(torch.eye(2).flatten().repeat(maps))
        self.temperature = part.temperature
        self.down = shrink(sizes.num_channels, part.scale_factor)

    def forward(self, picture: torch.Tensor) -> Points:
        features = self.predictor(_ready(self.down(picture), self.kp))
        scores, *maps = _heads(features, self.kp, self.jacobian)
        heat = torch.softmax(scores.flatten(2) / self.temperature, 2)  # (B, K, h w)
        value = heat @ positions(scores).flatten(0, 1)
        if not maps:
            return Points(value, None)
        maps = maps[0].flatten(2).unflatten(1, (-1, 4)).expand(-1, heat.shape[1], -1, -1)  # (B, K, 4, h w)
        jacobian = maps @ heat[..., None]  # (B, K, 4, 1)
        return Points(value, jacobian.unflatten(2, (2, 2))[..., 0])


class DenseMotion(nn.Module):
    """From two faces' keypoints to a deformation and an occlusion map (equation 4 of the paper with learned masks)."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        part, layers = sizes.motion, sizes.num_kp + 1
        self.hourglass = _hourglass(layers * (sizes.num_channels + 1), part)
        self.mask = nn.Conv2d(self.hourglass.width, layers, 7, padding=3)
        self.occlusion = None
        if sizes.painter.estimate_occlusion_map:
            self.occlusion = nn.Conv2d(self.hourglass.width, 1, 7, padding=3)
        self.variance = part.kp_variance
        self.down = shrink(sizes.num_channels, part.scale_factor)

    def forward(
        self, small: torch.Tensor, source: Points, driving: Points, *, aligned: bool
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]:
        """Deformation, occlusion and masks at the size of `small` (B or 1, 3, h, w), the shrunk source."""
        motions = sparse_motions(source, driving, positions(small))  # (B, K + 1, h, w, 2)
        heat = self._heat(driving, small) - self._heat(source, small)
        heat = F.pad(heat, (0, 0, 0, 0, 1, 0))  # the background has none
        moved = sample_normalised(small, motions, aligned=aligned)
        heat_and_moved = torch.cat([heat[:, :, None], moved], 2).flatten(1, 2)
        features = self.hourglass(_ready(heat_and_moved, self.mask))
        scores, *hidden = _heads(features, self.mask, self.occlusion)
        mask = torch.softmax(scores, 1)
        deformation = torch.einsum("bkhwc,bkhw->bhwc", motions, mask)
        return deformation, torch.sigmoid(hidden[0]) if hidden else None, mask

    def _heat(self, points: Points, like: torch.Tensor) -> torch.Tensor:
        """A Gaussian of height 1 around each keypoint: (B, K, h, w)."""
        away = positions(like) - points.value[:, :, None, None]
        return torch.exp(away.square().sum(-1) * (-0.5 / self.variance))


class OcclusionAwareGenerator(nn.Module):
    """Encodes the picture, deforms its features, fades them where something new appears, and paints the frame."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        part = sizes.painter
        widths = [min(part.max_features, part.block_expansion * 2**k) for k in range(part.num_down_blocks + 1)]
        self.dense_motion_network = DenseMotion(sizes)
        self.first = SameBlock(sizes.num_channels, part.block_expansion, side=7)
        self.down_blocks = nn.ModuleList(DownBlock(a, b) for a, b in zip(widths, widths[1:], strict=False))
        self.up_blocks = nn.ModuleList(UpBlock(a, b) for a, b in zip(widths[::-1], widths[-2::-1], strict=False))
        self.bottleneck = nn.Sequential()
        for k in range(part.num_bottleneck_blocks):
            self.bottleneck.add_module(f"r{k}", ResBlock(widths[-1]))
        self.final = nn.Conv2d(part.block_expansion, sizes.num_channels, 7, padding=3)

    def source(self, picture: torch.Tensor, points: Points) -> EncodedSource:
        """All that does not change from frame to frame."""
        x = self.first(_ready(picture, self.first.conv))
        for block in self.down_blocks:
            x = block(x)
        return EncodedSource(x, self.dense_motion_network.down(picture.float()), points)

    def forward(self, source: EncodedSource, driving: Points, *, aligned: bool) -> Deformed:
        motion = self.dense_motion_network(source.small, source.points, driving, aligned=aligned)
        return Deformed(self.paint(source.features, *motion[:2], aligned=aligned), *motion)

    def paint(
        self, features: torch.Tensor, deformation: torch.Tensor, occlusion: torch.Tensor | None, *, aligned: bool
    ) -> torch.Tensor:
        """Pictures (B, 3, H, W) of features (B or 1, C, h, w) moved and faded."""
        x = deform(features, deformation, aligned=aligned)
        if occlusion is not None:
            x = x * _resized(occlusion, x)
        x = self.bottleneck(_ready(x, self.final))
        for block in self.up_blocks:
            x = block(x)
        return torch.sigmoid(self.final(x).float())


class FommNetwork(nn.Module):
    """Generator and keypoint detector as one module, so that they train, average and travel together."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.sizes = sizes
        self.generator, self.kp_detector = OcclusionAwareGenerator(sizes), KeypointDetector(sizes)


def sparse_motions(source: Points, driving: Points, places: torch.Tensor) -> torch.Tensor:
    """Where each layer samples at `places` (h, w, 2): first the background, at rest, then s_k + J_k (z - d_k) of each
    keypoint, J_k = J_source J_driving^-1. (B, K + 1, h, w, 2)."""
    away = places - driving.value[:, :, None, None]
    if driving.jacobian is not None:
        turn = source.jacobian @ torch.inverse(driving.jacobian)
        away = torch.einsum("bkij,bkhwj->bkhwi", turn, away)
    moved = away + source.value[:, :, None, None]
    return torch.cat([places.expand(len(moved), 1, -1, -1, -1), moved], 1)


def deform(maps: torch.Tensor, deformation: torch.Tensor, *, aligned: bool) -> torch.Tensor:
    """Maps (B or 1, C, H, W) sampled along a deformation (B, h, w, 2) brought to their size: (B, C, H, W) float32."""
    if deformation.shape[1:3] != maps.shape[2:]:
        deformation = _resized(deformation.permute(0, 3, 1, 2), maps).permute(0, 2, 3, 1)
    return sample_normalised(maps, deformation[:, None], aligned=aligned)[:, 0]


def _heads(features: torch.Tensor, *layers: nn.Conv2d | None) -> list[torch.Tensor]:
    """What each of the convolutions that there are makes of the same features, in one step, float32."""
    present = [layer for layer in layers if layer is not None]
    weight, bias = (torch.cat([getattr(layer, part) for layer in present]) for part in ("weight", "bias"))
    outputs = F.conv2d(features, weight, bias, padding=present[0].padding).float()
    return list(outputs.split([layer.out_channels for layer in present], 1))


def _resized(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    if x.shape[2:] == like.shape[2:]:
        return x
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


def _ready(x: torch.Tensor, like: nn.Module) -> torch.Tensor:
    """In the precision that the layer `like` works in."""
    return x.to(like.weight.dtype)


def _hourglass(before: int, part) -> Hourglass:
    return Hourglass(before, width=part.block_expansion, most=part.max_features, blocks=part.num_blocks)
