"""Open mouths of held-out clips: are they as detailed and as coloured inside as true ones?

Conventions: those of self_reenactment.py. A mouth is open where its inner lips are OPEN eye distances apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from skimage.color import rgb2lab

from animate.evaluate import metrics
from animate.evaluate.self_reenactment import ClipCase, Method
from animate.motion import landmarks

OPEN, CLOSED = 0.12, 0.05  # eye distances between inner lips: of a frame that counts, and of a photograph without teeth
LEAST = 40  # pixels inside inner lips that can be judged
UPPER, LOWER = 13, 14  # middle of the inner lips
COLOURED = 4.0  # chroma (CIELAB) from which a hue is one


def measure(cases: Sequence[ClipCase], method: Method) -> dict[str, float]:
    """How open mouths compare with true ones, in photographs whose mouth is closed and in those that show teeth.

    Args:
        cases: held-out clips.
        method: what renders them.

    Returns:
        frames: how many could be judged.
        gradient: their gradient energy inside the inner lips over the truth's, the median; closed: of those frames
            only whose photograph has closed lips.
        hue: degrees between the mean hues, the median of frames in which both are coloured.
        chroma, lightness: difference of the mean chroma and lightness (CIELAB), the median of its size.
        Each is NaN without such frames.
    """
    rows = np.array([row for case in cases for row in _frames(case, method)]).reshape(-1, 5)
    closed = rows[rows[:, 0] < CLOSED]
    names = ("gradient", "hue", "chroma", "lightness")
    medians = {name: _median(rows[:, k]) for k, name in enumerate(names, 1)}
    return {"frames": float(len(rows)), **medians, "closed": _median(closed[:, 1])}


def _frames(case: ClipCase, method: Method) -> Iterator[tuple[float, ...]]:
    """(gap in the photograph, gradient, hue, chroma, lightness) of every frame with an open mouth."""
    outputs = method.render(case.photo, case.source, case.driven_for(method.uses_pixels))
    rest = gap(case.source)
    for output, truth, mesh in zip(outputs, case.truth, case.driven, strict=True):
        inside = metrics.polygon(mesh, landmarks.INNER_LIPS, truth.shape)
        if gap(mesh) > OPEN and inside.sum() >= LEAST:
            yield rest, metrics.sharpness(output, truth, inside), *colour_differences(output, truth, inside)


def gap(mesh: np.ndarray) -> float:
    """How far the inner lips of a mesh (478, 3) are apart, in eye distances."""
    return float(np.linalg.norm(mesh[LOWER] - mesh[UPPER]) / landmarks.eye_distance(mesh))


def colour_differences(output: np.ndarray, truth: np.ndarray, inside: np.ndarray) -> tuple[float, float, float]:
    """Sizes of the differences of the mean hue (degrees; NaN if one has none), chroma and lightness (CIELAB) inside a
    mask (H, W) of two pictures (H, W, 3) uint8."""
    (l1, a1, b1), (l2, a2, b2) = (rgb2lab(picture[inside][None])[0].mean(0) for picture in (output, truth))
    chroma = np.hypot(a1, b1), np.hypot(a2, b2)
    turn = np.degrees(np.arctan2(b1, a1) - np.arctan2(b2, a2))
    hue = abs((turn + 180) % 360 - 180) if min(chroma) > COLOURED else np.nan
    return float(hue), float(abs(chroma[0] - chroma[1])), float(abs(l1 - l2))


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
