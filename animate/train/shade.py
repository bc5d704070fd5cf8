"""Training the shading network alone: how a face's brightness changes as it turns, at a quarter of the size, so that it
sees many faces.

Conventions: those of motion.py, whose task this is; its weights file holds all networks, the others as they were.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from animate.model.nets.blocks import smooth_up
from animate.model.nets.encoder import quarter
from animate.model.nets.face_masks import FACE
from animate.model.nets.motion_networks import Source
from animate.model.precision import autocast
from animate.train import losses
from animate.train.motion import MotionTask
from animate.train.samples import Samples


class ShadeTask(MotionTask):
    """The same pictures, of which only the first-order warp and its light matter; what the driver shows of it is what
    has to be guessed.
    """

    def __init__(self, folder: Path, cache: Path, **choices):
        """The choices of MotionTask."""
        super().__init__(folder, cache, **{**choices, "refined": 0.0})

    def loss(self, network: nn.Module, scenes: Samples) -> dict[str, torch.Tensor]:
        """Charbonnier of the shaded warp, the face counting most."""
        first, shaded, face = self._shaded(network, scenes)
        target = quarter(scenes.target)
        total = losses.charbonnier(shaded, target, 0.3 + face)
        with torch.no_grad():
            unlit = losses.charbonnier(first, target, 0.3 + face)
        return {"total": total, "unlit": unlit}

    @torch.no_grad()
    def score(self, network: nn.Module) -> dict[str, float]:
        """L1 over frame and face at a quarter of the size, over that of the first-order warp."""
        rows = []
        for scenes in self.trials:
            first, shaded, face = (part.float().cpu() for part in self._shaded(network, scenes.to(self.device)))
            target = quarter(scenes.target)
            rows.append(
                [
                    ((picture - target).abs().mean(1, keepdim=True) * mask).sum() / mask.sum()
                    for picture in (shaded, first)
                    for mask in (torch.ones_like(face), face)
                ]
            )
        frame, face, frame_warp, face_warp = np.mean(rows, 0).tolist()
        return {"frame": frame, "face": face, "frame_ratio": frame / frame_warp, "face_ratio": face / face_warp}

    @torch.no_grad()
    def picture(self, network: nn.Module, path: Path) -> None:
        """A grid of held-out pairs: photo, driver, first-order warp, shaded warp, shading (grey for no change)."""
        rows = []
        for scenes in self.trials[:: max(1, len(self.trials) // 8)][:8]:
            first, shaded, _ = (part.float().cpu()[-1:] for part in self._shaded(network, scenes.to(self.device)))
            photo, target = (quarter(part[-1:]) for part in (scenes.photo[scenes.which], scenes.target))
            rows.append(torch.cat([photo, target, first, shaded, 0.5 + 3 * (shaded - first)], 3)[0])
        grid = smooth_up(torch.cat(rows, 1)[None], 3)[0].clamp(0, 1).mul(255).byte().permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(grid)).save(path)

    def _shaded(self, network: nn.Module, scenes: Samples) -> tuple[torch.Tensor, ...]:
        """First-order warp, the same with shading, and face (B, 1 or 3, n/4, n/4)."""
        source = Source(scenes.photo[scenes.which], scenes.rest[scenes.which], scenes.structure[scenes.which], [])
        inputs = network.inputs(source, scenes.flow, scenes.driven)
        with autocast(self.device):
            tone = network.shade(inputs)
        first = (inputs[1] + 1) / 2
        return first, first + smooth_up(tone, 4), inputs[4][:, FACE : FACE + 1]
