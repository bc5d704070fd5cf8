"""Where something covers a part of a driver's face: a hand, a cup or a sheet of paper has not the colours of that skin.

Part of the pipeline: it joins motion and what a recording saw. Movement of a covered part is a guess and is not used.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import smoothstep
from animate.motion import landmarks, regions

COVERED = (0.30, 0.45)  # change of a region's colour, as a logarithm, beyond that of the other: from bare to covered
FACING = 0.3  # z of a point's normal from which its colour counts
FEWEST = 12  # points of a region that must face the camera
EASE = 0.25  # seconds from rest to the whole movement and back
DARK = 8.0  # grey steps that colours are raised by: ratios of two near-blacks say nothing


def uncovered(colours: np.ndarray, points: np.ndarray, fps: float) -> dict[str, np.ndarray]:
    """How far each region of a face can be believed in every frame.

    Args:
        colours: (T, 478, 3) uint8 around each point.
        points: (T, 478, 3) in which the colours were taken; NaN where the face is out of sight.
        fps: frames a second.

    Returns:
        Weights (T,) in 0..1 of `mouth` and `eyes`; 0 where the region is covered, eased before and after.
    """
    seen = np.isfinite(points[:, 0, 0])
    if not seen.any():
        return {name: np.ones(len(points)) for name in _parts()}
    usual = np.median(colours[seen], axis=0).astype(np.float32)  # of most frames: in these nothing covers the face
    change = np.log((colours + np.float32(DARK)) / (usual + np.float32(DARK)))
    facing = seen[:, None] & (landmarks.normals(np.nan_to_num(points))[..., 2] > FACING)
    parts = _parts()
    means = {name: _median(change, facing & members) for name, members in parts.items()}  # (T, 3)
    strange = {name: _strangeness(change, facing & parts[name], means[_other(name)]) for name in parts}
    covered = {name: smoothstep(np.nan_to_num(value), *COVERED) for name, value in strange.items()}
    # both regions differ from each other alike: the covered one is that which has changed more from rest
    size = {name: np.nan_to_num(np.abs(mean).mean(1)) for name, mean in means.items()}
    return {name: _eased(1 - covered[name] * (size[name] >= size[_other(name)]), fps) for name in parts}


def _parts() -> dict[str, np.ndarray]:
    """Skin (478,) bool of the two regions, without lips, lids, irises and outline, whose colours change by themselves."""
    moving = {
        *landmarks.LIPS,
        *landmarks.OVAL,
        *(index for ring in (*landmarks.LIDS, *landmarks.IRISES) for index in ring),
    }
    skin = ~np.isin(np.arange(landmarks.COUNT), list(moving))
    lower = regions.lower_face()
    return {"mouth": skin & (lower > 0.95), "eyes": skin & (lower < 0.05)}


def _other(name: str) -> str:
    return "eyes" if name == "mouth" else "mouth"


def _median(change: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Median (T, 3) over the points in use (T, 478); NaN where they are few."""
    chosen = np.where(used[..., None], change, np.nan)
    found = np.full((len(change), 3), np.nan)
    enough = used.sum(1) >= FEWEST
    found[enough] = np.nanmedian(chosen[enough], axis=1)
    return found


def _strangeness(change: np.ndarray, used: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Median (T,) distance of a region's changes of colour from those `usual` (T, 3) elsewhere in the face."""
    away = np.linalg.norm(change - usual[:, None], axis=2) / np.sqrt(3)
    found = np.full(len(change), np.nan)
    enough = used.sum(1) >= FEWEST
    found[enough] = np.nanmedian(np.where(used, away, np.nan)[enough], axis=1)
    return found


def _eased(weights: np.ndarray, fps: float) -> np.ndarray:
    """Weights (T,) that fall before a region is covered and rise after it has been, never above what they were."""
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d

    reach = max(1, round(EASE * fps))
    least = minimum_filter1d(weights, 2 * reach + 1, mode="nearest")
    return np.minimum(gaussian_filter1d(least, reach / 2.5, mode="nearest", truncate=2.5), weights)
