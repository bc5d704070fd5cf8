"""Photometric refinement: a driver's points corrected on the frames they came from, and the shading of the face.

Part of the pipeline: it joins faces and motion. Every frame is warped back to the face at rest by its points and
compared with it there; what is left over corrects the points, and is the shading. Points are pixels of the video.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

import numpy as np

from animate.core.geometry import NETWORK_SPAN
from animate.core.numerics import smoothstep
from animate.core.protocols import ProgressCallback
from animate.core.types import Crop
from animate.faces.closeup import decode
from animate.faces.crop import crop_from_five, cut
from animate.faces.optical_flow import brightness, compare, grey
from animate.faces.triangle_warp import TriangleWarp, carried, resample
from animate.motion import landmarks, pose

SIZE, SPAN = 256, NETWORK_SPAN  # the crop that is compared: pixels and eye distances a side
ROUNDS, STEPS = 2, 4  # each starts where the one before ended: of the points (one more if fine), then of the light
CALM = 0.12  # weight of "stay" among a point and its neighbours, which share their corrections
SHARED = 0.5  # of a correction: measured with an independent detector's view of driver and result, .5 beats 0 and 1
BROAD = 0.7  # eye distances: changes of light that reach farther are the lamp's, not the face's
EYES = tuple(
    point for ring in landmarks.LIDS for point in ring
)  # the landmark network knows best how far they are open
FACING = (-0.1, 0.2)  # z of a point's normal: from not believed to believed
TURNED = (30.0, 50.0)  # degrees from the rest: from believed to not, as half of the face there was hidden at rest
BLOCK = 0.12  # eye distances: light changes the picture's brightness over as much, not its detail
GLOW = (0.75, 0.045)  # width of a place's light in spacings of the places around it, and the least in eye distances
BLUR = 0.03  # eye distances over which it is spread in the picture
FAINT = 0.05  # of a place's weight: where all together weigh less, light is not known
MOST = 1.2  # logarithm of the strongest light


def refine(
    frames: Iterable[np.ndarray], points: np.ndarray, rest: int, *, on_frame: ProgressCallback | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Points of one face set right by the frames they were found in, and its light.

    Args:
        frames: (H, W, 3) uint8, T of them; can be looped over again.
        points: (T, 478, 3) pixels of the frames, NaN where the face is out of sight.
        rest: index of the frame that the others are held against.
        on_frame: called with frames done and T.

    Returns:
        Points (T, 478, 3), still NaN where they were, and light (T, 487), 0 there.
    """
    pairs = zip(frames, points, strict=False)
    crops = (cut(frame, crop_of(one)) if np.isfinite(one).all() else None for frame, one in pairs)
    still = cut(next(islice(frames, rest, None)), crop_of(points[rest]))
    return _refine(crops, points, rest, still, True, 0, on_frame)


def refine_closeups(
    closeups: Sequence[bytes | None],
    points: np.ndarray,
    rest: int,
    *,
    threads: int = 0,
    on_frame: ProgressCallback | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """As `refine`, of the crops that `crop_of` says, encoded, None where the face is out of sight.

    Coarser, in a third of the time: it is for the movement of another face, which takes on only a part.
    """
    neutral = closeups[rest]
    if neutral is None:
        raise ValueError(f"the face is out of sight in frame {rest}, the neutral one")
    crops = (None if one is None else decode(one) for one in closeups)
    return _refine(crops, points, rest, decode(neutral), False, threads, on_frame)


def _refine(
    crops: Iterable[np.ndarray | None],
    points: np.ndarray,
    rest: int,
    still: np.ndarray,
    fine: bool,
    threads: int,
    on_frame: ProgressCallback | None,
) -> tuple[np.ndarray, np.ndarray]:
    """As `refine`, of crops; `still` is that of rest."""
    from animate.model.parallel import parallel_map

    face = FaceCloseUp(still, crop_of(points[rest]).into(points[rest]), span=SPAN, fine=fine)

    def measure(one: tuple[np.ndarray | None, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        picture, own = one
        if picture is None:
            return own, np.zeros(landmarks.SHADING_POINTS, np.float32)
        crop = crop_of(own)
        driven, shading = face.measure(picture, crop.into(own))
        return crop.out(driven), shading

    found, shading = points.copy(), np.zeros((len(points), landmarks.SHADING_POINTS), np.float32)
    for index, one in enumerate(
        parallel_map(measure, zip(crops, points, strict=False), threads or os.cpu_count() or 1)
    ):
        if index != rest:
            found[index], shading[index] = one
        if on_frame:
            on_frame(index + 1, len(points))
    return found, shading


def damped(points: np.ndarray, found: np.ndarray, shading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A part of what `refine` made of points (T, 478, 3), as it is best carried to another face.

    All of it is right where the photograph shows the driver; on another's face, what a correction has of chance weighs
    as much as what it has of truth.
    """
    return points + np.float32(SHARED) * (found - points), np.float32(SHARED) * shading


def crop_of(points: np.ndarray) -> Crop:
    """The Crop of SIZE pixels through which a face with `points` (478, 3) is compared."""
    return crop_from_five(landmarks.five(points)[:, :2], size=SIZE, span=SPAN)


class FaceCloseUp:
    """A face at rest in a crop (n, n[, 3]) uint8, `span` eye distances a side; its points (478, 3) are pixels of it."""

    def __init__(self, picture: np.ndarray, points: np.ndarray, *, span: float, fine: bool = True):
        self.fine = fine
        self.picture, self.points, self.unit = grey(picture), np.asarray(points, np.float32), len(picture) / span
        self.facing, self.rotation = _facing(points), _rotation(points)
        places = landmarks.shading_points(self.points)[:, :2] / np.float32(self.unit)
        self.glow, self.blur = _glow(places), _spread(places, np.float32(BLUR), np.ones(len(places), np.float32))
        self._mesh = TriangleWarp(self.points[self.facing > 0, :2], len(picture), around=4 * self.unit)

    def _moved(self, driven: np.ndarray) -> np.ndarray:
        """The face at rest with its points moved to `driven` (478, 3)."""
        return resample(self.picture, self._mesh.origins(driven[self.facing > 0, :2]))

    def measure(self, frame: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same face's points (478, 3) in another crop (n, n[, 3]), set right by it; and its light (487,)."""
        driven, facing, frame = points.astype(np.float32), self.facing * _facing(points), grey(frame)
        turn = np.degrees(np.linalg.norm(pose.rotation_vector(self.rotation.T @ _rotation(points))))
        believed = np.float32(1 - smoothstep(turn, *TURNED))
        if not believed:
            return driven, np.zeros(landmarks.SHADING_POINTS, np.float32)
        for _ in range(ROUNDS + self.fine):
            targets = self._mesh.targets(driven[self.facing > 0, :2])
            back = resample(frame, targets)
            found = compare(self.picture, back, self.points[:, :2], unit=self.unit, fine=self.fine)
            shift = carried(targets, self.points[:, :2], found.shift)
            driven[:, :2] += believed * _shared(shift, found.trust * facing)
        between = np.ones(landmarks.SHADING_POINTS - landmarks.COUNT, np.float32)
        return driven, believed * self._light(frame, driven, np.concatenate([facing, between]))

    def _light(self, frame: np.ndarray, driven: np.ndarray, trust: np.ndarray) -> np.ndarray:
        """The light (487,) that makes the face at rest as bright as it is in the frame: places lie so close that each
        lights its neighbours too, so it is found step by step."""
        places, moved = landmarks.shading_points(driven)[:, :2], self._moved(driven)
        wanted, own = (brightness(picture, places, unit=self.unit) for picture in (frame, moved))
        broad = brightness(moved, places, unit=self.unit, around=BLOCK / 2)
        spread = _spread(places / np.float32(self.unit), self.glow, trust) * broad[:, None]
        shading = np.zeros(landmarks.SHADING_POINTS, np.float32)
        for _ in range(STEPS):
            lit = own + self.blur @ (spread @ np.expm1(np.clip(shading, -MOST, MOST)))
            shading += trust * np.log(wanted / np.maximum(lit, 1.0))
        return _detail(shading, trust)


def _glow(places: np.ndarray) -> np.ndarray:
    """Width (N,) of the light of places (N, 2), all in eye distances."""
    away = np.linalg.norm(places[:, None] - places, axis=-1)
    return np.maximum(GLOW[0] * np.sort(away, axis=1)[:, 1:5].mean(1), GLOW[1]).astype(np.float32)


def _spread(places: np.ndarray, glow: np.ndarray | np.floating, strength: np.ndarray) -> np.ndarray:
    """Weights (N, N) with which the light of each place (columns) reaches each; places (N, 2) in eye distances."""
    square = (places**2).sum(1)
    away = np.maximum(square + square[:, None] - 2 * places @ places.T, 0)
    near = np.exp(away * (-0.5 / glow**2)) * strength
    return near / (near.sum(1, keepdims=True) + FAINT)


def _shared(values: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Values (478, 2) averaged with those of neighbouring points, each as far as it is trusted (478,), 0 where none is;
    an eye goes as a whole with the skin around it."""
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
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _facing(points: np.ndarray) -> np.ndarray:
    return np.clip((landmarks.normals(points)[:, 2] - FACING[0]) / (FACING[1] - FACING[0]), 0, 1).astype(np.float32)


def _rotation(points: np.ndarray) -> np.ndarray:
    return pose.canonical(np.asarray(points, float))[0].rotation
