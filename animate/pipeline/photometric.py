"""What a driving video shows of a face beyond its points: where the skin has truly gone, and how the light on it changed.

Part of the pipeline: it joins faces, motion and model. The face at rest is moved as its points say and held against the frame
itself; what is left over sets the points right, and is the light. Points are pixels of the video.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice

import numpy as np

from animate.faces.crop import crop_from_five, cut
from animate.faces.optical_flow import brightness, compare
from animate.motion import landmarks, pose

SIZE, SPAN = 256, 4.8  # the crop that is looked at: pixels and eye distances a side
ROUNDS, STEPS = 2, 4  # each starts where the one before has led: of the points, then of the light
CALM = 0.12  # weight of "stay" among a point and its neighbours, which share what they have found
SHARED = 0.5  # of a correction: measured with an independent detector's view of driver and result, .5 beats 0 and 1
BROAD = 0.7  # eye distances: changes of light that reach farther are the lamp's, not the face's
EYES = tuple(
    point for ring in landmarks.LIDS for point in ring
)  # the points found there know best how far an eye is open
FACING = (-0.1, 0.2)  # z of a point's normal: from not believed to believed
TURNED = (30.0, 50.0)  # degrees from the rest: from believed to not, as there half of what is seen was hidden at rest


def refine(
    frames: Iterable[np.ndarray], points: np.ndarray, rest: int, *, on_frame: Callable[[int, int], None] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Points (T, 478, 3) of one face in `frames`, which can be looped over again, set right by what these show of it, and its light
    (T, 487), held against frame `rest`. Where the face is out of sight (NaN) points stay so and the light is 0."""
    from animate.model.parallel import parallel_map

    eyewitness = PhotometricRefiner(next(islice(frames, rest, None)), points[rest])

    def look(one: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        return (
            eyewitness.look(*one)
            if np.isfinite(one[1]).all()
            else (one[1], np.zeros(landmarks.SHADING_POINTS, np.float32))
        )

    found, shading = points.copy(), np.zeros((len(points), landmarks.SHADING_POINTS), np.float32)
    for index, seen in enumerate(parallel_map(look, zip(frames, points, strict=False), os.cpu_count() or 1)):
        if index != rest:
            found[index], shading[index] = seen
        if on_frame:
            on_frame(index + 1, len(points))
    return found, shading


def damped(points: np.ndarray, found: np.ndarray, shading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points (T, 478, 3) of which `follow` made `found` and `light`, and the light, as they are best carried to another face: a part
    of the way. All of it is right where the photograph shows the driver; on another's face, what a correction has of chance weighs
    as much as what it has of truth."""
    return points + np.float32(SHARED) * (found - points), np.float32(SHARED) * shading


class PhotometricRefiner:
    """A face at rest: `picture` (H, W, 3) uint8 and its points (478, 3)."""

    def __init__(self, picture: np.ndarray, points: np.ndarray):
        crop = _crop(points)
        self.closeup = FaceCloseUp(cut(picture, crop), crop.into(points), span=SPAN)

    def look(self, picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same face's points (478, 3) in another picture, as they were found, set right by it; and its light (487,)."""
        crop = _crop(points)
        driven, shading = self.closeup.look(cut(picture, crop), crop.into(points))
        return crop.out(driven), shading


class FaceCloseUp:
    """A face at rest in a crop (n, n, 3) uint8, `span` eye distances a side, that its points (478, 3) are pixels of."""

    def __init__(self, picture: np.ndarray, points: np.ndarray, *, span: float):
        from animate.model.warp.reference import ReferenceFrame
        from animate.pipeline.neural import mesh_topology

        self.rest, self.unit = (
            ReferenceFrame(picture, points, mesh_topology(), span=span, count=landmarks.SHADING_POINTS),
            len(picture) / span,
        )
        self.facing, self.rotation = _facing(points), _rotation(points)

    def look(self, seen: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As Witness.look, of another crop (n, n, 3) and its own points."""
        driven, facing = points.copy(), self.facing * _facing(points)
        turn = np.degrees(np.linalg.norm(pose.rotation_vector(self.rotation.T @ _rotation(points))))
        believed = np.float32(1 - _rise(turn, *TURNED))
        if not believed:
            return driven, np.zeros(landmarks.SHADING_POINTS, np.float32)
        for _ in range(ROUNDS):
            found = compare(self.rest.moved(driven), seen, driven[:, :2], unit=self.unit)
            driven[:, :2] += believed * _shared(found.shift, found.trust * facing)
        between = np.ones(landmarks.SHADING_POINTS - landmarks.COUNT, np.float32)
        return driven, believed * self._light(seen, driven, np.concatenate([facing, between]))

    def _light(self, seen: np.ndarray, driven: np.ndarray, trust: np.ndarray) -> np.ndarray:
        """The light (487,) that makes the moved face look as what is seen: places lie so close that each lights its neighbours too,
        so it is found step by step."""
        moved, places, shading = (
            self.rest.moved(driven),
            landmarks.shading_points(driven),
            np.zeros(landmarks.SHADING_POINTS, np.float32),
        )
        wanted = brightness(seen, places[:, :2], unit=self.unit)
        for _ in range(STEPS):
            shading += trust * np.log(
                wanted / brightness(self.rest.lit(moved, places, shading), places[:, :2], unit=self.unit)
            )
        return _detail(shading, trust)


def _crop(points: np.ndarray):
    return crop_from_five(landmarks.five(points)[:, :2], size=SIZE, span=SPAN)


def _shared(values: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Values (478, 2) averaged with those of neighbouring points, each as far as it is trusted (478,), 0 where none is; an eye goes as a
    whole with the skin around it."""
    near, trust = landmarks.smoothing_matrix(), trust.copy()
    trust[list(EYES)] = 0
    found = (near @ (trust[:, None] * values) / (near @ trust + CALM)[:, None]).astype(np.float32)
    for iris, lids in zip(landmarks.IRISES, landmarks.LIDS, strict=True):
        found[[*iris, *lids]] = found[list(lids)].mean(0)
    return found


def _detail(shading: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Light (487,) less what it is all around: creases go with an expression, but a lamp stays with the driver."""
    broad = _around() @ (trust * shading) / np.maximum(_around() @ trust, 1e-3)
    return ((shading - broad) * trust).astype(np.float32)


@cache
def _around() -> np.ndarray:
    """Weights (487, 487) of the places of light within BROAD of each other on the mean face."""
    places = landmarks.shading_points(landmarks.MEAN_FACE)[:, :2]
    away = np.linalg.norm(places[:, None] - places, axis=-1) / BROAD
    weights = np.exp(-0.5 * away**2)
    return weights / weights.sum(1, keepdims=True)


def _facing(points: np.ndarray) -> np.ndarray:
    return np.clip((landmarks.normals(points)[:, 2] - FACING[0]) / (FACING[1] - FACING[0]), 0, 1).astype(np.float32)


def _rotation(points: np.ndarray) -> np.ndarray:
    return pose.canonical(np.asarray(points, float))[0].rotation


def _rise(value: float, low: float, high: float) -> float:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
