"""Whether two faces are one person's: texture, shape and the turn between them, weighed.

Part of the pipeline: it joins faces and motion. The weights are a logistic regression on pairs of the training
pictures (docs/experiments.md has the figures); the texture needs no training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animate.faces import likeness
from animate.motion import frontal, landmarks, pose, source_choice

WEIGHTS = (32.86, -3.802, -219.7, 0.1547)  # of pattern overlap, correlation, difference of shapes, degrees
OFFSET = -19.537
LEAST = 0.75  # score from which a face passes for the same person's


@dataclass(frozen=True, eq=False)
class Appearance:
    """What two faces are compared by."""

    texture: likeness.Texture
    points: np.ndarray
    rotation: np.ndarray


def look(pixels: np.ndarray, points: np.ndarray) -> Appearance:
    """The appearance of the face at points (478, 3) of a picture (H, W, 3) uint8."""
    unit = float(np.linalg.norm(np.subtract(*landmarks.five(points)[:2, :2])))
    blur = unit * (frontal.X[1] - frontal.X[0]) / frontal.SIDE / 2
    return Appearance(
        likeness.texture(pixels, frontal.places(points), blur), points, pose.canonical(points)[0].rotation
    )


def features(one: Appearance, other: Appearance) -> tuple[float, float, float, float]:
    """Pattern overlap, correlation of detail, difference of the heads' own shapes, degrees between their views."""
    away = float(source_choice.turned(one.rotation, other.rotation))
    return *one.texture.compare(other.texture), frontal.shape_difference(one.points, other.points), away


def score(one: Appearance, other: Appearance) -> float:
    """How much speaks for one person: the logarithm of odds, above LEAST for a face that passes."""
    return float(np.dot(WEIGHTS, features(one, other)) + OFFSET)
