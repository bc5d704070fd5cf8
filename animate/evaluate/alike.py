"""How well the faces of one person are told from those of others: held-out photo sets, portraits and clips.

Every two pictures of a kind are compared as the product compares a further photograph with the first; same and
different people are counted apart.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from animate.evaluate import models
from animate.pipeline import same_person
from animate.train import distil

FRAMES = 3  # of each clip
MOST_DIFFERENT = 1500  # pairs of different people of a kind, drawn by chance
KINDS = ("photoset", "still", "video")


def measure(data: Path, *, most: int = 0) -> dict[str, dict[str, float]]:
    """For each kind of picture: area under the ROC curve, and shares of same and of different people that pass."""
    rows = [row for row in distil.rows(data) if row.split == "val" and not row.synthetic]
    table = {}
    for kind in KINDS:
        chosen = [row for row in rows if row.kind == kind]
        same, different = scores(data, chosen[: most or None])
        if len(same) and len(different):
            table[f"same person, {kind}"] = {
                "pairs": float(len(same)),
                "auc": roc_area(same, different),
                "same_pass": float((same > same_person.LEAST).mean()),
                "others_pass": float((different > same_person.LEAST).mean()),
            }
    return table


def scores(data: Path, rows: Sequence[distil.Row]) -> tuple[np.ndarray, np.ndarray]:
    """Scores of pairs of pictures of the same person, and of different people."""
    seen = [(row.identity, look) for row in rows for look in _looks(data, row)]
    same = [pair for pair in combinations(seen, 2) if pair[0][0] == pair[1][0]]
    different = [pair for pair in combinations(seen, 2) if pair[0][0] != pair[1][0]]
    different = random.Random(1).sample(different, min(MOST_DIFFERENT, len(different)))
    return tuple(np.array([same_person.score(a[1], b[1]) for a, b in pairs]) for pairs in (same, different))


def roc_area(same: np.ndarray, different: np.ndarray) -> float:
    """How likely a pair of one person's pictures scores above a pair of different people's (Mann and Whitney 1947)."""
    above = (same[:, None] > different).mean() + 0.5 * (same[:, None] == different).mean()
    return float(above)


def _looks(data: Path, row: distil.Row) -> list[same_person.Appearance]:
    pictures = distil.pictures(data, row)
    chosen = np.unique(np.linspace(0, len(pictures) - 1, FRAMES).astype(int))
    found = [(pictures[k], models.find_landmarks(pictures[k])) for k in chosen]
    return [same_person.look(picture, points) for picture, points in found if points is not None]
