"""A warp that is linear in triangles: identity is exact, a shift is a shift, and both directions agree."""

import numpy as np
import pytest
from skimage import data

from animate.faces.triangle_warp import STEP, TriangleWarp, carried, resample

SIZE = 128
PICTURE = data.camera()[100 : 100 + SIZE, 180 : 180 + SIZE].copy()
POINTS = np.stack(np.meshgrid(np.arange(30, 100, 9.0), np.arange(30, 100, 9.0)), -1).reshape(-1, 2)


@pytest.fixture(scope="module")
def warp():
    return TriangleWarp(POINTS, SIZE, around=400.0)


def test_points_that_stay_change_nothing(warp):
    for field in (warp.targets(POINTS), warp.origins(POINTS)):
        assert field == pytest.approx(warp.nodes, abs=1e-3)
        assert np.abs(resample(PICTURE, field).astype(int) - PICTURE)[8:-8, 8:-8].max() <= 1


def test_moved_points_move_the_picture_between_them(warp):
    moved = resample(PICTURE, warp.origins(POINTS + [4, -2]))
    there = moved[40:80, 44:84].astype(int)
    assert np.abs(there - PICTURE[42:82, 40:80]).mean() < 2


def test_the_two_directions_undo_each_other(warp):
    wave = POINTS + 3 * np.sin(POINTS[:, ::-1] / 15)
    back = resample(resample(PICTURE, warp.origins(wave)), warp.targets(wave))
    assert np.abs(back.astype(int) - PICTURE)[36:90, 36:90].mean() < 6


def test_a_shift_is_carried_with_the_stretch_of_the_field(warp):
    middle = np.array([64.0, 64.0])
    wide = middle + (POINTS - middle) * 1.5
    shift = carried(warp.targets(wide), np.array([[60.0, 60.0]]), np.array([[1.0, -2.0]]))
    assert shift == pytest.approx(np.array([[1.5, -3.0]]), abs=0.01)
    assert warp.nodes[0, 0] == pytest.approx((STEP - 1) / 2)
