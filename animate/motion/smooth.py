"""Movement in time: trembling taken out without swallowing blinks, another rate or length, and rest at both ends.

Conventions: everything works on a whole Motion, both ways in time, so nothing lags. Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from animate.core.geometry import SHADING_POINTS
from animate.core.numerics import smoothstep
from animate.core.types import Motion
from animate.motion import landmarks, pose

CALM, QUICK = 0.09, 0.03  # seconds of the smoothing of what trembles and of what truly moves
GROWN, FADING, STARTED = 0.3, 0.4, 0.12  # seconds from rest to a whole expression, a whole pose, a moving head
BRIDGED = 0.2  # seconds out of sight that are passed over
# How far the quick version may stand off from the calm one before it is believed: a detector's trembling.
TREMBLE = {
    "rotation": 0.006,
    "scale": 0.005,
    "translation": 0.008,
    "expression": 0.008,
    "mouth": 0.02,
    "gaze": 0.02,
    "shading": 0.03,
}
TRACKS = (
    "rotation",
    "scale",
    "translation",
    "expression",
    "lids",
    "mouth",
    "gaze",
    "shading",
)  # shading need not be there


def smooth(motion: Motion, *, strength: float = 1.0) -> Motion:
    """The same motion without trembling; 0 returns it as it is, 1 is right for a video, 2 is for a restless detector.

    Lids only pass a median of three frames, so that a blink keeps its depth and its speed.
    """
    if strength <= 0 or len(motion) < 5:
        return motion
    turn = _steady(_vectors(motion), motion.fps, TREMBLE["rotation"], strength)
    steady = {
        name: _steady(values.astype(float), motion.fps, TREMBLE[name], strength)
        for name, values in _tracks(motion, "scale", "translation", "expression", "mouth", "shading").items()
    }
    gaze = _median(np.asarray(motion.gaze, float))
    together = (gaze + gaze.mean(axis=1, keepdims=True)) / 2
    gaze = _steady(together, motion.fps, TREMBLE["gaze"], strength)
    return replace(
        motion,
        rotation=pose.rotation_matrix(turn),
        lids=_median(np.asarray(motion.lids, float)),
        gaze=gaze,
        **steady | {"expression": steady["expression"].astype(np.float32)},
    )


def scale_motion(motion: Motion, weights: np.ndarray) -> Motion:
    """Each frame's movement times its weight (T,): 0 is the neutral frame, 1 the frame as it is."""
    weights = np.asarray(weights, float)
    one = {
        name: values * weights.reshape(-1, *[1] * (values.ndim - 1))
        for name, values in _tracks(motion, "translation", "lids", "mouth", "gaze", "shading").items()
    }
    turn = _vectors(motion) * weights[:, None]
    return replace(
        motion,
        rotation=pose.rotation_matrix(turn),
        scale=motion.scale**weights,
        expression=(motion.expression * weights[:, None, None]).astype(np.float32),
        **one,
    )


def ease_in_out(motion: Motion, seconds: float = 0.4) -> Motion:
    """The motion eased in and out over `seconds`, so that its first and last frame are exactly neutral."""
    last = len(motion) - 1
    ease = min(max(seconds * motion.fps, 1.0), max(last / 2, 1.0))
    frames = np.arange(len(motion))
    part = np.clip(np.minimum(frames, last - frames) / ease, 0, 1)
    return scale_motion(motion, smoothstep(part))


def rest_out_of_sight(motion: Motion, seen: np.ndarray) -> Motion:
    """The motion from rest to rest in every spell in which its face is in sight, and at rest between them.

    What the face does grows from nothing; the head moves as it does from the first moment on, while the pose in which
    the spell begins, or ends, fades: a movement that only grew would lag behind its driver.

    Args:
        motion: T frames; those out of sight may hold anything finite.
        seen: (T,) bool, whether the face was in sight.
    """
    spell = _spells(seen, motion.fps)
    grown = scale_motion(motion, spell.weights(GROWN))
    started, share = spell.weights(STARTED), {}
    for name, track in (
        ("rotation", _vectors(motion)),
        ("scale", np.log(motion.scale)[:, None]),
        ("translation", np.asarray(motion.translation, float)),
    ):
        fading = track - sum(spell.near(end, FADING)[:, None] * track[end] for end in (spell.first, spell.last))
        share[name] = fading * started[:, None]
    return replace(
        grown,
        rotation=pose.rotation_matrix(share["rotation"]),
        scale=np.exp(share["scale"][:, 0]),
        translation=share["translation"],
    )


@dataclass(frozen=True, eq=False)
class _Spells:
    """Spells in sight: for each of T frames the first and the last frame of its spell, and whether it is in one."""

    first: np.ndarray
    last: np.ndarray
    inside: np.ndarray
    fps: float

    def near(self, end: np.ndarray, seconds: float) -> np.ndarray:
        """1 in the frame `end` (T,) of a spell, 0 from `seconds` away on, but not beyond the spell's middle."""
        away = np.abs(np.arange(len(end)) - end)
        reach = np.minimum(seconds * self.fps, (self.last - self.first) / 2)
        return np.where(self.inside, 1 - smoothstep(away / np.maximum(reach, 1)), 0)

    def weights(self, seconds: float) -> np.ndarray:
        """0 out of sight and in the first and last frame of a spell, 1 from `seconds` within on."""
        away = np.minimum(np.arange(len(self.first)) - self.first, self.last - np.arange(len(self.last)))
        return np.where(self.inside, smoothstep(away / max(seconds * self.fps, 1.0)), 0)


def _spells(seen: np.ndarray, fps: float) -> _Spells:
    from scipy.ndimage import binary_closing, label

    width = int(BRIDGED * fps)
    closed = np.pad(np.asarray(seen, bool), width + 1)
    if width:
        closed = binary_closing(closed, np.ones(width + 1, bool))
    closed = closed[width + 1 : len(closed) - width - 1]
    names, count = label(closed)
    frames = np.arange(len(closed))
    first, last = frames.copy(), frames.copy()
    for name in range(1, count + 1):
        own = np.flatnonzero(names == name)
        first[own], last[own] = own[0], own[-1]
    return _Spells(first, last, closed, fps)


def join(motions: Sequence[Motion]) -> Motion:
    """Motions of one rate one after another; light is 0 where one has none, `parted` is that of the longest."""
    longest = max(motions, key=len)
    lit = any(motion.shading is not None for motion in motions)
    tracks = {name: np.concatenate([getattr(motion, name) for motion in motions]) for name in TRACKS[:-1]}
    shading = np.concatenate([_shading(motion) for motion in motions]) if lit else None
    return replace(longest, **tracks, shading=shading)


def still(count: int, fps: float) -> Motion:
    """`count` frames at rest."""
    return Motion(
        rotation=np.tile(np.eye(3), (count, 1, 1)),
        scale=np.ones(count),
        translation=np.zeros((count, 2)),
        expression=np.zeros((count, landmarks.COUNT, 3), np.float32),
        lids=np.zeros((count, 2)),
        mouth=np.zeros(count),
        gaze=np.zeros((count, 2, 2)),
        fps=float(fps),
    )


def resample(motion: Motion, fps: float) -> Motion:
    """The motion at another frame rate, of the same length within one frame, with the same first and last frame."""
    if fps == motion.fps:
        return motion
    count = max(round((len(motion) - 1) / motion.fps * fps), 1) + 1
    return replace(_at(motion, np.linspace(0, len(motion) - 1, count)), fps=float(fps))


def stretch(motion: Motion, seconds: float) -> Motion:
    """The motion slower or faster so that it lasts `seconds` at its own frame rate."""
    count = max(round(seconds * motion.fps), 2)
    return _at(motion, np.linspace(0, len(motion) - 1, count))


def loop(motion: Motion, times: int) -> Motion:
    """The motion `times` over; where one round ends and the next begins, the frame they share appears once."""
    order = np.concatenate([np.arange(len(motion)), np.tile(np.arange(1, len(motion)), max(times - 1, 0))])
    return take(motion, order)


def cut(motion: Motion, start: int, stop: int) -> Motion:
    """Frames `start` up to, not including, `stop`."""
    return take(motion, np.arange(len(motion))[start:stop])


def pad(motion: Motion, before: int, after: int) -> Motion:
    """The motion with its first frame standing `before` frames longer and its last one `after` frames."""
    last = len(motion) - 1
    return take(motion, np.concatenate([np.zeros(before, int), np.arange(last + 1), np.full(after, last)]))


def fit_duration(motion: Motion, seconds: float) -> Motion:
    """The motion over `seconds`: as many rounds as fit best, then a little slower or faster."""
    own = len(motion) / motion.fps
    return stretch(loop(motion, max(round(seconds / own), 1)), seconds)


def _shading(motion: Motion) -> np.ndarray:
    none = np.zeros((len(motion), SHADING_POINTS), np.float32)
    return none if motion.shading is None else motion.shading


def _vectors(motion: Motion) -> np.ndarray:
    return pose.rotation_vector(motion.rotation)


def take(motion: Motion, order: np.ndarray) -> Motion:
    """The frames of `motion` in the given order (N,), any of them more than once."""
    return replace(motion, **{name: values[order] for name, values in _tracks(motion, *TRACKS).items()})


def _tracks(motion: Motion, *names: str) -> dict[str, np.ndarray]:
    """Those of the named tracks that the motion has."""
    return {name: np.asarray(getattr(motion, name)) for name in names if getattr(motion, name) is not None}


def _at(motion: Motion, times: np.ndarray) -> Motion:
    """The motion at fractional frame numbers, in straight lines, head turns about one axis from frame to frame."""
    first = np.clip(times.astype(int), 0, max(len(motion) - 2, 0))
    second = np.minimum(first + 1, len(motion) - 1)
    part = times - first
    before, after = take(motion, first), take(motion, second)
    step = pose.rotation_vector(np.swapaxes(before.rotation, -1, -2) @ after.rotation)
    mixed = {"rotation": before.rotation @ pose.rotation_matrix(step * part[:, None])}
    for name, a in _tracks(before, *TRACKS[1:]).items():
        b = np.asarray(getattr(after, name))
        share = part.reshape(-1, *[1] * (a.ndim - 1)).astype(a.dtype)
        mixed[name] = a + (b - a) * share
    return replace(motion, **mixed)


def _steady(values: np.ndarray, fps: float, tremble: float, strength: float) -> np.ndarray:
    """`values` (T, ...) low-passed: hard where they only tremble, lightly where they move further than that."""
    from scipy.ndimage import gaussian_filter1d

    calm, quick = (
        gaussian_filter1d(values, seconds * strength * fps, axis=0, mode="nearest") for seconds in (CALM, QUICK)
    )
    apart = quick - calm
    inner = tuple(range(2, values.ndim))  # x, y, z of one anchor are believed together
    size = np.sqrt((apart**2).mean(axis=inner, keepdims=True)) if inner else np.abs(apart)
    trust = size**2 / (size**2 + (tremble * strength) ** 2)
    return calm + trust * apart


def _median(values: np.ndarray) -> np.ndarray:
    from scipy.ndimage import median_filter

    return median_filter(values, size=(3, *[1] * (values.ndim - 1)), mode="nearest")
