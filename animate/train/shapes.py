"""The pieces of gestures, measured in recordings: expression shapes and the course of a blink.

Conventions: shapes are relative to a resting face, in Motion's units, equal on both sides. Labels are the teacher's
(see distil.py); only clips of the training split are read, and every clip that is used is returned for the credits.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.errors import TrainingDataMissing
from animate.core.numerics import smoothstep
from animate.core.types import Motion
from animate.motion import landmarks, retarget

FPS = 25.0
SMILES = ("lp_d13_1", "lp_d19_0")  # besides the photographs of people told to smile
LAUGHS = ("lp_d18_0", "lp_d0_0", "stt_happyeng1_0", "ed_expr_0", "fer_woman2_0")
SURPRISES = ("lp_d6_2", "lp_d7_0", "lp_d9_2", "lp_d10_0", "dpe_s_0")
BLINKERS = (
    "lp_d14_0",
    "lp_d14_1",
    "lp_d9_2",
    "lp_d5_0",
    "lp_d3_0",
    "lp_d7_0",
    "lp_d13_0",
    "dpe_s_0",
    "dpe_s_1",
    "lp_d12_0",
    "lp_d6_2",
    "lp_d9_0",
    "lp_d9_1",
    "grid_id2_0",
    "grid_pwij3p_0",
)
BLINK_FRAMES = slice(-3, 10)  # around the first closed frame


@dataclass(frozen=True, eq=False)
class Shape:
    """One expression at full strength: expression (478, 3), lids (2,), mouth."""

    expression: np.ndarray
    lids: np.ndarray
    mouth: float


@dataclass(frozen=True)
class Labels:
    """Where the lists (`data`) and the teacher's labels (`cache`) lie."""

    data: Path
    cache: Path

    def rows(self) -> list[dict[str, str]]:
        """The lines of clips.csv in the training split; raises TrainingDataMissing."""
        table = Path(self.data) / "clips.csv"
        if not table.is_file():
            raise TrainingDataMissing(f"{table} does not exist", hint="give the folder that holds clips.csv")
        with open(table, newline="", encoding="utf-8") as file:
            return [row for row in csv.DictReader(file) if row["split"] == "train"]

    def videos(self) -> list[str]:
        """Names of the real recordings in the training split: no photo sets, no synthetic faces."""
        return [row["name"] for row in self.rows() if row["kind"] == "video" and row["synthetic"] == "0"]

    def points(self, name: str) -> np.ndarray:
        """The frames of a clip in which the teacher saw a face (T, 478, 3); raises TrainingDataMissing."""
        points = self._labelled(name)
        return points[np.isfinite(points).all(axis=(1, 2))]

    def motion(self, name: str, neutral: int | None = None) -> Motion:
        """The recorded motion of a clip; raises TrainingDataMissing."""
        return retarget.extract_motion(self._labelled(name), FPS, neutral=neutral)

    def _labelled(self, name: str) -> np.ndarray:
        path = Path(self.cache) / f"clip-{name}.npz"
        if not path.is_file():
            raise TrainingDataMissing(f"{path} does not exist", hint="label the clips first")
        with np.load(path, allow_pickle=False) as file:
            return np.where(file["found"][:, None, None], file["points"], np.nan)


def smile(labels: Labels) -> tuple[Shape, list[str]]:
    """Lips closed or nearly so, corners up and out, cheeks up: mean over people told to smile and clips of smiles."""
    peaks, used = [], []
    for row in labels.rows():
        if row["name"].startswith("london_") and row["frames"] == "2":
            motion = labels.motion(row["name"], neutral=0)
            if _smiling(motion)[1] > 0.12:
                peaks.append(_peak(motion, np.array([1])))
                used.append(row["name"])
    for name in SMILES:
        motion = labels.motion(name)
        peaks += [_peak(motion, np.argsort(_smiling(motion))[-5:])] * (len(used) // 4)
    return _mean(peaks), [*used, *SMILES]


def surprise(labels: Labels) -> tuple[Shape, list[str]]:
    """Brows up and eyes wide: mean over the moments in which recorded brows are highest."""
    peaks = []
    for name in SURPRISES:
        motion = labels.motion(name)
        brows = -motion.expression[:, [index for brow in landmarks.BROWS for index in brow], 1].mean(axis=1)
        peaks.append(_peak(motion, np.argsort(brows - 0.1 * motion.lids.mean(axis=1))[-6:]))
    return _mean(peaks), list(SURPRISES)


def blink(labels: Labels) -> tuple[np.ndarray, Shape, list[str]]:
    """Course (N,) of a blink, open to open at 25 frames a second, 1 where closed, and the skin around the eyes."""
    curves, skins, used = [], [], []
    for name in BLINKERS:
        motion = labels.motion(name)
        lids = motion.lids.mean(axis=1)
        for frame in _blinks(lids):
            curves.append(lids[frame + BLINK_FRAMES.start : frame + BLINK_FRAMES.stop])
            skins.append(motion.expression[frame] - motion.expression[[frame - 5, frame + 9]].mean(axis=0))
            used.append(name)
    course = np.clip(np.median(curves, axis=0), 0, 1)
    course[3:5] = 1  # closed for two frames: one falls between two frames of a slower clip
    tail = np.arange(len(course)) - 5
    course = np.where(tail > 0, course * np.clip(1 - tail / (len(course) - 6), 0, 1), course)  # ends open
    skin = _even(np.median(skins, axis=0)) * _around_eyes()
    return np.concatenate([[0.0], course[1:]]), Shape(skin, np.zeros(2), 0.0), sorted(set(used))


def laugh(labels: Labels) -> tuple[Shape, list[str]]:
    """Corners up and out, lips parted, cheeks up: mean over the broadest moments of people who laugh."""
    found = []
    for name in LAUGHS:
        motion = labels.motion(name)
        found.append(_peak(motion, np.argsort(_smiling(motion) + 0.3 * motion.mouth)[-6:]))
    return _mean(found), list(LAUGHS)


def one_side(shape: Shape, side: int) -> Shape:
    """A shape on the left (0) or the right (1) half of the face only, fading over its middle."""
    across = landmarks.MEAN_FACE[:, 0] - landmarks.MEAN_FACE[landmarks.NOSE_TIP, 0]
    part = smoothstep((across if side else -across) / 0.3 + 0.35)
    return Shape(shape.expression * part[:, None], shape.lids * (np.arange(2) == side), shape.mouth / 2)


def _smiling(motion: Motion) -> np.ndarray:
    left, right = (motion.expression[:, index] for index in landmarks.LIP_CORNERS)
    return (right[:, 0] - left[:, 0]) / 2 - (left[:, 1] + right[:, 1]) / 2


def _peak(motion: Motion, frames: np.ndarray) -> Shape:
    expression, lids, mouth = (getattr(motion, name)[frames].mean(axis=0) for name in ("expression", "lids", "mouth"))
    return Shape(expression, lids, float(mouth))


def _mean(shapes: list[Shape]) -> Shape:
    expression = _even(np.mean([shape.expression for shape in shapes], axis=0)) * _inner_face()
    lids = np.full(2, np.mean([shape.lids for shape in shapes]))
    return Shape(expression, lids, float(np.mean([shape.mouth for shape in shapes])))


def _even(expression: np.ndarray) -> np.ndarray:
    return (expression + expression[landmarks.MIRROR] * (-1, 1, 1)) / 2


def _inner_face() -> np.ndarray:
    """1 in the middle of the face, 0 at its outline (478, 1), where pose is mistaken for expression."""
    plane = landmarks.MEAN_FACE[:, :2]  # flat: the sides, seen edge-on, would fold first
    apart = np.linalg.norm(plane[:, None] - plane[list(landmarks.OVAL)], axis=-1).min(axis=1)
    return np.clip((apart - 0.05) / 0.2, 0, 1)[:, None]


def _around_eyes() -> np.ndarray:
    eyes = landmarks.MEAN_FACE[[ring[0] for ring in landmarks.IRISES], :2]
    nearest = np.linalg.norm(landmarks.MEAN_FACE[:, None, :2] - eyes, axis=-1).min(axis=1)
    return np.clip((0.42 - nearest) / 0.2, 0, 1)[:, None]


def _blinks(lids: np.ndarray) -> list[int]:
    """First closed frames of clean blinks: open well before, open again half a second later."""
    return [
        frame
        for frame in range(8, len(lids) - 12)
        if lids[frame] >= 0.9 > lids[frame - 1]
        and lids[frame - 6 : frame - 4].max() < 0.25
        and lids[frame + 7 : frame + 10].max() < 0.3
    ]
