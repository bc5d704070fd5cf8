"""The discriminator of the First Order Motion Model: is a patch a photograph's or painted? And how, at two scales.

Conventions: pictures (B, 3, n, n) in 0..1. Least-squares losses (Mao et al. 2017): 1 for real, 0 for painted.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

SCALES = 2  # full and half size


class Discriminator(nn.Module):
    """Convolutions of 4 x 4 with instance normalisation, each half the size of the one before."""

    def __init__(self, width: int = 32, blocks: int = 4, most: int = 512):
        super().__init__()
        widths = [3, *(min(most, width * 2**k) for k in range(blocks))]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(widths, widths[1:], strict=False))
        self.out = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """One number a patch and the features that led there."""
        x, features = picture * 2 - 1, []
        for k, layer in enumerate(self.layers):
            x = layer(x)
            x = F.leaky_relu(F.instance_norm(x) if k else x, 0.2)
            features.append(x)
        return self.out(x), features


class Critic:
    """Discriminators of all scales with their optimiser: learn on each batch, then give the generator's loss."""

    def __init__(self, *, rate: float, width: int = 32, device: str = "cpu"):
        self.networks = nn.ModuleList(Discriminator(width) for _ in range(SCALES)).to(device)
        self.optimizer = torch.optim.Adam(self.networks.parameters(), rate, betas=(0.5, 0.999))

    def learn(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """One step on `output` (its graph is left alone); the loss."""
        self.networks.requires_grad_(True)
        fake, real = self._results(output.detach()), self._results(target)
        loss = sum(score.square().mean() for score, _ in fake) + sum((1 - score).square().mean() for score, _ in real)
        self.optimizer.zero_grad(set_to_none=True)
        (loss / SCALES).backward()
        self.optimizer.step()
        return loss.detach() / SCALES

    def judge(self, output: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The adversarial loss of `output`, and the mean distance of its features from those of the truth."""
        self.networks.requires_grad_(False)
        fake = self._results(output)
        with torch.no_grad():
            real = self._results(target)
        wish = sum((1 - score).square().mean() for score, _ in fake) / SCALES
        ours, theirs = ([part for _, features in results for part in features] for results in (fake, real))
        apart = [(a - b).abs().mean() for a, b in zip(ours, theirs, strict=True)]
        return wish, sum(apart) / len(apart)

    def state(self) -> dict:
        """What a checkpoint keeps."""
        return {"network": self.networks.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.networks.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _results(self, picture: torch.Tensor) -> list[tuple[torch.Tensor, list[torch.Tensor]]]:
        results = []
        for network in self.networks:
            results.append(network(picture))
            picture = F.avg_pool2d(picture, 2)
        return results
