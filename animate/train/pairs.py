"""Which pictures a training sample takes: moments of one clip or one photo set, distant moments and blinks more often.

Conventions: indices are those of data.Pictures. Distance is measured in the mesh: lids, mouth, and the turn
of the head.
"""

from __future__ import annotations

import numpy as np

from animate.motion import landmarks
from animate.train.data import Pictures
from animate.train.landmark_targets import openings

CANDIDATES = 5  # candidates that are compared before one is taken
SETS = 0.15  # part of the samples that come from photo sets: other lighting, but strong expressions
TURN = slice(4, 6)  # yaw and pitch in `shape`
BLINKS = 0.35  # part of the samples whose photo has open eyes and whose first driver blinks
SAME = 0.04  # part of the drivers that are the photo itself
CLOSED = 0.3  # of what is usual in a clip: lids less open than this are closed
FARTHEST = 0.6  # of the sine of a turn between photo and driver


class Pairs:
    """Draws a photo and its drivers out of the training clips."""

    def __init__(self, pictures: Pictures, chosen: np.ndarray):
        """`chosen` are the indices that may be sampled; pictures of one row are neighbours."""
        row_of = pictures.row_of[chosen]
        starts = np.flatnonzero(np.diff(row_of, prepend=-1))
        runs = np.split(chosen, starts[1:])
        self.runs = [run for run in runs if len(run) > 1]
        sets = np.array([pictures.rows[pictures.row_of[run[0]]].kind == "photoset" for run in self.runs])
        length = np.sqrt([len(run) for run in self.runs])
        self.chance = _share(length, sets, SETS) + _share(length, ~sets, 1 - SETS)
        self.chance /= self.chance.sum()
        self.shape = shape(pictures.points)
        self.opening = opening(pictures)
        self.closed = self.opening < CLOSED
        both = [0 < self.closed[run].sum() < len(run) for run in self.runs]
        self.blinking = self.chance * both / max(1e-9, (self.chance * both).sum())

    def draw(self, rng: np.random.Generator, drivers: int) -> tuple[int, np.ndarray]:
        """A photo's index and those (drivers,) of frames of the same person, the more different the likelier."""
        blink = self.blinking.any() and rng.random() < BLINKS
        run = self.runs[rng.choice(len(self.runs), p=self.blinking if blink else self.chance)]
        closed_frames = run[self.closed[run]]
        photo = rng.choice(run[~self.closed[run]] if blink else run)
        chosen_drivers = [self._driver(rng, photo, run) for _ in range(drivers)]
        if blink:
            chosen_drivers[0] = rng.choice(
                closed_frames, p=_share(CLOSED + 0.05 - self.opening[closed_frames], np.True_, 1.0)
            )
        return int(photo), np.array(chosen_drivers)

    def _driver(self, rng: np.random.Generator, photo: int, run: np.ndarray) -> int:
        """One of a few candidates in `run`, or the photo itself."""
        candidates = rng.choice(run, CANDIDATES)
        return photo if rng.random() < SAME else rng.choice(candidates, p=self._liking(photo, candidates))

    def _liking(self, photo: int, candidates: np.ndarray) -> np.ndarray:
        """How likely each candidate is taken: by its distance, but seldom beyond a turn that no photograph
        could follow.
        """
        apart = np.abs(self.shape[candidates] - self.shape[photo])
        liking = np.minimum(np.linalg.norm(apart, axis=1), 1.2) + 0.02
        liking = np.where(apart[:, TURN].max(1) > FARTHEST, 0.01, liking)
        return liking / liking.sum()


def opening(pictures: Pictures) -> np.ndarray:
    """How far the eyes are open in each picture (N,), as a part of what is usual in its clip."""
    lids = openings(pictures.points)[0].mean(1)
    starts = np.flatnonzero(np.diff(pictures.row_of, prepend=-1))
    usual = [max(1e-3, float(np.percentile(part, 85))) for part in np.split(lids, starts[1:])]
    return lids / np.repeat(usual, np.diff(starts, append=len(lids)))


def shape(points: np.ndarray) -> np.ndarray:
    """What a face does (N, 7), one unit being far: lids, mouth opening and width, yaw, pitch, roll of points
    (N, 478, 3).
    """
    lids, mouth = openings(points)
    unit = landmarks.eye_distance(points)
    wide = np.linalg.norm(points[:, 61] - points[:, 291], axis=-1) / unit
    across, along = points[:, 454] - points[:, 234], points[:, 152] - points[:, 10]
    yaw, roll = across[:, 2] / unit, across[:, 1] / unit
    pitch = along[:, 2] / unit
    return np.column_stack([lids / 0.3, mouth / 0.4, wide / 0.4, yaw, pitch, roll]).astype(np.float32)


def _share(weight: np.ndarray, member: np.ndarray, part: float) -> np.ndarray:
    """`part` divided among the members by weight, 0 for the others."""
    weight = weight * member
    return weight * (part / max(weight.sum(), 1e-9))
