"""Networks as training leaves them, and a run short enough for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from animate.train.trainer import Config, Loop


def settled(network: torch.nn.Module, *shape: int) -> torch.nn.Module:
    """`network` with BatchNorm statistics that are not 0 and 1, from inputs of `shape`, ready for prediction."""
    with torch.no_grad():
        for _ in range(3):
            network.train()(torch.randn(shape) * 2 + 1)
    return network.eval()


def short_run(task, *, steps: int, batch: int, loss: str, out: Path) -> tuple[float, Path]:
    """The `loss` of a fixed batch after training over that before, and the exported weights."""
    torch.set_num_threads(1)
    fixed = task.batch(np.random.default_rng(99), batch)

    def miss(network: torch.nn.Module) -> float:
        with torch.no_grad():
            return float(task.loss(network, fixed)[loss])

    config = Config(steps=steps, batch=8, rate=3e-3, warmup=3, average=0.9, score_every=1000, out=str(out))
    before = miss(task.network.eval())
    loop = Loop(task, config, lambda line: None)
    weights = loop.run(resume=False)
    return miss(loop.averaged()) / before, weights
