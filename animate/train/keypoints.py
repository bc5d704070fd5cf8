"""Distilling the keypoint network: crops cut as at run time, aged as old prints are, against the teacher's points.

Conventions: targets are in network units (crop widths from the crop's centre); errors are in distances of the outer eye
corners, as in the targets of evaluate/landmark_accuracy.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn
from torch.nn import functional as F

from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.core.numerics import smoothstep
from animate.core.types import Crop
from animate.faces.crop import crop_from_five, cut
from animate.model.nets.landmark_network import (
    LandmarkNetwork,
    from_pixels,
    read_landmark_network,
    save_landmark_network,
    to_pixels,
)
from animate.model.precision import autocast
from animate.motion import landmarks
from animate.train import data
from animate.train.augment import age
from animate.train.landmark_targets import difference_pairs, openings, point_weights, yaw_sine

# Roll in degrees, scale and shift (crop widths) of crops: by a second prediction, by the frame before, by a finder.
_JITTERS = ((1.5, 0.02, 0.008), (4.0, 0.05, 0.02), (8.0, 0.10, 0.045))
_JITTER_SHARES = (0.35, 0.35, 0.3)
TURNED = (0.35, 0.7)  # sine of the yaw of a face that is turned a little, and far


class KeypointTask:
    """Batches, loss and score of the keypoint network over `data`, labels in `cache`.

    negatives: share of crops without a face; aged: share of crops that are aged; across: weight of differences across
    lids and lips; turned: how many times more often faces that are turned far are drawn; start: exported weights to go
    on from, instead of the mean face.
    """

    def __init__(
        self,
        folder: Path,
        cache: Path,
        *,
        device: str = "cpu",
        negatives: float = 0.1,
        aged: float = 1.0,
        across: float = 1.0,
        turned: float = 0.0,
        start: str = "",
    ):
        self.pictures = data.load(folder, cache)
        self.device, self.negatives, self.aged, self.across, self.turned = device, negatives, aged, across, turned
        self.train = self.pictures.of("train")
        self.val = self.pictures.of("val")
        self.five = landmarks.five(self.pictures.points)[..., :2]  # (N, 5, 2)
        self.chance = self._chances()
        self.network = read_landmark_network(Path(start)) if start else LandmarkNetwork()
        if not start:
            self._start_from_mean()
        self.weights = torch.from_numpy(point_weights()).to(device)  # (478,)
        self.pairs = torch.from_numpy(difference_pairs()).to(device)  # (P, 2)

    def batch(self, rng: np.random.Generator, count: int) -> dict[str, torch.Tensor]:
        """`count` aged crops with targets; a share shows no face, or one so badly cut that it does not count."""
        chosen = rng.choice(self.train, count, p=self.chance)
        samples = [self._absent(rng, i) if rng.random() < self.negatives else self._present(rng, i) for i in chosen]
        crops = np.stack([age(rng, crop) if rng.random() < self.aged else crop for crop, _, _ in samples])
        points = from_pixels(torch.from_numpy(np.stack([p for _, p, _ in samples])))
        return {
            "crops": to_input(crops).to(self.device),
            "points": points.to(self.device),
            "present": torch.tensor([p for _, _, p in samples], dtype=torch.float32, device=self.device),
        }

    def loss(self, network: nn.Module, batch: dict) -> dict[str, torch.Tensor]:
        """L1 on points (lids, irises and lips weigh more), on differences across openings, and cross-entropy
        on presence.
        """
        with autocast(self.device):
            points, logits, _ = network(batch["crops"])
        present = batch["present"]
        error = (points - batch["points"]) * LANDMARK_SPAN  # in eye distances
        scale = present / present.sum().clamp(min=1)
        point = (error.abs() * torch.tensor([1.0, 1.0, 0.3], device=error.device)).sum(-1) @ self.weights  # (N,)
        across = error[:, self.pairs[:, 0], :2] - error[:, self.pairs[:, 1], :2]
        parts = {
            "points": (point * scale).sum(),
            "across": (across.abs().sum(-1).mean(-1) * scale).sum(),
            "presence": F.binary_cross_entropy_with_logits(logits, present),
        }
        return {**parts, "total": parts["points"] + self.across * parts["across"] + 0.05 * parts["presence"]}

    def score(self, network: nn.Module, most: int = 600) -> dict[str, float]:
        """Mean error of 468 + 10 points in percent of the outer eye corners' distance on held-out people, clips and
        stills apart.
        """
        kinds = np.array([row.kind == "still" for row in self.pictures.rows])[self.pictures.row_of[self.val]]
        result = {}
        for name, chosen in (("stills", self.val[kinds]), ("clips", self.val[~kinds])):
            if not len(chosen):
                continue
            chosen = chosen[:: max(1, len(chosen) // most)]
            errors = np.concatenate([self._errors(network, chosen[i : i + 64]) for i in range(0, len(chosen), 64)])
            result[name] = float(errors.mean() * 100)
            result[f"{name}_lids"] = float(errors[:, list(landmarks.LIDS)].mean() * 100)
            result[f"{name}_lips"] = float(errors[:, list(landmarks.INNER_LIPS)].mean() * 100)
        return result

    def picture(self, network: nn.Module, path: Path) -> None:
        """A grid of held-out crops with the network's points."""
        chosen = self.val[:: max(1, len(self.val) // 24)][:24]
        crops = [self._upright(i)[0] for i in chosen]
        points = predict(network, np.stack(crops))
        grid = Image.new("RGB", (LANDMARK_SIZE * 2 * 6, LANDMARK_SIZE * 2 * 4))
        for number, (crop, mesh) in enumerate(zip(crops, points, strict=True)):
            tile = Image.fromarray(crop).resize((LANDMARK_SIZE * 2, LANDMARK_SIZE * 2))
            draw = ImageDraw.Draw(tile)
            draw.point([tuple(p) for p in mesh[:, :2] * 2 + 0.5], fill=(0, 255, 0))
            grid.paste(tile, (number % 6 * LANDMARK_SIZE * 2, number // 6 * LANDMARK_SIZE * 2))
        grid.save(path)

    def export(self, network: nn.Module, path: Path) -> None:
        """The weights file that ships."""
        save_landmark_network(network, path)

    def _errors(self, network: nn.Module, chosen: np.ndarray) -> np.ndarray:
        """Distances (n, 478) of predicted to the teacher's points, in distances of the outer eye corners."""
        crops, truth = zip(*(self._upright(i) for i in chosen), strict=True)
        truth = np.stack(truth)
        size = np.linalg.norm(truth[:, 33, :2] - truth[:, 263, :2], axis=-1)
        return np.linalg.norm(predict(network, np.stack(crops)) - truth[..., :2], axis=-1) / size[:, None]

    def _upright(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        crop = crop_from_five(self.five[index], size=LANDMARK_SIZE, span=LANDMARK_SPAN)
        return cut(np.asarray(self.pictures.frames[index]), crop), crop.into(self.pictures.points[index])

    def _present(self, rng: np.random.Generator, index: int) -> tuple[np.ndarray, np.ndarray, bool]:
        turn, scale, shift = _JITTERS[rng.choice(len(_JITTERS), p=_JITTER_SHARES)]
        jitter = _jitter(rng, turn=turn, scale=scale, shift=shift)
        return self._labelled_crop(rng, index, jitter, True)

    def _absent(self, rng: np.random.Generator, index: int) -> tuple[np.ndarray, np.ndarray, bool]:
        kind = rng.integers(4)
        if kind == 0:  # beside the face
            away = rng.uniform(0, 2 * np.pi)
            jitter = _similarity(
                rng.normal(0, 20), rng.uniform(0.7, 2), rng.uniform(0.55, 0.9) * np.array([np.cos(away), np.sin(away)])
            )
        elif kind == 1:  # on its side or its head
            jitter = _similarity(
                rng.choice([-1, 1]) * rng.uniform(70, 180), rng.uniform(0.8, 1.2), rng.normal(0, 0.05, 2)
            )
        elif kind == 2:  # far too near or too far
            jitter = _similarity(
                rng.normal(0, 10), rng.choice([rng.uniform(0.2, 0.42), rng.uniform(2.4, 5)]), rng.normal(0, 0.2, 2)
            )
        else:  # no face: a corner, blown up
            noise = rng.integers(0, 256, (rng.integers(1, 24), rng.integers(1, 24), 3), dtype=np.uint8)
            return (
                np.asarray(Image.fromarray(noise).resize((LANDMARK_SIZE, LANDMARK_SIZE), Image.Resampling.BICUBIC)),
                np.zeros((478, 3), np.float32),
                False,
            )
        return self._labelled_crop(rng, index, jitter, False)

    def _labelled_crop(self, rng, index: int, jitter: np.ndarray, present: bool) -> tuple[np.ndarray, np.ndarray, bool]:
        upright = crop_from_five(self.five[index], size=LANDMARK_SIZE, span=LANDMARK_SPAN)
        linear = jitter[:, :2] @ upright.matrix
        linear[:, 2] += jitter[:, 2]
        crop = Crop(linear, LANDMARK_SIZE)
        picture, points = cut(np.asarray(self.pictures.frames[index]), crop), crop.into(self.pictures.points[index])
        if rng.random() < 0.5:
            picture, points = picture[:, ::-1], points[landmarks.MIRROR] * [-1, 1, 1] + [LANDMARK_SIZE - 1, 0, 0]
        return picture, points.astype(np.float32), present

    def _chances(self) -> np.ndarray:
        """How often each training picture is sampled: stills and long clips alike, rare expressions more often."""
        row_of = self.pictures.row_of[self.train]
        still = np.array([row.kind == "still" for row in self.pictures.rows])[row_of]
        count = np.bincount(row_of, minlength=len(self.pictures.rows))[row_of]
        points = self.pictures.points[self.train]
        lids, mouth = openings(points)
        yaw = np.abs(yaw_sine(points))
        rare = 1 + 3 * (lids.min(1) < 0.12) + 2 * (mouth > 0.25)
        rare = rare + np.where(yaw > 0.35, 1.5 + self.turned * smoothstep(yaw, *TURNED), 0)
        chance = np.where(still, 1.0, 1 / np.sqrt(count)) * rare
        chance[still] *= 0.4 / chance[still].sum() if still.any() else 1
        chance[~still] *= 0.6 / chance[~still].sum() if (~still).any() else 1
        return chance / chance.sum()

    def _start_from_mean(self) -> None:
        """The last layer starts as the mean and the principal components of jittered training meshes."""
        rng = np.random.default_rng(0)
        chosen = rng.choice(self.train, min(3000, len(self.train) * 2), p=self.chance)
        meshes = []
        for index in chosen:
            jitter = _jitter(rng, turn=6.0, scale=0.08, shift=0.035)
            crop = crop_from_five(self.five[index], size=LANDMARK_SIZE, span=LANDMARK_SPAN)
            points = crop.into(self.pictures.points[index])
            points[:, :2] = points[:, :2] @ jitter[:, :2].T + jitter[:, 2]
            meshes.append(points)
        flat = from_pixels(torch.from_numpy(np.stack(meshes))).flatten(1)
        mean = flat.mean(0)
        _, spread, basis = torch.linalg.svd(flat - mean, full_matrices=False)
        rank = min(self.network.shape.hidden, len(spread))
        with torch.no_grad():
            self.network.mesh.bias.copy_(mean)
            self.network.mesh.weight.zero_()
            self.network.mesh.weight[:, :rank] = (basis[:rank] * (spread[:rank, None] / len(flat) ** 0.5)).T


def predict(network: nn.Module, crops: np.ndarray) -> np.ndarray:
    """Points (N, 478, 2) in crop pixels of a network in training."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        points, _, _ = network(to_input(crops).to(device))
    return to_pixels(points).cpu().numpy()[..., :2]


def to_input(crops: np.ndarray) -> torch.Tensor:
    """(N, S, S, 3) uint8 to (N, 3, S, S) float32 in -1..1, channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _jitter(rng: np.random.Generator, *, turn: float, scale: float, shift: float) -> np.ndarray:
    return _similarity(np.clip(rng.normal(0, turn), -20, 20), np.exp(rng.normal(0, scale)), rng.normal(0, shift, 2))


def _similarity(degrees: float, scale: float, shift: np.ndarray) -> np.ndarray:
    """Turn, scale and shift (in crop widths) about the crop's centre, as (2, 3)."""
    angle, centre = np.deg2rad(degrees), np.full(2, (LANDMARK_SIZE - 1) / 2)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.hstack([linear, (centre - linear @ centre + np.asarray(shift) * LANDMARK_SIZE)[:, None]])
