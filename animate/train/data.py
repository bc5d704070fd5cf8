"""The training pictures in memory: every still and every second frame of every clip, with the teacher's points.

Conventions: pictures are (N, 256, 256, 3) uint8 RGB in one memory-mapped array on disk; points are (N, 478, 3)
float32 in their pixels. A clip's frames are neighbours in the array, so a pair of one clip is two indices of one run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.files import replacing
from animate.train import distil

STEP = 2  # every second frame of a clip; neighbours teach nearly the same


@dataclass(frozen=True, eq=False)
class Rows:
    """Where N pictures come from: for each the number of its row."""

    row_of: np.ndarray  # (N,) int32
    rows: tuple[distil.Row, ...]

    def of(self, split: str) -> np.ndarray:
        """The indices of the pictures of a split: (M,) int64."""
        wanted = np.array([row.split == split for row in self.rows])
        return np.flatnonzero(wanted[self.row_of])


@dataclass(frozen=True, eq=False)
class Pictures(Rows):
    """N pictures with their meshes."""

    frames: np.ndarray  # (N, 256, 256, 3) uint8
    points: np.ndarray  # (N, 478, 3) float32


def load(data: Path, cache: Path) -> Pictures:
    """Pictures with labels from `cache`, packed there first (and labelled before that) where missing."""
    data, cache = Path(data), Path(cache)
    if not (cache / "pack.json").exists():
        distil.label(data, cache)
        _pack(data, cache)
    about = json.loads((cache / "pack.json").read_text())
    rows = tuple(distil.Row(**row) for row in about["rows"])
    frames = np.load(cache / "frames.npy", mmap_mode="r")
    return Pictures(np.load(cache / "row_of.npy"), rows, frames, np.load(cache / "points.npy"))


def _pack(data: Path, cache: Path) -> None:
    rows = distil.rows(data)
    usable = [_usable(cache, row) for row in rows]
    total = sum(len(k) for k in usable)
    points = np.zeros((total, 478, 3), np.float32)
    row_of = np.zeros(total, np.int32)
    at = 0
    with replacing(cache / "frames.npy") as part:
        frames = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=(total, 256, 256, 3))
        for number, (row, keep) in enumerate(zip(rows, usable, strict=True)):
            window = slice(at, at + len(keep))
            frames[window] = distil.pictures(data, row)[keep]
            points[window] = np.load(distil.label_path(cache, row))["points"][keep]
            row_of[window] = number
            at += len(keep)
        frames.flush()
        del frames  # a mapped file cannot be moved everywhere
    np.save(cache / "points.npy", points)
    np.save(cache / "row_of.npy", row_of)
    (cache / "pack.json").write_text(json.dumps({"rows": [vars(row) for row in rows]}))


def _usable(cache: Path, row: distil.Row) -> np.ndarray:
    labelled = np.load(distil.label_path(cache, row))["found"]
    step = STEP if row.kind == "video" else 1
    return np.flatnonzero(labelled)[::step]
