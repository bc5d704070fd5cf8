"""A small critic of patches: is this eye, mouth or cheek a photograph's or painted?

Conventions: pictures (B, 3, n, n) in 0..1, structure masks (B, 6, n/2, n/2); one number a patch, above 0 for real.
Hinge losses (Lim and Ye 2017), weighted where there is a face.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from animate.model.nets.blocks import act, concat, conv
from animate.model.nets.face_masks import CHANNELS
from animate.model.precision import autocast


class Discriminator(nn.Module):
    """Four convolutions; a patch of about 25 pixels decides."""

    def __init__(self, width: int = 32):
        super().__init__()
        self.stem = conv(12 + CHANNELS, width)
        self.down = conv(width, 2 * width, stride=2)
        self.deep = conv(2 * width, 4 * width, stride=2)
        self.out = nn.Conv2d(4 * width, 1, 3, 1, 1)

    def forward(self, picture: torch.Tensor, structure: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Logits (B, 1, n/8, n/8) and the features that led there."""
        x = concat([F.pixel_unshuffle(picture * 2 - 1, 2), structure], self.stem)
        features = []
        for layer in (self.stem, self.down, self.deep):
            x = act(layer(x))
            features.append(x)
        return self.out(x).float(), features


class Critic:
    """The discriminator with its own optimiser: learns on each batch, then gives the generator's loss."""

    def __init__(self, *, rate: float, device: str = "cpu"):
        self.device = device
        self.network = Discriminator().to(device).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), rate, betas=(0.5, 0.99))

    def learn(
        self, output: torch.Tensor, target: torch.Tensor, structure: torch.Tensor, weight: torch.Tensor
    ) -> torch.Tensor:
        """One step of the discriminator on `output` (its graph is left alone); its loss."""
        self.network.requires_grad_(True)
        with autocast(self.device):
            fake, _ = self.network(output.detach(), structure)
            real, _ = self.network(target, structure)
        patch = _patches(weight, fake)
        loss = ((F.relu(1 + fake) + F.relu(1 - real)) * patch).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def judge(
        self, output: torch.Tensor, target: torch.Tensor, structure: torch.Tensor, weight: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The adversarial and the feature-matching loss of `output`."""
        self.network.requires_grad_(False)
        with autocast(self.device):
            fake, features = self.network(output, structure)
            with torch.no_grad():
                _, real = self.network(target, structure)
        match = sum((a.float() - b.float()).abs().mean() for a, b in zip(features, real, strict=True)) / len(features)
        return -(fake * _patches(weight, fake)).mean(), match

    def state(self) -> dict:
        """What a checkpoint keeps."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


def _patches(weight: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """How much each patch counts, mean 1."""
    patch = F.adaptive_avg_pool2d(weight, like.shape[-2:])
    return patch / patch.mean().clamp_min(1e-6)
