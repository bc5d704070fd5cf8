"""Movement of ten unsupervised keypoints from a driving video to a picture (Siarohin et al. 2019, section 3.4).

Conventions: Keypoints of kind FOMM: points (10, 2) in -1..1 of the square picture, Jacobians (10, 2, 2) or None.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animate.core.errors import DriverError, KeypointsMixed
from animate.core.types import FOMM, Keypoints


def transfer(
    source: Keypoints, driving: Sequence[Keypoints], *, start: int = 0, relative: bool = True, adapt_scale: bool = True
) -> tuple[Keypoints, ...]:
    """The picture's keypoints in each frame of the driver.

    relative: the picture's own keypoints moved as the driver's have moved since frame `start`, which shows the picture
    at rest; frames before `start` are relative to it just as those after it. Otherwise the driver's own keypoints.
    adapt_scale: relative movement grows with the face, by the roots of the areas of the convex hulls. Raises
    KeypointsMixed for keypoints of another model, DriverError if there is no frame `start`.
    """
    for keypoints in (source, *driving):
        check(keypoints)
    if not 0 <= start < len(driving):
        message = f"frame {start} is not one of the driver's {len(driving)}"
        raise DriverError(message, hint="start with one of its frames")
    if not relative:
        return tuple(driving)
    first = driving[start]
    scale = extent(source.points) / max(extent(first.points), 1e-6) if adapt_scale else 1.0
    return tuple(_moved(source, first, now, scale) for now in driving)


def best_frame(source: np.ndarray, driving: np.ndarray) -> int:
    """The frame (index) of a driver whose face is posed most like the picture's: where a relative transfer starts.

    Landmarks (N, 2 or 3) of the picture and (T, N, 2 or 3) of the driver, the same N of any face, any unit each; place
    and size do not count. Frames with NaN are left out; raises DriverError if all are.
    """
    distance = np.square(_centred(np.asarray(driving, float)) - _centred(np.asarray(source, float)[None])).sum((1, 2))
    if not np.isfinite(distance).any():
        hint = "use a video in which one face is seen from the front"
        raise DriverError("no frame of the driver shows a face", hint=hint)
    return int(np.nanargmin(distance))


def check(keypoints: Keypoints) -> None:
    """Raises KeypointsMixed for keypoints of another model."""
    if keypoints.kind != FOMM:
        raise KeypointsMixed(
            f"these are keypoints of kind {keypoints.kind!r}, and the models vox and vox-adv move {FOMM!r}",
            hint="drive vox and vox-adv with a video, and use gesture files with the model keepsake",
        )


def extent(points: np.ndarray) -> float:
    """The square root of the area of the convex hull of points (N, 2); 0 where they lie on a line."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return float(np.sqrt(ConvexHull(points).volume))  # of a flat hull, `volume` is the area
    except QhullError:
        return 0.0


def _moved(source: Keypoints, first: Keypoints, now: Keypoints, scale: float) -> Keypoints:
    points = source.points + (now.points - first.points) * scale
    jacobians = None
    if source.jacobians is not None and now.jacobians is not None:
        jacobians = (now.jacobians @ np.linalg.inv(first.jacobians) @ source.jacobians).astype(np.float32)
    return Keypoints(points.astype(np.float32), FOMM, now.presence, jacobians)


def _centred(faces: np.ndarray) -> np.ndarray:
    """Landmarks (T, N, 2) around 0 with a hull of area 1; NaN where they are not known or lie on a line."""
    faces = faces[..., :2] - faces[..., :2].mean(1, keepdims=True)
    size = [extent(face) if np.isfinite(face).all() else 0.0 for face in faces]
    return faces / np.where(np.greater(size, 0), size, np.nan)[:, None, None]
