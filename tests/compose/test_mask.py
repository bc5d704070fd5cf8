"""The reach of a face: all of the head, nothing of the border, smooth between."""

from __future__ import annotations

import numpy as np
import pytest

from animate.compose.mask import Reach, extremes, inside, reach, sides
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


def test_reach_of_a_face_at_rest_is_the_old_one_and_follows_a_moved_one(points, grid):
    follow = Reach(points, *grid, size=SIZE)
    moved = points + np.float32([SIZE / 6, 0, 0])  # one eye distance
    assert np.array_equal(follow(points), reach(points, *grid, size=SIZE))
    both = follow(moved)
    assert (both >= reach(points, *grid, size=SIZE)).all() and (both >= reach(moved, *grid, size=SIZE)).all()
    column, row = np.rint(moved[:, :2].T).astype(int)
    assert np.median(both[row, column]) == 1


def test_sides_hold_all_that_may_change_and_little_more(points, grid):
    moved = np.stack([points + np.float32([x, y, 0]) for x, y in ((0, 0), (12, -5), (-7, 9))])
    may = np.any([inside(one, *grid, size=SIZE) for one in moved], axis=0)
    first, last = sides(moved, size=SIZE).T[..., None]
    held = (grid[0] >= first) & (grid[0] <= last)
    assert held[may].all() and held.sum() < 1.06 * may.sum()


def test_extremes_are_the_outermost(points):
    moved = np.stack([points + np.float32([x, y, 0]) for x, y in ((0, 0), (5, 0), (-5, 1), (1, 7), (1, -7), (2, 2))])
    assert {tuple((one - points)[0, :2].round().astype(int)) for one in extremes(moved)} >= {
        (5, 0),
        (-5, 1),
        (1, 7),
        (1, -7),
    }
