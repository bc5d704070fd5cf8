"""Small random networks of the First Order Motion Model, and checkpoints of them as people have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from animate.fomm.benchmark import random_network
from animate.fomm.config import DetectorSizes, GeneratorSizes, MotionSizes, Sizes
from animate.fomm.networks import FommNetwork

SMALL = Sizes(
    detector=DetectorSizes(block_expansion=8, max_features=32, num_blocks=3),
    motion=MotionSizes(block_expansion=8, max_features=32, num_blocks=3),
    painter=GeneratorSizes(block_expansion=8, max_features=32, num_bottleneck_blocks=2),
)
SIDE = 64  # of the pictures it moves
VECTORS = Path(__file__).resolve().parents[2] / "shared" / "fomm-vectors"


def small(seed: int = 0) -> FommNetwork:
    return random_network(SMALL, seed=seed)


def checkpoint(network: FommNetwork) -> dict:
    """What the published training writes: two state dictionaries and the epoch."""
    return {"generator": network.generator.state_dict(), "kp_detector": network.kp_detector.state_dict(), "epoch": 99}


def written(path: Path, content: object, **how) -> Path:
    torch.save(content, path, **how)
    return path


def pictures(count: int, side: int = SIDE, seed: int = 0) -> np.ndarray:
    """Smooth random pictures (count, side, side, 3) uint8."""
    coarse = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
    return (fine.clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


def tensor(shown: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(shown).permute(0, 3, 1, 2).float() / 255
