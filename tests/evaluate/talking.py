"""A face that closes its lips and opens them, for the tests of mouths."""

from __future__ import annotations

import numpy as np

from animate.motion import landmarks


def closed_and_open() -> tuple[np.ndarray, np.ndarray]:
    """The mean face (478, 3) in a picture of 256 pixels, lips together and a quarter of an eye distance apart."""
    face = landmarks.MEAN_FACE - landmarks.MEAN_FACE.mean(0)
    face = (face * 120 / landmarks.eye_distance(landmarks.MEAN_FACE) + [128, 100, 0]).astype(np.float32)
    face[list(landmarks.INNER_LOWER), 1] = face[list(landmarks.INNER_UPPER), 1]
    wide = face.copy()
    wide[list(landmarks.INNER_LOWER), 1] += 30
    return face, wide
