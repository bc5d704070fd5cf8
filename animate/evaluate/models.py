"""The bundled networks as every part of the bench uses them: loaded once, landmarks as the product finds them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

from animate import api
from animate.core.errors import NoFace
from animate.core.types import Photo
from animate.pipeline.driving import track_landmarks


@cache
def bundled() -> api.Model:
    """The bundled model."""
    return api.load()


def find_landmarks(picture: np.ndarray) -> np.ndarray | None:
    """The mesh (478, 3) of the largest face in a still (H, W, 3), as the product finds it; None without a face."""
    try:
        return api.find_faces(Photo(picture), model=bundled())[0].keypoints.points
    except NoFace:
        return None


def track(frames: Iterable[np.ndarray]) -> np.ndarray:
    """The meshes (T, 478, 3) of the largest face in a clip, as the product follows a driver; NaN without a face."""
    return track_landmarks(frames, bundled().keypoints)
