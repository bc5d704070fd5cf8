"""The reach of a face: all of the head, nothing of the border, smooth between."""

from __future__ import annotations

import numpy as np
import pytest

from animate.compose.mask import inside, reach
from animate.motion.landmarks import MEAN_FACE

SIZE = 240


@pytest.fixture(params=[(0, 0), (25, -12), (-40, 30)])
def points(request) -> np.ndarray:
    shift = (SIZE - 1) / 2 + np.array(request.param)
    return (MEAN_FACE * SIZE / 6 + [*shift, 0]).astype(np.float32)


@pytest.fixture
def grid():
    return np.arange(SIZE, dtype=np.float32), np.arange(SIZE, dtype=np.float32)[:, None]


def test_the_face_follows_fully_and_the_border_rests(points, grid):
    found = reach(points, *grid, size=SIZE)
    column, row = np.rint(points[:, :2].T).astype(int)
    assert found.shape == (SIZE, SIZE) and found.dtype == np.float32
    assert found[row, column].min() > 0.7 and np.median(found[row, column]) == 1
    assert not any(found[edge].any() for edge in (np.s_[:4], np.s_[-4:], np.s_[:, :4], np.s_[:, -4:]))


def test_it_fades_without_steps(points, grid):
    found = reach(points, *grid, size=SIZE)
    assert max(np.abs(np.diff(found, axis=k)).max() for k in (0, 1)) < 0.12
    assert found.min() == 0 and found.max() == 1


def test_pixels_that_may_change_surround_the_reach(points, grid):
    found, may = reach(points, *grid, size=SIZE), inside(points, *grid, size=SIZE)
    grown = np.zeros_like(may)
    grown[1:-1, 1:-1] = found[:-2, 1:-1] + found[2:, 1:-1] + found[1:-1, :-2] + found[1:-1, 2:] + found[1:-1, 1:-1] > 0
    assert may[grown].all() and not may[0].any() and not may[:, -1].any()


def test_hair_follows_more_than_shoulders(grid):
    points = (MEAN_FACE * SIZE / 6 + [119.5, 119.5, 0]).astype(np.float32)
    found = reach(points, *grid, size=SIZE)
    above, below = points[10, 1] - 0.6 * SIZE / 6, points[152, 1] + 0.6 * SIZE / 6
    assert found[int(above), 120] > 0.95 and found[int(below), 120] < 0.8
