"""Training pictures of the matte network with the mattes of its teacher, MediaPipe selfie segmentation.

Conventions: pictures are (N, 256, 256, 3) uint8 RGB, mattes (N, 256, 256) uint8 with 255 for a person, points (N, 5, 2)
float32 pixels (eyes, nose tip, corners of the mouth). The teacher belongs to the [train] extra and is never imported by
the rest of the package.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from animate.core.errors import MissingExtra
from animate.core.files import replacing
from animate.motion import landmarks
from animate.train import distil
from animate.train.data import Rows

STEP = 25  # every 25th frame of a clip: the matte changes slowly
_MARGINS = (0.0, 0.12, 0.3)  # the teacher predicts on the picture alone and with this much repeated border around it


@dataclass(frozen=True, eq=False)
class Mattes(Rows):
    """N pictures with mattes and five points."""

    frames: np.ndarray  # (N, 256, 256, 3) uint8
    mattes: np.ndarray  # (N, 256, 256) uint8
    five: np.ndarray  # (N, 5, 2) float32


def load(data: Path, cache: Path) -> Mattes:
    """Pictures with mattes from `cache`, labelled and packed there first where missing."""
    data, cache = Path(data), Path(cache)
    if not (cache / "mattes.json").exists():
        _pack(data, cache)
    about = json.loads((cache / "mattes.json").read_text("utf-8"))
    rows = tuple(distil.Row(**row) for row in about["rows"])
    kept = {name: np.load(cache / f"matte_{name}.npy") for name in ("frames", "mattes", "five", "row_of")}
    return Mattes(rows=rows, **kept)


def matte_of(picture: np.ndarray) -> np.ndarray:
    """The teacher's matte (H, W) float32 in 0..1 of a picture (H, W, 3) uint8 RGB: the mean over flips and margins."""
    height, width = picture.shape[:2]
    total = np.zeros((height, width), np.float32)
    for margin in _MARGINS:
        rim = round(margin * max(height, width))
        wider = cv2.copyMakeBorder(picture, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
        inside = np.s_[rim : rim + height, rim : rim + width]
        for mirrored in (False, True):
            seen = _teach(np.ascontiguousarray(wider[:, ::-1] if mirrored else wider))
            total += (seen[:, ::-1] if mirrored else seen)[inside]
    return total / (2 * len(_MARGINS))


def tested(data: Path) -> set[tuple[str, str]]:
    """Repository and path of the photographs on which the product is judged: no cut-out of them is trained on."""
    table = Path(data) / "oldphotos.csv"
    if not table.is_file():
        return set()
    with open(table, newline="", encoding="utf-8") as file:
        return {(row["repo"], row["path"]) for row in csv.DictReader(file)}


def _usable(data: Path) -> list[distil.Row]:
    """The rows of clips.csv and stills.csv without the pictures that are cut out of test photographs."""
    rows, barred = distil.rows(data), tested(data)
    with open(Path(data) / "stills.csv", newline="", encoding="utf-8") as file:
        names = {row["name"] for row in csv.DictReader(file) if (row.get("repo"), row.get("path")) in barred}
    return [row for row in rows if row.kind != "still" or row.name not in names]


def _pack(data: Path, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    rows = _usable(data)
    frames, mattes, fives, row_of = [], [], [], []
    for number, row in enumerate(rows):
        kept = _labelled(data, cache, row)
        frames.append(distil.pictures(data, row)[kept["index"]])
        mattes.append(kept["mattes"])
        fives.append(kept["five"])
        row_of += [number] * len(kept["index"])
    np.save(cache / "matte_frames.npy", np.concatenate(frames))
    np.save(cache / "matte_mattes.npy", np.concatenate(mattes))
    np.save(cache / "matte_five.npy", np.concatenate(fives))
    np.save(cache / "matte_row_of.npy", np.array(row_of, np.int32))
    (cache / "mattes.json").write_text(json.dumps({"rows": [vars(row) for row in rows]}), "utf-8")


def label_path(cache: Path, row: distil.Row) -> Path:
    """Where the labels of `row` are kept: `index` (T,) of the frames used, `mattes` (T, 256, 256) uint8, `five` (T, 5,
    2) float32."""
    return Path(cache) / "mattes" / f"{'still' if row.kind == 'still' else 'clip'}-{row.name}.npz"


def _labelled(data: Path, cache: Path, row: distil.Row) -> dict[str, np.ndarray]:
    path = label_path(cache, row)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _label(data, path, row)
    with np.load(path) as kept:
        return dict(kept)


def _label(data: Path, path: Path, row: distil.Row) -> None:
    """Frames without a face are left out: where the crop lies is measured from it."""
    pictures = distil.pictures(data, row)
    index, mattes, fives = [], [], []
    for at in range(0, len(pictures), STEP if row.kind == "video" else 1):
        mesh = distil.teach(pictures[at])
        if mesh is None:
            continue
        index.append(at)
        fives.append(landmarks.five(mesh)[..., :2])
        mattes.append(np.round(matte_of(pictures[at]) * 255).astype(np.uint8))
    count = len(index)
    with replacing(path) as part:
        np.savez_compressed(
            part,
            index=np.array(index, np.int64),
            mattes=np.array(mattes, np.uint8).reshape(count, *pictures.shape[1:3]),
            five=np.array(fives, np.float32).reshape(count, 5, 2),
        )


def _teach(picture: np.ndarray) -> np.ndarray:
    return _teacher().process(picture).segmentation_mask


@cache
def _teacher():
    os.environ.setdefault("GLOG_minloglevel", "2")
    try:
        import mediapipe
    except ImportError as error:
        raise MissingExtra("the teacher, mediapipe, is not installed", hint="pip install 'keepsake[train]'") from error
    return mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
