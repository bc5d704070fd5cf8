"""An open mouth that is held still, by a driver whose landmarks tremble as tracked ones do: does what is drawn flicker?

Conventions: those of self_reenactment.py. Levels are standard deviations over time in 8-bit levels, of lightness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.ndimage import binary_erosion

from animate.core.numerics import luminance
from animate.core.types import DrivenLandmarks
from animate.evaluate import metrics, open_mouths
from animate.evaluate.self_reenactment import ClipCase, Method
from animate.motion import landmarks

FRAMES = 12
JITTER = 0.002  # eye distances: the median error of tracked inner lips in the held-out clips, by second differences
INSIDE = 1  # pixels from the lips, whose edges tremble with the landmarks as they must
CHEEKS = ((50, 101, 36, 205), (280, 330, 266, 425))
LEAST = 20  # pixels that can be judged


def measure(cases: Sequence[ClipCase], method: Method) -> dict[str, float]:
    """How much the inside of held open mouths changes, beside the skin of the same frames.

    Args:
        cases: held-out clips; of each the frame whose mouth is widest open is held, if it is open at all.
        method: what renders them.

    Returns:
        cases: how many could be judged; mouth, skin: medians of the levels between the lips and on the cheeks; worst:
        the largest level between lips. NaN without such cases.
    """
    rows = np.array([row for case in cases for row in _levels(case, method)]).reshape(-1, 2)
    if not len(rows):
        return {"cases": 0.0, "mouth": float("nan"), "skin": float("nan"), "worst": float("nan")}
    mouth, skin = np.median(rows, 0)
    return {"cases": float(len(rows)), "mouth": float(mouth), "skin": float(skin), "worst": float(rows[:, 0].max())}


def held(mesh: np.ndarray) -> np.ndarray:
    """A mesh (478, 3) held for FRAMES frames, trembling: half of the error is each landmark's own, half is shared with
    its neighbours."""
    noise = np.random.default_rng(7).standard_normal((FRAMES, *mesh.shape))
    shared = np.linalg.matrix_power(landmarks.smoothing_matrix(), 4) @ noise[::-1]
    shared /= shared.std()
    tremble = (noise + shared) / np.sqrt(2) * (JITTER * landmarks.eye_distance(mesh))
    return (mesh + tremble).astype(np.float32)


def _levels(case: ClipCase, method: Method) -> Iterator[tuple[float, float]]:
    """(mouth, skin) of the held frame of a case, if there is one."""
    mesh = max(case.driven, key=open_mouths.gap)
    shape = case.photo.shape
    inside = binary_erosion(metrics.polygon(mesh, landmarks.INNER_LIPS, shape), iterations=INSIDE)
    cheeks = np.any([metrics.polygon(mesh, ring, shape) for ring in CHEEKS], axis=0)
    if open_mouths.gap(mesh) <= open_mouths.OPEN or min(inside.sum(), cheeks.sum()) < LEAST:
        return
    frames = list(method.render(case.photo, case.source, DrivenLandmarks(held(mesh))))
    light = np.stack([luminance(frame) for frame in frames])
    yield float(light[:, inside].std(0).mean()), float(light[:, cheeks].std(0).mean())
