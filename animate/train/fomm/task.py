"""Training the First Order Motion Model on clips without labels (Siarohin et al. 2019), by the trainer of all networks.

Conventions: pictures (B, 3, n, n) float32 in 0..1. Two frames of one clip are picture and driver; the driver is the
truth. There is no ImageNet network here: features of the discriminator and pyramids of pixels stand in for its
features.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from animate.core.errors import OptionError
from animate.fomm.checkpoint import KIND
from animate.fomm.config import DetectorSizes, GeneratorSizes, MotionSizes, Sizes
from animate.fomm.networks import Deformed, FommNetwork, Points, deform
from animate.model.checkpoint import write
from animate.train.fomm import footage
from animate.train.fomm.discriminator import Critic
from animate.train.fomm.thin_plate import ThinPlate

WEIGHTS = {"pixel": 10.0, "feature": 10.0, "adversarial": 1.0, "value": 10.0, "jacobian": 10.0}
SCALES = 4  # of the pyramid: 1, 1/2, 1/4, 1/8
SCORED = 8  # pairs of held-out clips


class Pair(NamedTuple):
    """Picture and driver (B, 3, n, n), and the random maps of the equivariance losses."""

    source: torch.Tensor
    driving: torch.Tensor
    plate: ThinPlate


class FommTask:
    """Batches, losses, score, picture and export over a folder of clips, decoded into `cache`."""

    def __init__(
        self,
        folder: Path,
        cache: Path,
        *,
        device: str = "cpu",
        size: int = 256,
        critic_rate: float = 2e-4,
        critic_width: int = 32,
        aligned: bool = True,
        detector: dict | None = None,
        motion: dict | None = None,
        painter: dict | None = None,
        **weights: float,
    ):
        """`detector`, `motion` and `painter` are sizes under their published names; `weights` are those of WEIGHTS."""
        if unknown := sorted(set(weights) - set(WEIGHTS)):
            hint = "its losses are: " + ", ".join(WEIGHTS)
            raise OptionError(f"[fomm] {', '.join(unknown)} is not understood", hint=hint)
        self.device, self.aligned, self.weights = device, aligned, {**WEIGHTS, **weights}
        self.sizes = Sizes(
            detector=_part(DetectorSizes, "detector", detector),
            motion=_part(MotionSizes, "motion", motion),
            painter=_part(GeneratorSizes, "painter", painter),
        )
        self.footage = footage.load(folder, cache, size)
        self.network = FommNetwork(self.sizes)
        self.critic = Critic(rate=critic_rate, width=critic_width, device=device)

    def batch(self, rng: np.random.Generator, count: int) -> Pair:
        """`count` pairs of frames, half of them mirrored, in brightness and colour changed alike for both."""
        source, driving = [], []
        for _ in range(count):
            first, last = self.footage.train[rng.integers(len(self.footage.train))]
            two = self.footage.frames[rng.choice(np.arange(first, last), 2, replace=False)]
            two = two[:, :, ::-1] if rng.random() < 0.5 else two
            two = two * rng.uniform(0.9, 1.1, 3) + rng.uniform(-25, 25)
            source.append(two[0])
            driving.append(two[1])
        return Pair(self._tensor(source), self._tensor(driving), ThinPlate(count, rng, device=self.device))

    def loss(self, network: FommNetwork, pair: Pair) -> dict[str, torch.Tensor]:
        """The losses of the paper, their weighted sum as "total"; one step of the critic on the way."""
        driving, moved = self._moved(network, pair)
        parts = {"pixel": pyramid(moved.picture, pair.driving)}
        parts |= equivariance(network, pair, driving)
        learnt = self.critic.learn(moved.picture, pair.driving)
        parts["adversarial"], parts["feature"] = self.critic.judge(moved.picture, pair.driving)
        total = sum(self.weights[name] * value for name, value in parts.items())
        visible = {} if moved.occlusion is None else {"kept": moved.occlusion.mean()}
        return {**parts, **visible, "critic": learnt, "total": total}

    @torch.no_grad()
    def score(self, network: FommNetwork) -> dict[str, float]:
        """L1 (0..1) of held-out frames and of the still picture in their place, their ratio, and equivariance."""
        pair = self.held()
        driving, moved = self._moved(network.eval(), pair)
        frame, still = ((picture - pair.driving).abs().mean() for picture in (moved.picture, pair.source))
        apart = equivariance(network, pair, driving)
        return {"frame": float(frame), "frame_still": float(still), "frame_ratio": float(frame / still.clamp_min(1e-6)),
                **{name: float(value) for name, value in apart.items()}}  # fmt: skip

    @torch.no_grad()
    def picture(self, network: FommNetwork, path: Path) -> None:
        """A grid of held-out pairs: picture, driver, warped picture, output, visible share."""
        pair = self.held()
        _, moved = self._moved(network.eval(), pair)
        warped = deform(pair.source, moved.deformation, aligned=self.aligned)
        visible = moved.occlusion if moved.occlusion is not None else torch.ones_like(moved.mask[:, :1])
        visible = F.interpolate(visible, size=pair.source.shape[-2:], mode="nearest").expand(-1, 3, -1, -1)
        rows = torch.cat([pair.source, pair.driving, warped, moved.picture, visible], 3)
        grid = torch.cat(list(rows), 1).clamp(0, 1).mul(255).byte().permute(1, 2, 0).cpu().numpy()
        Image.fromarray(np.ascontiguousarray(grid)).save(path)

    def export(self, network: FommNetwork, path: Path) -> None:
        """The file that an import of a published checkpoint makes, too."""
        state = network.state_dict()
        state = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
        write(path, KIND, self.sizes.as_dict(), state, dtype=torch.float32)

    def held(self) -> Pair:
        """First and middle frame of held-out clips; the same maps each time."""
        runs = self.footage.held[:: max(1, len(self.footage.held) // SCORED)][:SCORED]
        frames = self.footage.frames
        source, driving = [frames[a] for a, _ in runs], [frames[(a + b) // 2] for a, b in runs]
        plate = ThinPlate(len(runs), np.random.default_rng(0), device=self.device)
        return Pair(self._tensor(source), self._tensor(driving), plate)

    def state(self) -> dict:
        """What a checkpoint keeps besides the networks."""
        return self.critic.state()

    def restore(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.critic.restore(state)

    def _moved(self, network: FommNetwork, pair: Pair) -> tuple[Points, Deformed]:
        """Keypoints of the driver, and the picture moved to them."""
        source, driving = network.kp_detector(pair.source), network.kp_detector(pair.driving)
        return driving, network.generator(network.generator.source(pair.source, source), driving, aligned=self.aligned)

    def _tensor(self, pictures: list[np.ndarray]) -> torch.Tensor:
        made = torch.from_numpy(np.stack(pictures).astype(np.float32).clip(0, 255)).permute(0, 3, 1, 2) / 255
        return made.contiguous(memory_format=torch.channels_last).to(self.device)


def equivariance(network: FommNetwork, pair: Pair, driving: Points) -> dict[str, torch.Tensor]:
    """How far keypoints and Jacobians of a deformed driver are from the deformed ones of the driver (section 3.2)."""
    detected = network.kp_detector(pair.plate.deform(pair.driving))
    parts = {"value": (driving.value - pair.plate(detected.value)).abs().mean()}
    if driving.jacobian is not None:
        expected = pair.plate.jacobian(detected.value) @ detected.jacobian
        parts["jacobian"] = (
            (torch.eye(2, device=expected.device) - torch.inverse(driving.jacobian) @ expected).abs().mean()
        )
    return parts


def pyramid(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """L1 at the full, half, quarter and eighth size, averaged."""
    total = (a - b).abs().mean()
    for _ in range(SCALES - 1):
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        total = total + (a - b).abs().mean()
    return total / SCALES


def _part(kind: type, heading: str, values: dict | None):
    known = {part.name for part in fields(kind)}
    if unknown := sorted(set(values or {}) - known):
        hint = "it knows: " + ", ".join(sorted(known))
        raise OptionError(f"[fomm.{heading}] {', '.join(unknown)} is not understood", hint=hint)
    return kind(**(values or {}))
