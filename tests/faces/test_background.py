"""A camera's motion is measured beside a person and taken out of their points."""

import numpy as np
import pytest
from skimage import data, transform

from animate.faces.background import CameraMotion, without

FACE = np.array([[150.0, 100.0, 0], [210, 100, 10], [180, 140, -10], [160, 170, 0], [200, 170, 0]])


def filmed(camera, person=0.0):
    """A wall of bricks behind a grey person that stands `person` pixels to the side, seen through a camera."""
    world = np.repeat(data.brick()[:300, :400, None], 3, axis=2).astype(float)
    left = 120 + round(person)
    world[60:, left : left + 120] = 128
    seen = transform.warp(world, camera.inverse, output_shape=(260, 360), order=1, mode="edge", preserve_range=True)
    return seen.astype(np.uint8)


def through(camera, points):
    return np.concatenate([camera(points[:, :2]), points[:, 2:] * camera.scale], axis=1)


def test_shake_is_measured_and_taken_out():
    follow, random = CameraMotion(), np.random.default_rng(2)
    known = []
    for step in range(8):
        drift = random.normal(0, 3, 2) if step else (0, 0)
        camera = transform.SimilarityTransform(scale=1 + 0.01 * step, rotation=0.004 * step, translation=drift)
        motion, found = follow.follow(filmed(camera), through(camera, FACE))
        known.append(found)
        assert without(through(camera, FACE), motion) == pytest.approx(FACE, abs=0.9)
    assert known == [False] + [True] * 7


def test_a_person_who_moves_before_a_still_camera_keeps_their_movement():
    follow, still = CameraMotion(), transform.SimilarityTransform()
    for step in range(8):
        motion, _ = follow.follow(filmed(still, 4 * step), FACE + [4 * step, 0, 0])
    assert motion == pytest.approx(np.eye(2, 3), abs=0.06)


def test_a_blank_wall_tells_nothing():
    follow, blank = CameraMotion(), np.full((240, 320, 3), 90, np.uint8)
    for _ in range(3):
        motion, known = follow.follow(blank, FACE)
    assert not known and (motion == np.eye(2, 3)).all()
    assert not follow.follow(blank, None)[1]
