"""Head pose: a mesh is split into turn, size and place of the skull and what the face itself does, and joined back.

Conventions: points (..., 478, 3), x right, y down, z away. A pose maps head coordinates h to picture points
p = scale * rotation @ h + offset (weak perspective: nothing shrinks with depth). Leading axes are frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from animate.motion import landmarks

ROUNDS = 3  # of robust reweighting


@dataclass(frozen=True, eq=False)
class Pose:
    """Where heads are: rotation (..., 3, 3), scale (...,), offset (..., 3)."""

    rotation: np.ndarray
    scale: np.ndarray
    offset: np.ndarray


def fit_pose(points: np.ndarray, reference: np.ndarray, *, rounds: int = ROUNDS) -> Pose:
    """The pose that takes `reference` (478, 3) nearest to `points` (..., 478, 3) on the rigid anchors.

    Weighted Procrustes (Umeyama 1991) with Cauchy weights, so that a wrinkled brow does not turn the head.
    """
    rigid = list(landmarks.RIGID)
    target, model = np.asarray(points, float)[..., rigid, :], np.asarray(reference, float)[rigid]
    weights = np.ones(target.shape[:-1])
    for _ in range(rounds):
        pose = _procrustes(target, model, weights)
        miss = np.linalg.norm(target - apply(model, pose), axis=-1)
        usual = np.maximum(np.median(miss, axis=-1, keepdims=True), 1e-9 * pose.scale[..., None])
        weights = 1 / (1 + (miss / (2 * usual)) ** 2)
    return _procrustes(target, model, weights)


def apply(head: np.ndarray, pose: Pose) -> np.ndarray:
    """Head coordinates (..., K, 3) as picture points."""
    turned = head @ np.swapaxes(pose.rotation, -1, -2)
    return turned * np.asarray(pose.scale)[..., None, None] + pose.offset[..., None, :]


def invert(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Picture points (..., K, 3) as head coordinates: the exact inverse of `apply`."""
    return (points - pose.offset[..., None, :]) @ pose.rotation / np.asarray(pose.scale)[..., None, None]


def decompose(points: np.ndarray, reference: np.ndarray) -> tuple[Pose, np.ndarray]:
    """Pose, and expression (..., 478, 3): what differs from `reference` in the head's own frame and unit."""
    pose = fit_pose(points, reference)
    return pose, invert(np.asarray(points, float), pose) - reference


def compose(pose: Pose, reference: np.ndarray, expression: np.ndarray) -> np.ndarray:
    """Points (..., 478, 3) from what `decompose` returned, exactly."""
    return apply(reference + expression, pose)


def canonical(points: np.ndarray) -> tuple[Pose, np.ndarray]:
    """One face (478, 3) as pose and own shape (478, 3): upright, outer eye corners 1 apart, origin amid RIGID."""
    points = np.asarray(points, float)
    mean = landmarks.MEAN_FACE - landmarks.MEAN_FACE[list(landmarks.RIGID)].mean(axis=0)
    pose = fit_pose(points, mean)
    shape = invert(points, pose)
    unit = float(landmarks.eye_distance(shape))
    return Pose(pose.rotation, pose.scale * unit, pose.offset), shape / unit


def rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Axis times angle in radians (..., 3), angle 0 to pi, of rotation matrices (..., 3, 3)."""
    rotation = np.asarray(rotation, float)
    return Rotation.from_matrix(rotation.reshape(-1, 3, 3)).as_rotvec().reshape(rotation.shape[:-1])


def rotation_matrix(vector: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of axis times angle (..., 3) in radians."""
    vector = np.asarray(vector, float)
    return Rotation.from_rotvec(vector.reshape(-1, 3)).as_matrix().reshape(*vector.shape, 3)


def roll(rotation: np.ndarray) -> np.ndarray:
    """Tilt in the picture plane (...,) in radians: where the head's own x axis points."""
    return np.arctan2(rotation[..., 1, 0], rotation[..., 0, 0])


def turned_back(points: np.ndarray, driven: np.ndarray) -> tuple[float, np.ndarray]:
    """How a head that is turned to a side in the photograph turns back towards the camera.

    Args:
        points: (478, 3) of the photograph.
        driven: (T, 478, 3).

    Returns:
        The sine of its turn in the photograph, positive to the right of the picture, and radians (T,) by which it is
        turned back in each frame, negative where it turns further.
    """
    still, shape = canonical(points)
    facing = -float(still.rotation[0, 2])
    relative = fit_pose(driven, shape).rotation @ still.rotation.T
    return facing, rotation_vector(relative)[:, 1] * np.sign(facing)


def _procrustes(target: np.ndarray, model: np.ndarray, weights: np.ndarray) -> Pose:
    share = (weights / weights.sum(axis=-1, keepdims=True))[..., None]
    middle, centre = (share * target).sum(axis=-2), (share * model).sum(axis=-2)
    spread, flat = model - centre[..., None, :], target - middle[..., None, :]
    left, strength, right = np.linalg.svd(np.swapaxes(share * flat, -1, -2) @ spread)
    signs = np.ones(strength.shape)
    signs[..., 2] = np.sign(np.linalg.det(left @ right))  # a rotation, never a reflection
    rotation = (left * signs[..., None, :]) @ right
    scale = (strength * signs).sum(axis=-1) / np.maximum((share * spread**2).sum(axis=(-1, -2)), 1e-12)
    return Pose(rotation, scale, middle - scale[..., None] * (rotation @ centre[..., None])[..., 0])
