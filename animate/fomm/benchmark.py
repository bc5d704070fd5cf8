"""How many times faster the published model runs here than its plain per-frame loop, measured in one process.

The plain loop is what the published demonstration does: float32, one frame at a time, keypoints of the frame, then the
whole generator, the picture's encoder included. Weights are random: time does not depend on them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from animate.fomm.config import Sizes
from animate.fomm.model import SIZE, Fomm
from animate.fomm.networks import FommNetwork
from animate.model.precision import has_bfloat16


def random_network(sizes: Sizes | None = None, *, seed: int = 0) -> FommNetwork:
    """Networks in evaluation mode with random weights and random, plausible normalisation."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FommNetwork(sizes or Sizes()).eval()
        for part in network.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight)
            if isinstance(part, nn.BatchNorm2d):
                nn.init.normal_(part.running_mean, 0, 0.1)
                nn.init.uniform_(part.running_var, 0.5, 1.5)
                nn.init.uniform_(part.weight, 0.5, 1.5)
                nn.init.normal_(part.bias, 0, 0.1)
        head = network.kp_detector.jacobian
        if head is not None:
            nn.init.normal_(head.weight, 0, 0.3 / head.weight[0].numel() ** 0.5)
    return network


def measure(
    network: FommNetwork | None = None,
    *,
    size: int = SIZE,
    frames: int = 16,
    rounds: int = 2,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Seconds a frame of the plain loop and of float32 (and bfloat16 where the processor has it), how many times faster
    those are, and the largest difference of their pictures (0..1) from the plain ones.

    Rounds take turns, the fastest counts; `clock` returns seconds (time.process_time on a busy machine, one thread).
    The published sizes take about half a minute of one core.
    """
    network = network or random_network()
    pictures = np.random.default_rng(0).integers(0, 256, (frames + 1, size, size, 3), dtype=np.uint8)
    precisions = ["float32", "bfloat16"] if has_bfloat16() else ["float32"]
    ways: dict[str, Callable[[], np.ndarray]] = {"plain": lambda: _plain(network, pictures[: 1 + max(1, frames // 8)])}
    for precision in precisions:
        ways[precision] = _fast(Fomm(network, precision=precision), pictures)
    best, made = dict.fromkeys(ways, float("inf")), {}
    for _ in range(rounds):
        for name, way in ways.items():
            began = clock()
            made[name] = way()
            best[name] = min(best[name], (clock() - began) / len(made[name]))
    figures = {f"{name}_seconds": seconds for name, seconds in best.items()}
    for name in precisions:
        figures[f"{name}_times"] = best["plain"] / best[name]
        figures[f"{name}_difference"] = float(np.abs(made[name][: len(made["plain"])] - made["plain"]).max())
    return figures


@torch.inference_mode()
def _plain(network: FommNetwork, pictures: np.ndarray) -> np.ndarray:
    tensors = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().float() / 255
    points = network.kp_detector(tensors[:1])
    made = []
    for frame in tensors[1:]:
        driving = network.kp_detector(frame[None])
        source = network.generator.source(tensors[:1], points)
        made.append(network.generator(source, driving, aligned=True).picture[0].permute(1, 2, 0).numpy())
    return np.stack(made)


def _fast(model: Fomm, pictures: np.ndarray) -> Callable[[], np.ndarray]:
    still = model.still(pictures[0])
    return lambda: np.stack([frame.picture for frame in model.frames(still, model.detect(pictures[1:]))])
