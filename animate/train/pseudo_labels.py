"""The training pictures' points as our own landmark network predicts them, which is what the motion networks get
at run time.

Conventions: those of data.py. The first crop is cut by the teacher's points, the second by the first prediction.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from animate.core.files import replacing
from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.faces.crop import crop_from_five, cut
from animate.model.nets.landmark_network import load_landmark_network
from animate.motion import landmarks
from animate.train.data import Pictures

BATCH = 16
LOST = 0.25  # eye distances that our points may be off the teacher's on average before the teacher's are taken


def own_points(pictures: Pictures, weights: Path, cache: Path) -> np.ndarray:
    """Points (N, 478, 3) by the network in the file `weights`; computed once and cached in `cache`."""
    path = Path(cache) / f"points-{hashlib.sha256(Path(weights).read_bytes()).hexdigest()[:12]}.npy"
    if not path.exists():
        predicted = predict_all(pictures.frames, pictures.points, load_landmark_network(Path(weights)))
        with replacing(path) as part:
            np.save(part, predicted)
    return np.load(path)


def predict_all(frames: np.ndarray, points: np.ndarray, network) -> np.ndarray:
    """Points (N, 478, 3) in frames (N, H, W, 3) uint8 with the teacher's `points`; those where ours
    went astray.
    """
    predicted = points.copy()
    for start in range(0, len(frames), BATCH):
        window = slice(start, min(start + BATCH, len(frames)))
        for _ in range(2):
            crops = [
                crop_from_five(five[:, :2], size=LANDMARK_SIZE, span=LANDMARK_SPAN)
                for five in landmarks.five(predicted[window])
            ]
            meshes, _ = network.predict(
                np.stack([cut(np.asarray(frame), crop) for frame, crop in zip(frames[window], crops, strict=True)])
            )
            predicted[window] = [crop.out(mesh) for crop, mesh in zip(crops, meshes, strict=True)]
    off = np.linalg.norm((predicted - points)[..., :2], axis=-1).mean(1) / landmarks.eye_distance(points)
    predicted[off > LOST] = points[off > LOST]
    return predicted
