"""Training the dense-motion network and the generator together: photo and driver of one person, the driver is
the truth.

Conventions: those of samples.py. Figures are given for the output and, as `*_warp`, for the photo along the
first-order flow.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from animate.model.nets.blocks import smooth_up, warp
from animate.model.nets.face_masks import EYES, FACE, MOUTH
from animate.model.nets.motion_networks import (
    MotionNetwork,
    WarpedSource,
    load_networks,
    save_networks,
)
from animate.model.precision import autocast
from animate.train import data, lashes, losses
from animate.train.discriminator import Critic
from animate.train.motion_config import PARTS, MotionConfig
from animate.train.pairs import Pairs
from animate.train.pseudo_labels import own_points
from animate.train.samples import OUTLINES, SampleMaker, Samples

PAINT_COST = (0.2, 1.0, 0.02)  # of painting: around the face, on its skin, and at eyes and mouth


class MotionTask:
    """Batches, losses, score, picture and export of the motion networks over `folder`, labels in `cache`."""

    def __init__(self, folder: Path, cache: Path, *, device: str = "cpu", **choices: Any):
        """`choices` are those of MotionConfig; raises OptionError for another."""
        config = self.config = MotionConfig.of(choices)
        self.pictures = data.load(folder, cache)
        self.device, self.weights, self.steps = device, config.weights, 0
        points = own_points(self.pictures, Path(config.keypoints), cache) if config.own else None
        self.sampler = SampleMaker(self.pictures, config.size, points=points, refined=config.refined)
        self.pairs = Pairs(self.pictures, self.pictures.of("train"))
        self.network = self._prepare()
        judged = self.weights["feature"] or self.weights["points"]
        self.likeness = losses.Likeness(Path(config.keypoints), config.size, device=device) if judged else None
        self.critic = Critic(rate=config.critic_rate, device=device) if self.weights["adversarial"] else None

    def _prepare(self) -> MotionNetwork:
        """The network to train, with its lash profile measured, frozen but for the parts to learn."""
        start = self.config.start
        network = deepcopy(load_networks(Path(start)).network) if start else MotionNetwork(OUTLINES, self.config.sizes)
        if not network.lids.lashes.any():
            network.lids.lashes.copy_(lashes.measure(self.pictures, self.sampler.points))
        for name in set(PARTS) - set(self.config.learn):
            getattr(network, name).requires_grad_(False)
        return network

    def batch(self, rng: np.random.Generator, count: int) -> Samples:
        """`count` frames: `drivers` for each photo."""
        groups = [self.pairs.draw(rng, self.config.drivers) for _ in range(max(1, count // self.config.drivers))]
        return self.sampler.scenes(groups, rng, self.config.span).to(self.device)

    def loss(self, network: nn.Module, scenes: Samples) -> dict[str, torch.Tensor]:
        """The losses, weighted up at eyes and mouth."""
        with autocast(self.device):
            moved = run(network, scenes)
        output, target, weight = moved.picture, scenes.target, loss_weight(scenes)
        parts = {
            "pixel": losses.charbonnier(output, target, weight),
            "edge": losses.gradients(output, target, weight),
            "pyramid": losses.pyramid(output, target, weight),
            "colour": losses.charbonnier(moved.colour, target, weight),
            "rough": losses.roughness(moved.residual),
            "painted": losses.painted_share(moved.keep, paint_cost(scenes)),
        }
        settled = self.steps >= self.config.settle
        if self.likeness and settled:
            parts["feature"], parts["points"] = self.likeness(output, target, scenes.points.cpu().numpy())
        if self.critic and settled:
            learnt = self.critic.learn(output, target, scenes.driven, weight)
            parts["adversarial"], parts["match"] = self.critic.judge(output, target, scenes.driven, weight)
        self.steps += network.training
        scale = {**self.weights, "painted": self.weights["painted"] * min(1.0, self.steps / max(1, self.config.ramp))}
        total = sum(scale[name] * value for name, value in parts.items())
        if "match" in parts:
            parts["critic"] = learnt
        return {**parts, "total": total}

    @cached_property
    def trials(self) -> list[Samples]:
        """Held-out people: first frame of every clip as photo, frames spread over the rest as drivers."""
        pairs = Pairs(self.pictures, self.pictures.of("val"))
        rows = (self.pictures.rows[self.pictures.row_of[run[0]]] for run in pairs.runs)
        runs = [run for run, row in zip(pairs.runs, rows, strict=True) if row.kind == "video" and not row.synthetic]
        spread = [
            np.linspace(len(run) // self.config.held_out, len(run) - 1, self.config.held_out).astype(int)
            for run in runs
        ]
        return [self.sampler.scenes([(int(run[0]), run[late])]) for run, late in zip(runs, spread, strict=True)]

    def score(self, network: nn.Module) -> dict[str, float]:
        """L1 (0..1) over frame, face and openings, sharpness over truth, for the output and the first-order warp; and
        their ratios.
        """
        scores = []
        for scenes in self.trials:
            moved, first = self._shown(network, scenes)
            ours, warped = (figures(picture, scenes) for picture in (moved.picture.clamp(0, 1), first))
            warped = {f"{name}_warp": value for name, value in warped.items()}
            scores.append({**ours, **warped, "painted": _inside(1 - moved.keep, _face(scenes))})
        mean = {name: float(np.mean([one[name] for one in scores])) for name in scores[0]}
        ratios = {f"{name}_ratio": mean[name] / mean[f"{name}_warp"] for name in ("frame", "face", "openings")}
        return {**mean, **ratios}

    def picture(self, network: nn.Module, path: Path) -> None:
        """A grid of held-out pairs: photo, driver, first-order warp, refined warp, output, synthesis map."""
        rows = []
        for scenes in self.trials[:: max(1, len(self.trials) // 8)][:8]:
            scenes = only(scenes, _busiest(scenes))
            moved, first = self._shown(network, scenes)
            painted = (1 - moved.keep).expand(-1, 3, -1, -1)
            rows.append(torch.cat([scenes.photo, scenes.target, first, moved.moved, moved.picture, painted], 3)[0])
        grid = torch.cat(rows, 1).clamp(0, 1).mul(255).byte().permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(grid)).save(path)

    def export(self, network: nn.Module, path: Path) -> None:
        """Both networks in fp16, their sizes in the header."""
        save_networks(network, path)

    def state(self) -> dict:
        """What a checkpoint keeps besides the networks."""
        return {"steps": self.steps, "critic": self.critic.state() if self.critic else {}}

    def restore(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.steps = state["steps"]
        if self.critic and state["critic"]:
            self.critic.restore(state["critic"])

    @torch.no_grad()
    def _shown(self, network: nn.Module, scenes: Samples) -> tuple[WarpedSource, torch.Tensor]:
        """What the network makes of `scenes`, and the first-order warp, on the CPU."""
        with autocast(self.device):
            moved = run(network, scenes.to(self.device))
        moved = WarpedSource(**{name: value.float().cpu() for name, value in vars(moved).items()})
        return moved, warp(scenes.photo[scenes.which], scenes.flow, self.sampler.size)


def run(network: nn.Module, scenes: Samples) -> WarpedSource:
    """The networks' frames for scenes; the photo's own pixels are moved, features are those of its print, and painting
    is kept where run time shows it."""
    source = network.source(scenes.photo, scenes.rest, scenes.structure, scenes.print)
    moved = network(source.take(scenes.which), scenes.flow, scenes.points, scenes.driven, scenes.shading)
    return replace(moved, keep=1 - scenes.allowed * (1 - moved.keep))


def loss_weight(scenes: Samples) -> torch.Tensor:
    """How much each pixel counts (B, 1, n, n): eyes and mouth most, then the face; hardly what lies around, where run
    time shows nothing of the networks."""
    return smooth_up(0.1 + 1.3 * scenes.driven[:, FACE : FACE + 1] + 7.0 * _around(scenes.focus, 2), 2)


def paint_cost(scenes: Samples) -> torch.Tensor:
    """What painting costs (B, 1, n, n): skin that can be moved is to be moved."""
    outside, skin, opening = PAINT_COST
    around = outside + (skin - outside) * scenes.driven[:, FACE : FACE + 1]
    return smooth_up(around + (opening - around) * _around(scenes.focus, 3), 2)


def _around(mask: torch.Tensor, reach: int) -> torch.Tensor:
    """A mask (B, 1, h, w) grown by `reach` cells, its edge softened."""
    return F.avg_pool2d(F.max_pool2d(mask, 2 * reach + 1, 1, reach), 3, 1, 1)


def figures(picture: torch.Tensor, scenes: Samples) -> dict[str, float]:
    """L1 over the frame, the face and its openings, and gradient energy over the truth's within the face."""
    error = (picture - scenes.target).abs().mean(1, keepdim=True)
    openings = smooth_up((scenes.driven[:, EYES] + scenes.driven[:, MOUTH])[:, None].clamp(max=1), 2)
    face = _face(scenes)
    energy = [_inside(_energy(x), face[..., 1:, 1:]) for x in (picture, scenes.target)]
    return {
        "frame": float(error.mean()),
        "face": _inside(error, face),
        "openings": _inside(error, openings),
        "sharp": energy[0] / energy[1],
    }


def only(scenes: Samples, index: int) -> Samples:
    """The scene of one frame."""
    which, window = scenes.which[index], slice(index, index + 1)
    of_photo = {name: getattr(scenes, name)[which : which + 1] for name in ("photo", "print", "rest", "structure")}
    of_frame = {
        name: getattr(scenes, name)[window]
        for name in ("target", "flow", "driven", "focus", "points", "shading", "allowed")
    }
    return replace(scenes, **of_photo, **of_frame, which=torch.zeros(1, dtype=torch.int64))


def _busiest(scenes: Samples) -> int:
    return int((scenes.driven - scenes.structure[scenes.which]).abs().sum((1, 2, 3)).argmax())


def _face(scenes: Samples) -> torch.Tensor:
    return smooth_up(scenes.driven[:, FACE : FACE + 1], 2)


def _energy(x: torch.Tensor) -> torch.Tensor:
    return ((x[..., 1:, 1:] - x[..., 1:, :-1]) ** 2 + (x[..., 1:, 1:] - x[..., :-1, 1:]) ** 2).mean(1, keepdim=True)


def _inside(values: torch.Tensor, mask: torch.Tensor) -> float:
    return float((values * mask).sum() / mask.sum().clamp_min(1e-6))
