"""Light at a face's points becomes light in the picture around it: as much as is known and no more."""

import numpy as np
import pytest
from model.movements import SIZE, SPAN, face, surface

from animate.model.warp.relight import MOST, ShadingField
from animate.motion import landmarks

CELL = 4


@pytest.fixture(scope="module")
def relight():
    return ShadingField(face(), surface(), size=SIZE, span=SPAN, count=landmarks.SHADING_POINTS)


def at(cells: np.ndarray, point: int) -> float:
    x, y = (face()[point, :2] / CELL).astype(int)
    return float(cells[y, x])


def test_no_light_is_none_and_one_light_is_the_same_all_over_the_face(relight):
    for log, grows in ((0.0, 0.0), (np.log(1.5), 0.5), (np.log(0.6), -0.4)):
        change = relight(landmarks.shading_points(face())[None], np.full((1, landmarks.SHADING_POINTS), log))[
            0, 0
        ].numpy()
        assert change.shape == (SIZE // CELL, SIZE // CELL)
        inner = [1, 50, 280, 13, 159, 10]
        assert [at(change, point) for point in inner] == pytest.approx([grows] * 6, abs=0.08)
        assert np.abs(change[:8]).max() < 1e-3


def test_light_goes_with_the_points_and_stays_on_its_side(relight):
    shading = np.zeros((1, landmarks.SHADING_POINTS), np.float32)
    left = landmarks.shading_points(face())[:, 0] < (SIZE - 1) / 2
    shading[0, left] = np.log(1.4)
    change = relight(landmarks.shading_points(face())[None], shading)[0, 0].numpy()
    moved = relight(landmarks.shading_points(face() + np.float32([8, 0, 0]))[None], shading)[0, 0].numpy()
    assert at(change, 50) == pytest.approx(0.4, abs=0.08) and at(change, 280) == pytest.approx(0, abs=0.03)
    assert np.allclose(np.roll(change, 2, axis=1), moved, atol=1e-4)


def test_the_strongest_light_is_bounded(relight):
    change = relight(landmarks.shading_points(face())[None], np.full((1, landmarks.SHADING_POINTS), 50.0))[0, 0].numpy()
    assert 2 < change.max() <= np.expm1(MOST) + 1e-6
