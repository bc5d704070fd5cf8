"""How far eyes and mouth go beyond what the photograph shows: elsewhere its own pixels are moved and nothing is
painted.

Conventions: points (478, 3) or (T, 478, 3) in any one unit; needs are 0..1, for the eye on the left, the eye on the
right, the mouth.
"""

from __future__ import annotations

import numpy as np

from animate.core.numerics import smoothstep
from animate.motion import landmarks, openings

EYE = (0.03, 0.15)  # change of an eye's opening, as a part of its opening in the photograph: from none to all
MOUTH = (0.02, 0.08)  # change of the gap between the inner lips, in eye distances
LEAST_EYE = 0.1  # eye widths: an eye less open than this counts as open by this much
# Rings, and how far their surroundings reach, in eye distances.
PLACES = ((*landmarks.LIDS, landmarks.OUTER_LIPS), (0.3, 0.3, 0.25))


def inpaint_demand(source: np.ndarray, driven: np.ndarray) -> np.ndarray:
    """Needs (T, 3) of driven points (T, 478, 3) of a face `source` (478, 3)."""
    own = openings.eye_opening(source)
    eyes = np.abs(openings.eye_opening(driven) - own) / np.maximum(own, LEAST_EYE)
    unit = np.linalg.norm(np.subtract(*landmarks.five(source)[:2, :2]))
    mouth = np.abs(openings.lip_gap(driven) - openings.lip_gap(source)) / unit
    return np.column_stack([smoothstep(eyes, *EYE), smoothstep(mouth, *MOUTH)]).astype(np.float32)


def inpaint_mask(needs: np.ndarray, driven: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How much may be painted (len(y), len(x)) in 0..1 at columns x and rows y around points `driven` (478, 3), by
    their needs (3,).
    """
    unit = np.linalg.norm(np.subtract(*landmarks.five(driven)[:2, :2]))
    share = np.ones((len(y), len(x)), np.float32)
    for wanted, ring, more in zip(needs, *PLACES, strict=True):
        low, high = driven[list(ring), :2].min(0), driven[list(ring), :2].max(0)
        middle, half = (low + high) / 2, (high - low) / 2 + more * unit
        far = np.hypot((x - middle[0]) / half[0], (y[:, None] - middle[1]) / half[1])
        share *= 1 - (1 - wanted) * smoothstep(1 - far, 0, 0.3)
    return share
