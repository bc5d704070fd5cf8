"""Drawn people for the tests of layers: heads and trunks of plain colours before a wall, and whose is what."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.layers.heads import head_of
from animate.motion import landmarks

WALL, SKIN = np.array((150.0, 140, 120)), (205, 175, 150)


def mesh(x: float, y: float, unit: float) -> np.ndarray:
    """The average face (478, 3) float32 with its eyes at (x, y), outer corners `unit` apart."""
    face = landmarks.MEAN_FACE - landmarks.MEAN_FACE[[33, 263]].mean(0)
    return (face * unit / landmarks.eye_distance(landmarks.MEAN_FACE) + (x, y, 0)).astype(np.float32)


def draw(size: tuple[int, int], faces: list[np.ndarray], tones: list[tuple], grain: float = 2.0):
    """pixels (H, W, 3) uint8, matte (H, W) float32 and truth (H, W) int: 0 wall, 2 k + 1 head, 2 k + 2 trunk of face k.

    The last face stands in front. `tones` are the colours of hair and trunk.
    """
    height, width = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    picture, truth = np.broadcast_to(WALL, (*size, 3)).copy(), np.zeros(size, int)
    for k, (face, (hair, cloth)) in enumerate(zip(faces, tones, strict=True)):
        head = head_of(face)
        aside, below = head.trunk(x, y)
        trunk = (below > -0.2) & (np.abs(aside) < np.clip(0.5 + 1.6 * below, 0.4, 1.7))
        skull = head.ellipse(x, y) < 1
        (u, v), (w, h) = face[:468, :2].mean(0), np.ptp(face[:468, :2], axis=0)
        inner = ((x - u) / w) ** 2 + ((y - v) / h) ** 2 < 0.25
        parts = (trunk, cloth, 2 * k + 2), (skull, hair, 2 * k + 1), (inner, SKIN, 2 * k + 1)
        for mask, colour, label in parts:
            picture[mask], truth[mask] = colour, label
    matte = gaussian_filter((truth > 0).astype(np.float32), 1.0)
    noise = np.random.default_rng(1).normal(0, grain, (*size, 1))
    pixels = np.clip(gaussian_filter(picture, (1, 1, 0)) + noise + 0.5, 0, 255).astype(np.uint8)
    return pixels, matte, truth
