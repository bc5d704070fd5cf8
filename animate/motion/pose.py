"""Head pose: a mesh is split into turn, size and place of the skull and what the face itself does, and joined back.

Conventions: points (..., 478, 3), x right, y down, z away. A pose maps head coordinates h to picture points
p = scale * rotation @ h + offset (weak perspective: nothing shrinks with depth). Leading axes are frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    seen, model = np.asarray(points, float)[..., rigid, :], np.asarray(reference, float)[rigid]
    weights = np.ones(seen.shape[:-1])
    for _ in range(rounds):
        pose = _procrustes(seen, model, weights)
        miss = np.linalg.norm(seen - apply(model, pose), axis=-1)
        usual = np.maximum(np.median(miss, axis=-1, keepdims=True), 1e-9 * pose.scale[..., None])
        weights = 1 / (1 + (miss / (2 * usual)) ** 2)
    return _procrustes(seen, model, weights)


def apply(head: np.ndarray, pose: Pose) -> np.ndarray:
    """Head coordinates (..., K, 3) as picture points (join)."""
    turned = head @ np.swapaxes(pose.rotation, -1, -2)
    return turned * np.asarray(pose.scale)[..., None, None] + pose.offset[..., None, :]


def invert(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Picture points (..., K, 3) as head coordinates: the exact inverse of `place`."""
    return (points - pose.offset[..., None, :]) @ pose.rotation / np.asarray(pose.scale)[..., None, None]


def decompose(points: np.ndarray, reference: np.ndarray) -> tuple[Pose, np.ndarray]:
    """Pose, and expression (..., 478, 3): what differs from `reference` in the head's own frame and unit."""
    pose = fit_pose(points, reference)
    return pose, invert(np.asarray(points, float), pose) - reference


def compose(pose: Pose, reference: np.ndarray, expression: np.ndarray) -> np.ndarray:
    """Points (..., 478, 3) from what `split` returned, exactly."""
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
    """Axis times angle in radians (..., 3), angle 0 to pi, of rotation matrices (..., 3, 3): the inverse of
    `rotation_matrix`.
    """
    rotation = np.asarray(rotation, float)
    low = rotation[..., [2, 0, 1], [1, 2, 0]] - rotation[..., [1, 2, 0], [2, 0, 1]]
    twice_sine, cosine = np.linalg.norm(low, axis=-1), (np.trace(rotation, axis1=-2, axis2=-1) - 1) / 2
    angle = np.arctan2(twice_sine / 2, cosine)[..., None]
    # the sine vanishes at half a turn too; there the axis is the column of (R + I) that is longest
    columns = np.swapaxes(rotation + np.eye(3), -1, -2)
    longest = np.linalg.norm(columns, axis=-1).argmax(-1)
    axis = np.take_along_axis(columns, longest[..., None, None], -2)[..., 0, :]
    axis = axis * np.where((axis * low).sum(-1, keepdims=True) < 0, -1, 1)
    axis = axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-12)
    usual = twice_sine[..., None] > 1e-6
    ratio = np.where(usual, angle / np.where(usual, twice_sine[..., None], 1), 0.5)
    return np.where(usual | (cosine[..., None] > 0), ratio * low, angle * axis)


def rotation_matrix(vector: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of axis times angle (..., 3) in radians: Rodrigues' formula."""
    vector = np.asarray(vector, float)
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vector, -1, 0)
    nil = np.zeros_like(x)
    cross = np.stack([nil, -z, y, z, nil, -x, -y, x, nil], axis=-1).reshape(*vector.shape[:-1], 3, 3)
    # sin(a)/a and (1-cos(a))/a^2, both steady at a = 0
    return np.eye(3) + np.sinc(angle / np.pi) * cross + 0.5 * np.sinc(angle / (2 * np.pi)) ** 2 * cross @ cross


def roll(rotation: np.ndarray) -> np.ndarray:
    """Tilt in the picture plane (...,) in radians: where the head's own x axis points."""
    return np.arctan2(rotation[..., 1, 0], rotation[..., 0, 0])


def _procrustes(seen: np.ndarray, model: np.ndarray, weights: np.ndarray) -> Pose:
    share = (weights / weights.sum(axis=-1, keepdims=True))[..., None]
    middle, centre = (share * seen).sum(axis=-2), (share * model).sum(axis=-2)
    spread, flat = model - centre[..., None, :], seen - middle[..., None, :]
    left, strength, right = np.linalg.svd(np.swapaxes(share * flat, -1, -2) @ spread)
    signs = np.ones(strength.shape)
    signs[..., 2] = np.sign(np.linalg.det(left @ right))  # a rotation, never a reflection
    rotation = (left * signs[..., None, :]) @ right
    scale = (strength * signs).sum(axis=-1) / np.maximum((share * spread**2).sum(axis=(-1, -2)), 1e-12)
    return Pose(rotation, scale, middle - scale[..., None] * (rotation @ centre[..., None])[..., 0])
