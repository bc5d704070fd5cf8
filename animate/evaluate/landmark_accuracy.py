"""How well the keypoint network follows its teacher on held-out people: errors, openings, jitter.

Conventions: errors are percent of the distance of the outer eye corners (points 33 and 263) in three dimensions, which
a turn of the head does not shorten; openings are gaps over the same distance. The network is used as at run time: a
finder's five points, a first prediction, a second one by its own result; a clip is tracked from frame to frame.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from animate.motion import landmarks
from animate.train import distil

Landmarker = Callable[[np.ndarray], np.ndarray | None]  # a still -> (478, 3) points in its pixels
Follow = Callable[[np.ndarray], list]  # frames (T, H, W, 3) -> T times points or None

TARGETS = {
    "clips": 2.5,
    "stills": 3.0,
    "clips_lips": 3.0,
    "clips_lids": 3.0,
    "stills_lips": 3.0,
    "stills_lids": 3.0,
    "eye_correlation": 0.95,
    "mouth_correlation": 0.95,
    "jitter_ratio": 1.0,
}
_OUTER = (33, 263)
_LIDS = ((159, 145), (158, 153), (160, 144), (386, 374), (385, 380), (387, 373))  # the middle three pairs of either eye
_LIPS = ((13, 14), (82, 87), (312, 317))


def measure(
    data: Path, cache: Path, find: Landmarker, follow: Follow, *, most: int = 0, teach: Landmarker = distil.teach
) -> dict[str, float]:
    """Every figure named in TARGETS, on the val split (the first `most` stills and clips, 0 for all); `missed` counts
    faces not found.
    """
    rows = [row for row in distil.rows(data) if row.split == "val"]
    stills = [row for row in rows if row.kind != "video"][: most or None]
    clips = [row for row in rows if row.kind == "video"][: most or None]
    still_errors, missed = _stills(data, cache, stills, find)
    clip_errors, eye, mouth, lost = _clips(data, cache, clips, follow)
    jitters = np.array(
        [jitter(distil.pictures(data, row)[0], find, teach) for row in stills[:: max(1, len(stills) // 8)][:8]]
    )
    figures = {
        "stills": still_errors.mean(),
        "stills_lids": still_errors[:, _flat(landmarks.LIDS)].mean(),
        "stills_lips": still_errors[:, list(landmarks.INNER_LIPS)].mean(),
        "clips": clip_errors.mean(),
        "clips_lids": clip_errors[:, _flat(landmarks.LIDS)].mean(),
        "clips_lips": clip_errors[:, list(landmarks.INNER_LIPS)].mean(),
        "eye_correlation": eye,
        "mouth_correlation": mouth,
        "jitter": jitters[:, 0].mean(),
        "jitter_teacher": jitters[:, 1].mean(),
        "jitter_ratio": jitters[:, 0].mean() / jitters[:, 1].mean(),
        "missed": missed + lost,
    }
    return {name: float(value) for name, value in figures.items()}


def errors(points: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distances (..., 478) between two meshes (..., 478, 2 or 3) in percent of the outer eye corners'
    distance in `truth`.
    """
    size = np.linalg.norm(truth[..., _OUTER[0], :] - truth[..., _OUTER[1], :], axis=-1)
    return 100 * np.linalg.norm(points[..., :2] - truth[..., :2], axis=-1) / size[..., None]


def openings(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean gap of the lids and of the inner lips (T,) each, over the distance of the outer eye corners, of meshes (T,
    478, 3).
    """
    size = np.linalg.norm(points[:, _OUTER[0]] - points[:, _OUTER[1]], axis=-1)

    def gap(pairs: tuple[tuple[int, int], ...]) -> np.ndarray:
        return np.mean([np.linalg.norm(points[:, a] - points[:, b], axis=-1) for a, b in pairs], axis=0) / size

    return gap(_LIDS), gap(_LIPS)


def jitter(
    picture: np.ndarray, find: Landmarker, teach: Landmarker, *, times: int = 30, grain: float = 6.0
) -> tuple[float, float]:
    """Standard deviation of the points over `times` copies with fresh grain, ours and the teacher's, in percent."""
    rng = np.random.default_rng(0)
    ours, theirs = [], []
    for _ in range(times):
        noisy = np.clip(picture + rng.normal(0, grain, picture.shape[:2])[..., None], 0, 255).astype(np.uint8)
        mine, taught = find(noisy), teach(noisy)
        if mine is not None and taught is not None:
            ours.append(mine)
            theirs.append(taught)
    size = np.linalg.norm(np.subtract(*np.mean(theirs, 0)[list(_OUTER)]))
    return tuple(float(100 * np.std(meshes, axis=0)[:, :2].mean() / size) for meshes in (ours, theirs))


def _stills(data: Path, cache: Path, rows: list[distil.Row], find: Landmarker) -> tuple[np.ndarray, int]:
    figures, missed = [], 0
    for row in rows:
        labels = distil.labels(data, cache, row)
        for picture, truth in zip(
            distil.pictures(data, row)[labels["found"]], labels["points"][labels["found"]], strict=True
        ):
            points = find(picture)
            if points is None:
                missed += 1
            else:
                figures.append(errors(points, truth))
    return np.stack(figures), missed


def _clips(data: Path, cache: Path, rows: list[distil.Row], follow: Follow) -> tuple[np.ndarray, float, float, int]:
    figures, eye, mouth, lost = [], [], [], 0
    for row in rows:
        labels = distil.labels(data, cache, row)
        followed = follow(distil.pictures(data, row))
        both = [
            (p, t) for p, t, f in zip(followed, labels["points"], labels["found"], strict=True) if p is not None and f
        ]
        lost += int(labels["found"].sum()) - len(both)
        if len(both) < 3:
            continue
        points, truth = np.stack([p for p, _ in both]), np.stack([t for _, t in both])
        figures.append(errors(points, truth))
        (lids, gap), (true_lids, true_gap) = openings(points), openings(truth)
        eye.append((lids, true_lids))
        mouth.append((gap, true_gap))
    return np.concatenate(figures), _correlation(eye), _correlation(mouth), lost


def _correlation(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Pearson's r over all frames of all clips."""
    return float(np.corrcoef(np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs]))[0, 1])


def _flat(rings: tuple) -> list[int]:
    return [point for ring in rings for point in ring]
