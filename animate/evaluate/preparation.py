"""What `--repair` and `--enhance` do to held-out photographs that the trainer's ageing has worn: closer to the truth?

Three figures, before and after: L1 over the face, its gradient energy over the truth's, and its likeness to the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from animate import api
from animate.core.options import Options
from animate.core.types import Keypoints, Photo
from animate.evaluate import metrics, models, self_reenactment
from animate.faces.crop import crop_from_five, cut
from animate.motion import landmarks
from animate.pipeline import portraits
from animate.train import augment

METHODS = {
    "as aged": Options(),
    "repair": Options(repair=True),
    "enhance": Options(enhance=0.5),
    "both": Options(enhance=0.5, repair=True),
    "enhance at 1": Options(enhance=1.0),
}
MOST, QUICK, SEED = 16, 3, 7


def bench(
    data: str | Path, *, quick: bool = False, on_photo: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, dict[str, float]]:
    """Means over the photographs by method; data as `bench.bench` takes it."""
    cases = self_reenactment.still_cases(Path(data), most=QUICK if quick else MOST)
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in METHODS}
    for number, case in enumerate(cases):
        on_photo(number, len(cases))
        for name, figures in _of_one(case, np.random.default_rng((SEED, number))):
            rows[name].append(figures)
    return {name: metrics.means(figures) for name, figures in rows.items() if figures}


def _of_one(case: self_reenactment.StillCase, rng: np.random.Generator) -> Iterator[tuple[str, dict[str, float]]]:
    aged = Photo(augment.age(rng, case.photo))
    portrait = portraits.portrait_of(aged, Keypoints(case.source))
    for name, options in METHODS.items():
        made = api.prepare(aged, options=options, portraits=[portrait], model=models.bundled())
        yield name, compare(made.pixels, case.photo, case.source)


def compare(made: np.ndarray, truth: np.ndarray, points: np.ndarray) -> dict[str, float]:
    """L1, gradient energy over the truth's, how far that is from 1 (its logarithm, absolute), and likeness."""
    face = metrics.face_region(points, truth.shape)
    sharp = metrics.sharpness(made, truth, face)
    crop = crop_from_five(landmarks.five(points)[:, :2], size=112, span=3.0)
    return {
        "l1": metrics.l1(made, truth, face),
        "gradient": sharp,
        "gradient_off": abs(float(np.log(max(sharp, 1e-6)))),
        "likeness": metrics.likeness(cut(made, crop), cut(truth, crop)),
    }
