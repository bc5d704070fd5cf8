"""The lashes' pattern: a line that was drawn into pictures of closed eyes is found, however badly each lies; nobody
blinking gives nothing.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from animate.model.nets import eyelids
from animate.motion import landmarks
from animate.train import lashes


def face(shift: float = 0.0) -> np.ndarray:
    return (landmarks.MEAN_FACE * 80 + np.float32([128, 120 + shift, 0])).astype(np.float32)


def closed(points: np.ndarray) -> np.ndarray:
    points = points.copy()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[list(upper)] = points[list(lower)]
    return points


def blinking(shifts: tuple[float, ...]) -> tuple[SimpleNamespace, np.ndarray]:
    """A clip whose every second picture shows closed lids with a dark line, off its points by `shifts` pixels."""
    frames, points = [], []
    for shift in shifts:
        shut, picture = closed(face()), np.full((256, 256, 3), 170, np.uint8)
        for ring in landmarks.LIDS:
            places = shut[list(ring)]
            order = np.argsort(places[:, 0])
            for x in range(int(places[:, 0].min()), int(places[:, 0].max()) + 1):
                y = round(float(np.interp(x, places[order, 0], places[order, 1]) + shift))
                picture[y - 1 : y + 2, x] = 60
        frames += [np.full((256, 256, 3), 170, np.uint8), picture]
        points += [face(), shut]
    points = np.stack(points)
    row = SimpleNamespace(split="train", synthetic=False)
    of = {"frames": np.stack(frames), "points": points, "row_of": np.zeros(len(points), int), "rows": [row]}
    return SimpleNamespace(**of, of=lambda split: np.arange(len(points))), points


def test_the_line_of_closed_lids_is_measured():
    pattern = lashes.measure(*blinking((-1.0, 0.0, 1.0))).numpy()
    assert pattern.shape == (eyelids.LASH_V[2], eyelids.LASH_U[2]) and pattern.max() <= 0
    middle = pattern[:, pattern.shape[1] // 2]
    assert abs(int(middle.argmin()) - len(middle) // 2) <= 3
    assert middle.min() < -0.6 and np.exp(middle[[2, -3]]) == pytest.approx(1, abs=0.06)


def test_where_nobody_blinks_there_is_none():
    pictures, points = blinking((0.0, 0.0))
    pictures.points = np.stack([face()] * len(points))
    assert not lashes.measure(pictures, points).any()
