"""Teacher labels: MediaPipe Face Mesh run once over the training pictures, cached on disk.

Conventions: points are (478, 3) float32 in pixels of the 256 px picture, x right, y down, z away from the camera, in
the same unit as x. The teacher belongs to the [train] extra and is never imported by the rest of the package.
"""

from __future__ import annotations

import csv
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from PIL import Image

from animate.core.errors import MissingExtra, TrainingDataMissing
from animate.core.files import replacing

_mesh = None  # one teacher per worker process; MediaPipe graphs cannot be pickled


@dataclass(frozen=True)
class Row:
    """One line of clips.csv or stills.csv that the trainer needs."""

    name: str
    split: str
    identity: str
    kind: str  # video | photoset | still
    synthetic: bool


def rows(data: Path) -> list[Row]:
    """Every clip and still listed in `data`; raises TrainingDataMissing if the lists are not there."""
    data = Path(data)
    found = []
    for table, kind in (("clips.csv", None), ("stills.csv", "still")):
        if not (data / table).is_file():
            raise TrainingDataMissing(
                f"{data / table} does not exist", hint="give the folder with clips.csv and stills.csv"
            )
        with open(data / table, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found.append(
                    Row(row["name"], row["split"], row["identity"], kind or row["kind"], row.get("synthetic") == "1")
                )
    return found


def pictures(data: Path, row: Row) -> np.ndarray:
    """The frames of a clip, or the one picture of a still: (T, 256, 256, 3) uint8 RGB."""
    if row.kind == "still":
        with Image.open(Path(data) / "stills" / f"{row.name}.jpg") as image:
            return np.asarray(image.convert("RGB"))[None]
    clip = Path(data) / "clips" / f"{row.name}.mp4"
    return np.stack(list(iio.imiter(clip, plugin="pyav", format="rgb24")))


def teach(frame: np.ndarray) -> np.ndarray | None:
    """The teacher's 478 points in `frame` (H, W, 3) uint8 RGB as (478, 3) float32 pixels; None without a face."""
    result = _teacher().process(np.ascontiguousarray(frame))
    if not result.multi_face_landmarks:
        return None
    height, width = frame.shape[:2]
    marks = result.multi_face_landmarks[0].landmark
    half = 0.5  # the teacher counts from the edge of the first pixel, Keepsake from its centre
    return np.array([(p.x * width - half, p.y * height - half, p.z * width) for p in marks], np.float32)


def label(data: Path, cache: Path, workers: int = 2) -> int:
    """Write one .npz of labels per row of `data` into `cache`, skipping those already there; returns how many
    are there.
    """
    cache = Path(cache)
    cache.mkdir(parents=True, exist_ok=True)
    todo = [row for row in rows(data) if not label_path(cache, row).exists()]
    with ProcessPoolExecutor(max_workers=workers) as pool:
        list(pool.map(label_one, [data] * len(todo), [cache] * len(todo), todo, chunksize=8))
    return len(rows(data))


def labels(data: Path, cache: Path, row: Row) -> dict[str, np.ndarray]:
    """`points` and `found` of one row, by the teacher if they are not in `cache` yet."""
    path = label_path(Path(cache), row)
    if not path.exists():
        Path(cache).mkdir(parents=True, exist_ok=True)
        label_one(data, Path(cache), row)
    with np.load(path) as arrays:
        return dict(arrays)


def label_path(cache: Path, row: Row) -> Path:
    """Where the labels of `row` are cached: `points` (T, 478, 3) float32 and `found` (T,) bool."""
    return Path(cache) / f"{'still' if row.kind == 'still' else 'clip'}-{row.name}.npz"


def label_one(data: Path, cache: Path, row: Row) -> None:
    frames = pictures(data, row)
    points = np.zeros((len(frames), 478, 3), np.float32)
    found = np.zeros(len(frames), bool)
    for index, frame in enumerate(frames):
        mesh = teach(frame)
        if mesh is not None:
            points[index], found[index] = mesh, True
    target = label_path(cache, row)
    with replacing(target) as part:
        np.savez(part, points=points, found=found)


def _teacher():
    global _mesh
    if _mesh is None:
        os.environ.setdefault("GLOG_minloglevel", "2")
        try:
            import mediapipe
        except ImportError as error:
            raise MissingExtra(
                "the teacher, mediapipe, is not installed", hint="pip install 'keepsake[train]'"
            ) from error
        _mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True)
    return _mesh
