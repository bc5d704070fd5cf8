"""Frames of clips for training without labels: decoded once, shrunk, in one memory-mapped array on disk.

Conventions: pictures are (N, n, n, 3) uint8 RGB; a clip's frames are neighbours in the array.
"""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from animate.core.errors import TrainingDataMissing
from animate.core.files import replacing, write_text

STEP = 2  # every second frame of a clip; neighbours teach nearly the same
HELD_OUT = 10  # without a list, every tenth clip by name is held out for the score
SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif")


@dataclass(frozen=True, eq=False)
class Footage:
    """`frames` (N, n, n, 3) uint8 and the runs (first, last + 1) of the clips to train on and to score on."""

    frames: np.ndarray
    train: tuple[tuple[int, int], ...]
    held: tuple[tuple[int, int], ...]


def load(data: Path, cache: Path, size: int) -> Footage:
    """The clips of a folder: those in its clips.csv (name, split) under clips/, or else every video below it.

    They are decoded into `cache` first where missing. Raises TrainingDataMissing if there is no clip of two frames.
    """
    table, array = Path(cache) / f"footage-{size}.json", Path(cache) / f"footage-{size}.npy"
    if not (table.is_file() and array.is_file()):
        _pack(_clips(Path(data)), size, array, table)
    runs = json.loads(table.read_text("utf-8"))
    return Footage(np.load(array, mmap_mode="r"), *(tuple(map(tuple, runs[name])) for name in ("train", "held")))


def _clips(data: Path) -> list[tuple[Path, bool]]:
    """Every video and whether it is held out."""
    if (data / "clips.csv").is_file():
        with (data / "clips.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row.get("kind", "video") == "video"]
        rows = [row for row in rows if row["split"] != "test"]
        return [(data / "clips" / f"{row['name']}.mp4", row["split"] != "train") for row in rows]
    videos = sorted(path for path in data.rglob("*") if path.suffix.lower() in SUFFIXES)
    return [(path, k % HELD_OUT == 0) for k, path in enumerate(videos)]


def _pack(clips: list[tuple[Path, bool]], size: int, array: Path, table: Path) -> None:
    array.parent.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[tuple[int, int]]] = {"train": [], "held": []}
    count = 0
    with tempfile.TemporaryFile(dir=array.parent) as spool:
        for path, held in clips:
            frames = _decoded(path, size)
            if len(frames) > 1:
                spool.write(frames.tobytes())
                runs["held" if held else "train"].append((count, count + len(frames)))
                count += len(frames)
        if not runs["train"] and not runs["held"]:
            raise TrainingDataMissing("there is no clip of two frames", hint="give a folder with videos of faces")
        runs["train"], runs["held"] = runs["train"] or runs["held"], runs["held"] or runs["train"][:1]
        spool.flush()
        with replacing(array) as part:
            np.save(part, np.memmap(spool, np.uint8, "r", shape=(count, size, size, 3)))
    write_text(table, json.dumps(runs))


def _decoded(path: Path, size: int) -> np.ndarray:
    """Every STEP-th frame, the middle square of it, at `size`: (T, n, n, 3) uint8."""
    shrink = [("scale", f"{size}:{size}:force_original_aspect_ratio=increase:flags=area"), ("crop", f"{size}:{size}")]
    try:
        frames = iio.imiter(path, plugin="pyav", format="rgb24", filter_sequence=shrink)
        middles = [frame for k, frame in enumerate(frames) if k % STEP == 0]
    except (OSError, ValueError, IndexError) as error:
        hint = "take it out of the folder"
        raise TrainingDataMissing(f"{path} is not a readable video: {error}", hint=hint) from error
    return np.stack(middles) if middles else np.empty((0, size, size, 3), np.uint8)
