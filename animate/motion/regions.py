"""Mouth and eyes as regions of a face, so that one can rest while the other moves.

Conventions: weights (T,) are 0 at rest and 1 for the whole movement.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from animate.core.geometry import SHADING_POINTS
from animate.core.numerics import smoothstep
from animate.core.types import Motion
from animate.motion import landmarks

_ABOVE, _BELOW = 5, 2  # on the ridge of the nose and at its base: between them one region passes into the other


@cache
def lower_face() -> np.ndarray:
    """How far each anchor belongs to mouth and chin (478,): 1 below the nose, 0 above its middle."""
    height = landmarks.MEAN_FACE[:, 1]
    share = smoothstep(height, height[_ABOVE], height[_BELOW])
    share[[index for ring in landmarks.IRISES for index in ring]] = 0
    share.setflags(write=False)
    return share


def rest_regions(motion: Motion, *, mouth: np.ndarray, eyes: np.ndarray) -> Motion:
    """The motion with weights (T,) in 0..1 on what mouth and chin do, and on what eyes and brows do; 0 is at rest."""
    lower = lower_face()  # (478,)
    weight = (np.outer(mouth, lower) + np.outer(eyes, 1 - lower)).astype(np.float32)
    light = None
    if motion.shading is not None:
        between = np.repeat(np.asarray(mouth, np.float32)[:, None], SHADING_POINTS - landmarks.COUNT, axis=1)
        light = motion.shading * np.concatenate([weight, between], axis=1)
    return replace(
        motion,
        expression=motion.expression * weight[..., None],
        mouth=motion.mouth * mouth,
        lids=motion.lids * np.asarray(eyes)[:, None],
        gaze=motion.gaze * np.asarray(eyes)[:, None, None],
        shading=light,
    )
