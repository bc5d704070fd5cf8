"""A driver's head kept on its neck: what comes of the camera, of walking about and of leaning in is taken out.

Conventions: everything works on a whole Motion of one shot, both ways in time, so nothing lags. A shift is in outer-eye
distances, a size the logarithm of a scale; times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from animate.core.types import Motion
from animate.motion.openings import soften

SWAY = 0.12  # seconds: what moves more quickly than this is a shake of the camera
SPELL = 0.6  # seconds over which the strength of a shake is taken
DRIFT = 1.0  # seconds: what moves more slowly is where the person stands or how near the camera is


@dataclass(frozen=True)
class _Calm:
    """What a head does by itself: strength of its quickest movement, and how far it leans for a while."""

    shake: float
    lean: float


SHIFT = _Calm(0.03, 0.26)
SIZE = _Calm(0.012, 0.04)


def stabilize(motion: Motion) -> Motion:
    """The motion of one shot with the head's shift and size calmed.

    Where the camera shakes more than a head does by itself, all but slow movement is weakened by as much; slow drift is
    kept as far as a head leans. Small and smooth movement stays as it is.

    Args:
        motion: of one shot, relative to its own neutral frame.

    Returns:
        The same motion with another `translation` and `scale`.
    """
    if len(motion) < 5:
        return motion
    size = np.log(np.maximum(np.asarray(motion.scale, float), 0.05))[:, None]
    shift = np.asarray(motion.translation, float)
    return replace(
        motion, translation=_calmed(shift, motion.fps, SHIFT), scale=np.exp(_calmed(size, motion.fps, SIZE)[:, 0])
    )


def _calmed(values: np.ndarray, fps: float, calm: _Calm) -> np.ndarray:
    """Tracks (T, K) without shake and drift beyond what `calm` grants; K together, as they are one direction."""
    from scipy.ndimage import gaussian_filter1d

    def low(track: np.ndarray, seconds: float) -> np.ndarray:
        return gaussian_filter1d(track, seconds * fps, axis=0, mode="nearest")

    quick, drift = values - low(values, SWAY), low(values, DRIFT)
    strength = np.sqrt(low((quick**2).sum(axis=1), SPELL))[:, None]
    own = np.minimum(1, calm.shake / np.maximum(strength, 1e-9))
    return own * (values - drift) + _bounded(drift, calm.lean * own)


def _bounded(values: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Vectors (T, K) kept softly within the lengths `most` (T, 1)."""
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return values * (soften(length, -most, most) / np.maximum(length, 1e-9))
