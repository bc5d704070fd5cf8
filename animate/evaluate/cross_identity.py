"""One person moved by another: does the movement arrive, does the person stay?

There is no true picture here. Landmarks of the output, found by a detector that is not ours, are held against what the
movement asked for; likeness is held against the photograph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from animate.core.types import DrivenLandmarks
from animate.evaluate import metrics
from animate.evaluate.self_reenactment import ClipCase, Method, StillCase, Teach
from animate.faces.crop import crop_from_five, cut
from animate.motion import landmarks, pose
from animate.motion import openings as fractions
from animate.motion.retarget import extract_motion, retarget, retarget_shading
from animate.pipeline.photometric import damped

CLOSED = 0.25  # of its opening in the photograph: an eye below it counts as closed


def measure(
    cases: Sequence[ClipCase], stills: Sequence[StillCase], method: Method, teach: Teach | None
) -> dict[str, float]:
    """Means over pairs of neighbouring takes: pose error in degrees, eye-opening and mouth-opening error
    (fractions), AKD to the driven landmarks and to those that the other detector would have driven, likeness
    to the photograph; and of takes and stills the shares of open eyes, and of photographs by the mean of
    their open eyes, that a full blink closes.
    """
    rows = [
        row
        for one, other in zip(cases, [*cases[1:], cases[0]], strict=True)
        for row in _pair(one, other, method, teach)
    ]
    names = ("pose_degrees", "eye_error", "mouth_error", "akd", "akd_true", "likeness")
    means = {name: float(np.nanmean([row[name] for row in rows])) if rows else float("nan") for name in names}
    left = [left for still in (*cases, *stills) if (left := blink(still, method, teach))]
    return {
        **means,
        "eyes_closed": _closed([eye for eyes in left for eye in eyes]),
        "photos_closed": _closed([np.mean(eyes) for eyes in left]),
    }


def blink(still: StillCase, method: Method, teach: Teach | None) -> list[float]:
    """For each eye that is open in the photograph: how much of its opening is left after a full blink."""
    if teach is None:
        return []
    motion = extract_motion(np.stack([still.source] * 2), 25.0, neutral=0)
    motion.lids[1] = 1.0
    driven = retarget(still.source, motion)
    measured, before = (
        teach(list(method.render(still.photo, still.source, DrivenLandmarks(driven[1:])))[0]),
        teach(still.photo),
    )
    if measured is None or before is None:
        return []
    openings, own = (fractions.eye_opening(points) for points in (measured, before))
    return [float(opening / wide) for opening, wide in zip(openings, own, strict=True) if wide > 0.15]


def _closed(left: Sequence[float]) -> float:
    return float(np.mean(np.less(left, CLOSED))) if len(left) else float("nan")


def _pair(case: ClipCase, driver: ClipCase, method: Method, teach: Teach | None) -> Iterable[dict[str, float]]:
    if teach is None:
        return
    driven, true = (
        _transferred(case.source, driver.source, driver.driven_for(method.uses_pixels), driver.driven),
        _taught(case, driver, teach),
    )
    for output, target, right in zip(method.render(case.photo, case.source, driven), driven.points, true, strict=True):
        measured = teach(output)
        if measured is not None:
            yield {**_compare(case, output, measured, target), "akd_true": metrics.akd(measured, right)}


def _transferred(source: np.ndarray, rest: np.ndarray, refined: DrivenLandmarks, points: np.ndarray) -> DrivenLandmarks:
    """A movement on another face, with half of the photometric corrections of its `points`."""
    shading = refined.shading
    if shading is not None:
        points, shading = damped(points, refined.points, shading)
        shading = np.concatenate([0 * shading[:1], shading])
    motion = extract_motion(np.concatenate([rest[None], points]), 25.0, neutral=0, shading=shading)
    shading = retarget_shading(source, motion)
    return DrivenLandmarks(retarget(source, motion, open_mouth=1.0)[1:], None if shading is None else shading[1:])


def _taught(case: ClipCase, driver: ClipCase, teach: Teach) -> np.ndarray:
    """The driver's movement on `case`'s face as the other detector sees it: (T, 478, 3), NaN where it does not."""
    measured = [teach(picture) for picture in (driver.photo, *driver.truth)]
    if any(points is None for points in measured):
        return np.full_like(driver.driven, np.nan)
    return retarget(case.source, extract_motion(np.stack(measured), 25.0, neutral=0), open_mouth=1.0)[1:]


def _compare(case: ClipCase, output: np.ndarray, measured: np.ndarray, target: np.ndarray) -> dict[str, float]:
    turns = [pose.canonical(points)[0].rotation for points in (measured, target)]
    between = np.degrees(np.linalg.norm(pose.rotation_vector(turns[0].T @ turns[1])))
    eyes = np.abs(fractions.eye_opening(measured) - fractions.eye_opening(target)).mean()
    mouths = abs(fractions.lip_gap(measured) - fractions.lip_gap(target)) / landmarks.eye_distance(target)
    crops = [
        cut(picture, crop_from_five(landmarks.five(points)[:, :2], size=112, span=3.0))
        for picture, points in ((output, measured), (case.photo, case.source))
    ]
    return {
        "pose_degrees": float(between),
        "eye_error": float(eyes),
        "mouth_error": float(mouths),
        "akd": metrics.akd(measured, target),
        "likeness": metrics.likeness(*crops),
    }
