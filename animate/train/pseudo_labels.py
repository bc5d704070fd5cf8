"""The training pictures' points as our own keypoint network sees them, which is what the motion networks get
at run time.

Conventions: those of data.py. The first look is cut by the teacher's points, the second by the first.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.faces.crop import crop_from_five, cut
from animate.model.nets.landmark_network import load_landmark_network
from animate.motion import landmarks
from animate.train.data import Pictures

BATCH = 16
LOST = 0.25  # eye distances that our points may be off the teacher's on average before the teacher's are taken


def own_points(pictures: Pictures, weights: Path, cache: Path) -> np.ndarray:
    """Points (N, 478, 3) by the network in the file `weights`; worked out once and kept in `cache`."""
    kept = Path(cache) / f"points-{hashlib.sha256(Path(weights).read_bytes()).hexdigest()[:12]}.npy"
    if not kept.exists():
        found = look(pictures.frames, pictures.points, load_landmark_network(Path(weights)))
        beside = kept.with_name("." + kept.name)
        np.save(beside, found)
        beside.replace(kept)
    return np.load(kept)


def look(frames: np.ndarray, points: np.ndarray, network) -> np.ndarray:
    """Points (N, 478, 3) in frames (N, H, W, 3) uint8 of which the teacher says `points`; its own where ours
    went astray.
    """
    found = points.copy()
    for start in range(0, len(frames), BATCH):
        here = slice(start, min(start + BATCH, len(frames)))
        for _ in range(2):
            crops = [
                crop_from_five(five[:, :2], size=LANDMARK_SIZE, span=LANDMARK_SPAN)
                for five in landmarks.five(found[here])
            ]
            seen, _ = network.predict(
                np.stack([cut(np.asarray(frame), crop) for frame, crop in zip(frames[here], crops, strict=True)])
            )
            found[here] = [crop.out(mesh) for crop, mesh in zip(crops, seen, strict=True)]
    off = np.linalg.norm((found - points)[..., :2], axis=-1).mean(1) / landmarks.eye_distance(points)
    found[off > LOST] = points[off > LOST]
    return found
