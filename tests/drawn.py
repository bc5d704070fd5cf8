"""Drawn faces that blink, talk and turn, as clips with exact points: training material that belongs to nobody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from animate.model.nets.face_masks import BROWS, EYES, FACE, IRISES, LIPS, MOUTH
from animate.model.nets.face_masks import draw as masks
from animate.motion import landmarks
from animate.train.samples import OUTLINES

COLOURS = {
    FACE: (215, 170, 140),
    EYES: (240, 240, 240),
    IRISES: (50, 60, 90),
    BROWS: (80, 50, 30),
    LIPS: (180, 70, 80),
    MOUTH: (40, 10, 15),
}


def pose(*, closed: float = 0, open_: float = 0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """Points (478, 3) in a 256 px picture of the mean face, eyes `closed` and mouth `open_` by a part, moved
    by `shift` pixels.
    """
    points = landmarks.MEAN_FACE * np.float32(50) + np.float32([127.5 + shift[0], 127.5 + shift[1], 0])
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[list(upper)] += closed * (points[list(lower)] - points[list(upper)])
    points[list(landmarks.INNER_LOWER + landmarks.OUTER_LOWER), 1] += 12 * open_
    return points.astype(np.float32)


def paint(points: np.ndarray, seed: int) -> np.ndarray:
    """The face at points (478, 3) before a wall, as (256, 256, 3) uint8."""
    rng = np.random.default_rng(seed)
    wall = np.kron(rng.integers(60, 200, (16, 16, 3)), np.ones((16, 16, 1)))
    tone = rng.uniform(0.7, 1.1, 3)
    layers = np.kron(
        masks(torch.from_numpy(points)[None], OUTLINES, size=256, count=128)[0].numpy(), np.ones((1, 2, 2))
    )
    for channel, colour in COLOURS.items():
        wall += layers[channel][..., None] * (np.array(colour) * tone - wall)
    return np.clip(wall, 0, 255).astype(np.uint8)


def pack(cache: Path, clips: int = 4, frames: int = 6) -> None:
    """Write `clips` training clips and one held-out clip of drawn faces into `cache`, as data.load expects them."""
    rng = np.random.default_rng(0)
    poses = [
        [
            pose(closed=rng.choice([0, 0, 1]), open_=rng.random(), shift=tuple(rng.normal(0, 4, 2)))
            for _ in range(frames)
        ]
        for _ in range(clips + 1)
    ]
    points = np.array(poses, np.float32).reshape(-1, 478, 3)
    row_of = np.repeat(np.arange(clips + 1), frames).astype(np.int32)
    cache.mkdir(parents=True)
    np.save(cache / "frames.npy", np.stack([paint(p, row) for p, row in zip(points, row_of, strict=True)]))
    np.save(cache / "points.npy", points)
    np.save(cache / "row_of.npy", row_of)
    rows = [
        {
            "name": f"drawn{k}",
            "split": "train" if k < clips else "val",
            "identity": str(k),
            "kind": "video",
            "synthetic": False,
        }
        for k in range(clips + 1)
    ]
    (cache / "pack.json").write_text(json.dumps({"rows": rows}))
