"""Movements of several faces at one rate and length. Part of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from animate.core.types import Motion
from animate.motion import smooth


def align(
    motions: Mapping[int, Motion], *, fps: float = 0.0, seconds: float = 0.0, stagger: float = 0.0
) -> dict[int, Motion]:
    """All motions at one rate and length, each face starting a little after the one before.

    Args:
        motions: by the number of the face.
        fps: frames a second; 0 takes the highest of the motions' own.
        seconds: the length of each; 0 keeps it.
        stagger: seconds between the starts of two faces.
    """
    rate = fps or max(motion.fps for motion in motions.values())
    ready = {}
    for place, (number, motion) in enumerate(motions.items()):
        motion = smooth.resample(motion, rate) if motion.fps != rate else motion
        if seconds:
            motion = smooth.fit_duration(motion, seconds)
        ready[number] = smooth.pad(motion, round(place * stagger * rate), 0)
    longest = max(len(motion) for motion in ready.values())
    return {number: smooth.pad(motion, 0, longest - len(motion)) for number, motion in ready.items()}
