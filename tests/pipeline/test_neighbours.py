"""Faces beside those that move are found, near and far, though only one was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from animate import api
from animate.core.types import Photo
from animate.motion import landmarks
from animate.pipeline.portraits import neighbours

pytestmark = pytest.mark.slow  # loads networks


@pytest.fixture(scope="module")
def model():
    return api.load()


@pytest.mark.parametrize("between", [0, 20])
def test_a_face_six_eye_distances_aside_is_a_neighbour(photo, model, between):
    wall = np.repeat(photo.pixels[:, -1:], between, axis=1)
    wide = Photo(np.concatenate([photo.pixels, wall, photo.pixels[:, ::-1]], axis=1))
    first, second = sorted(api.find_faces(wide, model=model), key=lambda one: one.face.box[0])
    (found,) = neighbours(wide, (first,), model.keypoints)
    unit = landmarks.eye_distance(first.keypoints.points)
    away = np.linalg.norm((found.keypoints.points - second.keypoints.points)[:, :2].mean(0))
    assert away < 0.1 * unit
    assert abs(np.subtract(*(one.face.box[0] for one in (first, second)))) > 5.5 * unit
    assert neighbours(wide, (first, second), model.keypoints) == ()


def test_a_face_alone_has_no_neighbour(photo, model):
    assert neighbours(photo, tuple(api.find_faces(photo, model=model)), model.keypoints) == ()
