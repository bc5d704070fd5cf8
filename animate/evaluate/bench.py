"""`keepsake bench`: one table of quality on held-out people and of speed here, every figure next to its baselines.

Quality is measured on the val split of --data, identity-disjoint from training, with landmarks of a detector that is
not ours (the teacher of the [train] extra); without it the columns that need it stay empty. Speed needs no data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from animate.core.errors import MissingExtra, TrainingDataMissing
from animate.evaluate import (
    cross_identity,
    far_pairs,
    flicker,
    held_mouths,
    landmark_accuracy,
    metrics,
    models,
    open_mouths,
    self_reenactment,
    speed,
)

Report = Callable[[str], None]
MOVING = ("piecewise affine", "first order", "keepsake")
QUICK_CLIPS, QUICK_FRAMES, FRAMES, FAR_FRAMES = 4, 3, 10, 5


def bench(
    data: str | Path | None,
    *,
    quick: bool = False,
    ablate: bool = False,
    cache: str | Path = "runs/labels",
    report: Report = lambda _: None,
) -> dict:
    """All figures as nested dictionaries: `same`, `far`, `mouths`, `held`, `cross`, `steady` per method, and
    `keypoints`, `speed`.

    Args:
        data: the folder of training pictures; without it only speed is measured.
        quick: a few clips only.
        ablate: also ours without each of its parts.
        cache: where labels of the teacher are kept.
        report: called with a line on what is being measured.

    Raises:
        TrainingDataMissing: `data` is not the folder of training pictures.
    """
    result = _quality(Path(data), Path(cache), quick, ablate, report) if data else {}
    report("speed")
    result["speed"] = speed.measure(frames=25 if quick else 100)
    return result


def _quality(data: Path, cache: Path, quick: bool, ablate: bool, report: Report) -> dict:
    if not (data / "clips.csv").is_file():
        raise TrainingDataMissing(f"{data} has no clips.csv", hint="give the folder with clips.csv and stills.csv")
    most, teach, result = QUICK_CLIPS if quick else 0, _teacher(), {}
    cases = self_reenactment.clip_cases(data, most=most, frames=QUICK_FRAMES if quick else FRAMES)
    report(f"same person: {len(cases)} clips")
    methods = self_reenactment.methods(ablate=ablate)
    result["same"] = {
        name: metrics.means([self_reenactment.measure(case, method, teach) for case in cases])
        for name, method in methods.items()
    }
    far = far_pairs.cases(data, most=most, frames=QUICK_FRAMES if quick else FAR_FRAMES)
    report(f"far pairs: {len(far)} clips")
    if far:
        result["far"] = {name: far_pairs.measure(far, method, teach) for name, method in methods.items()}
    report("open mouths")
    result["mouths"] = {name: open_mouths.measure(cases, methods[name]) for name in MOVING if name in methods}
    report("held mouths")
    result["held"] = {name: held_mouths.measure(cases, methods[name]) for name in MOVING if name in methods}
    report("across people")
    del methods["piecewise affine"]  # it has no movement of its own to carry over
    stills = self_reenactment.still_cases(data, most=most)
    result["cross"] = {name: cross_identity.measure(cases, stills, method, teach) for name, method in methods.items()}
    report("steadiness")
    del methods["still photo"]
    result["steady"] = flicker.measure(data, cases, methods)
    if teach:
        report("keypoints against the teacher")
        find, follow = models.find_landmarks, self_reenactment.follow
        result["keypoints"] = landmark_accuracy.measure(data, cache, find, follow, teach=teach, most=most)
    return result


def table(result: dict) -> str:
    """The figures as plain text tables."""
    parts = []
    titles = {
        "same": "Same person, first frame as photograph (means over clips)",
        "far": "Far pairs: heads 15 degrees or a quarter of a face apart (means over clips; moved: % of background)",
        "mouths": "Open mouths, inside inner lips (medians; gradient energy over the truth's, differences in CIELAB)",
        "held": "Open mouths held by trembling landmarks (standard deviation over time, 8-bit levels)",
        "cross": "Across people",
    }
    parts += [_grid(title, result[key]) for key, title in titles.items() if key in result]
    if "steady" in result:
        rows = {name: {"percent": value} for name, value in result["steady"].items()}
        parts.append(
            _grid(
                "Restlessness around eyes and mouth, frame to frame (a slow gesture; real clips for comparison)", rows
            )
        )
    if "keypoints" in result:
        rows = {
            name: {"figure": value, "target": landmark_accuracy.TARGETS.get(name, float("nan"))}
            for name, value in result["keypoints"].items()
        }
        parts.append(_grid("Keypoints against the teacher (percent of the outer eye distance)", rows))
    parts.append(_grid("Speed here", {name: {"figure": value} for name, value in result["speed"].items()}))
    return "\n\n".join(parts)


def layers_table(result: dict[str, dict[str, float]]) -> str:
    """The figures of `layers.bench` as a plain text table."""
    return _grid("Layers: background that moved (%), way of the head over the driver's, correlation of the two", result)


def preparation_table(result: dict[str, dict[str, float]]) -> str:
    """The figures of `preparation.bench` as a plain text table."""
    return _grid("Photographs aged on purpose, prepared: the face against the truth", result)


def more_table(result: dict[str, dict[str, float]]) -> str:
    """The figures of `several.bench` as plain text tables."""
    alike = {name: row for name, row in result.items() if "region_l1" not in row}
    rebuilt = {name: row for name, row in result.items() if "region_l1" in row}
    parts = [_grid("Another picture of a person rebuilt from one, and from one with a further one", rebuilt)]
    return "\n\n".join([*parts, *([_grid("Is it the same person?", alike)] if alike else [])])


def _grid(title: str, rows: dict[str, dict[str, float]]) -> str:
    columns = list(next(iter(rows.values())))
    width = max(len(name) for name in rows) + 2
    lines = [title, " " * width + "".join(f"{column:>14}" for column in columns)]
    for name, row in rows.items():
        lines.append(f"{name:<{width}}" + "".join(f"{_figure(row[column]):>14}" for column in columns))
    return "\n".join(lines)


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.4g}"


def _teacher() -> self_reenactment.Teach | None:
    from animate.train import distil

    try:
        distil.teach(np.zeros((64, 64, 3), np.uint8))
    except MissingExtra:
        return None
    return distil.teach
