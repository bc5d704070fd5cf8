"""Occlusion of a driver's face: a hand, a cup or a sheet of paper differs from the colours of that skin.

Part of the pipeline: it joins motion and the colours of a recording. Movement of a covered part is not used.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import smoothstep
from animate.motion import landmarks, regions

COVERED = (0.30, 0.45)  # change of a region's colour, as a logarithm, beyond that of the other: from bare to covered
FACING = 0.3  # z of a point's normal from which its colour counts
FEWEST = 12  # points of a region that must face the camera
EASE = 0.25  # seconds from rest to the whole movement and back
DARK = 8.0  # grey steps that colours are raised by: ratios of two near-blacks are noise


def uncovered(colours: np.ndarray, points: np.ndarray) -> dict[str, np.ndarray]:
    """How far each region of a face can be believed in every frame.

    Args:
        colours: (T, 478, 3) uint8 around each point.
        points: (T, 478, 3) in which the colours were taken; NaN where the face is out of sight.

    Returns:
        Weights (T,) in 0..1 of `mouth` and `eyes`; 0 where the region is covered.
    """
    tracked = np.isfinite(points[:, 0, 0])
    parts = _parts()
    if not tracked.any():
        return {name: np.ones(len(points)) for name in parts}
    changes = {name: _changes(colours[:, members], points, tracked, members) for name, members in parts.items()}
    means = {name: _median(change) for name, change in changes.items()}  # (T, 3)
    covered = {}
    for name, change in changes.items():
        other = means["eyes" if name == "mouth" else "mouth"]
        strange = _median(np.linalg.norm(change - other[:, None], axis=2, keepdims=True) / np.sqrt(3))[:, 0]
        # both regions differ from each other alike: the covered one is that which has changed more from rest
        own = np.nan_to_num(np.abs(means[name]).mean(1)) >= np.nan_to_num(np.abs(other).mean(1))
        covered[name] = smoothstep(np.nan_to_num(strange), *COVERED) * own
    return {name: 1 - value for name, value in covered.items()}


def eased(weights: np.ndarray, fps: float) -> np.ndarray:
    """Weights (T,) that fall before a region is covered and rise after it has been, never above what they were."""
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d

    reach = max(1, round(EASE * fps))
    least = minimum_filter1d(weights, 2 * reach + 1, mode="nearest")
    return np.minimum(gaussian_filter1d(least, reach / 2.5, mode="nearest", truncate=2.5), weights)


def _changes(colours: np.ndarray, points: np.ndarray, tracked: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Logarithm (T, K, 3) of a region's colours over what they mostly are; NaN where skin does not face the camera."""
    usual = np.median(colours[tracked], axis=0).astype(np.float32)  # in most frames nothing covers the face
    change = np.log((colours + np.float32(DARK)) / (usual + np.float32(DARK)))
    facing = landmarks.normals(np.nan_to_num(points))[:, members, 2] > FACING
    change[~(facing & tracked[:, None])] = np.nan
    return change


def _median(change: np.ndarray) -> np.ndarray:
    """Median (T, C) over the points (T, K, C) that are not NaN; NaN where these are few."""
    medians = np.full((len(change), change.shape[2]), np.nan)
    enough = np.isfinite(change[..., 0]).sum(1) >= FEWEST
    medians[enough] = np.nanmedian(change[enough], axis=1)
    return medians


def _parts() -> dict[str, np.ndarray]:
    """Skin of the two regions, without lips, lids, irises and outline, whose colours change by themselves: indices."""
    moving = {
        *landmarks.LIPS,
        *landmarks.OVAL,
        *(index for ring in (*landmarks.LIDS, *landmarks.IRISES) for index in ring),
    }
    skin = ~np.isin(np.arange(landmarks.COUNT), list(moving))
    lower = regions.lower_face()
    return {"mouth": np.flatnonzero(skin & (lower > 0.95)), "eyes": np.flatnonzero(skin & (lower < 0.05))}
