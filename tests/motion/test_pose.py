import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from motion.people import PEOPLE

from animate.motion import landmarks, pose

angle = some.floats(-1.0, 1.0)


@settings(max_examples=25)
@given(some.tuples(angle, angle, angle), some.floats(1, 500), some.floats(-2000, 2000))
def test_a_placed_head_is_found_where_it_was_placed(turn, scale, shift):
    placed = pose.Pose(pose.rotation_matrix(np.array(turn)), np.array(scale), np.array((shift, -shift, 3.0)))
    found = pose.fit_pose(pose.apply(landmarks.MEAN_FACE, placed), landmarks.MEAN_FACE)
    np.testing.assert_allclose(found.rotation, placed.rotation, atol=1e-5)
    assert found.scale == pytest.approx(scale, rel=1e-5)


@pytest.mark.parametrize("name", PEOPLE)
def test_split_and_join_are_exact(name):
    points = np.stack([PEOPLE[name], PEOPLE[name] + np.random.default_rng(0).normal(0, 2, (478, 3))])
    place, expression = pose.decompose(points, landmarks.MEAN_FACE)
    np.testing.assert_allclose(pose.compose(place, landmarks.MEAN_FACE, expression), points, atol=1e-8)


def test_an_expression_does_not_turn_the_head():
    grimace = landmarks.MEAN_FACE.astype(float)
    grimace[[9, 8, 151, 10]] -= (0, 0.1, 0)  # a wrinkled brow
    grimace[list(landmarks.LIPS)] += (0.1, 0.2, 0.1)
    assert np.degrees(np.linalg.norm(pose.rotation_vector(pose.fit_pose(grimace, landmarks.MEAN_FACE).rotation))) < 0.7


def test_canonical_has_the_outer_eye_corners_one_apart_and_upright():
    for points in PEOPLE.values():
        place, shape = pose.canonical(points)
        assert landmarks.eye_distance(shape) == pytest.approx(1)
        np.testing.assert_allclose(pose.apply(shape, place), points, atol=1e-4)
        assert np.linalg.det(place.rotation) == pytest.approx(1)


@settings(max_examples=30)
@given(some.tuples(angle, angle, angle))
def test_rotation_vectors_and_matrices_are_the_same_thing(vector):
    np.testing.assert_allclose(pose.rotation_vector(pose.rotation_matrix(np.array(vector))), vector, atol=1e-9)


def test_signs_of_the_axes():
    facing = np.array((0.0, 0.0, -1.0))  # the nose points at the camera
    assert (pose.rotation_matrix(np.array((0.2, 0, 0))) @ facing)[1] > 0  # nod: down
    assert (pose.rotation_matrix(np.array((0, 0.2, 0))) @ facing)[0] < 0  # turn: to the left of the picture
    assert pose.roll(pose.rotation_matrix(np.array((0, 0, 0.2)))) == pytest.approx(0.2)


def test_rotation_vectors_and_matrices_are_inverse_up_to_half_a_turn():
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(5)
    axes = rng.normal(size=(200, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    angles = np.concatenate([[0.0, 1e-9, 1e-5, np.pi - 1e-5, np.pi - 1e-9], rng.uniform(0, np.pi, 195)])
    matrices = Rotation.from_rotvec(axes * angles[:, None]).as_matrix()
    again = Rotation.from_rotvec(pose.rotation_vector(matrices)).as_matrix()
    assert np.abs(again - matrices).max() < 1e-5
    assert np.abs(pose.rotation_vector(matrices[5:]) - (axes * angles[:, None])[5:]).max() < 1e-6
