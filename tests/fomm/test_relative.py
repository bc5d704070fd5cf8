"""Ten keypoints carried from a driver to a picture: the laws of relative movement, and keypoints of another
kind refused.
"""

import numpy as np
import pytest

from animate.core.errors import DriverError, KeypointsMixed
from animate.core.types import FOMM, MESH, Keypoints
from animate.fomm.relative import best_frame, extent, transfer


def keypoints(rng, spread: float = 0.5) -> Keypoints:
    jacobians = (np.eye(2) + rng.normal(0, 0.2, (10, 2, 2))).astype(np.float32)
    return Keypoints(rng.uniform(-spread, spread, (10, 2)).astype(np.float32), FOMM, 1.0, jacobians)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_at_the_start_the_picture_rests(rng):
    source, driving = keypoints(rng), [keypoints(rng) for _ in range(4)]
    for start in range(4):
        moved = transfer(source, driving, start=start)
        np.testing.assert_allclose(moved[start].points, source.points, atol=1e-6)
        np.testing.assert_allclose(moved[start].jacobians, source.jacobians, atol=1e-5)


def test_driven_by_itself_nothing_changes(rng):
    driving = [keypoints(rng) for _ in range(3)]
    for ours, theirs in zip(transfer(driving[0], driving), driving, strict=True):
        np.testing.assert_allclose(ours.points, theirs.points, atol=1e-6)
        np.testing.assert_allclose(ours.jacobians, theirs.jacobians, atol=1e-5)


def test_movement_grows_with_the_face(rng):
    source, first = keypoints(rng, 0.8), keypoints(rng, 0.2)
    moved = Keypoints(first.points + np.float32([0.1, 0]), FOMM, 1.0, first.jacobians)
    plain, grown = (
        transfer(source, [first, moved], adapt_scale=adapt)[1].points - source.points for adapt in (False, True)
    )
    np.testing.assert_allclose(plain, np.tile([0.1, 0], (10, 1)), atol=1e-6)
    np.testing.assert_allclose(grown, plain * (extent(source.points) / extent(first.points)), atol=1e-6)


def test_jacobians_turn_as_the_driver_does(rng):
    source, first = keypoints(rng), keypoints(rng)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    now = Keypoints(first.points, FOMM, 1.0, (turn @ first.jacobians).astype(np.float32))
    np.testing.assert_allclose(transfer(source, [first, now])[1].jacobians, turn @ source.jacobians, atol=1e-5)


def test_forward_and_backward_from_a_frame_are_one_pass(rng):
    source, driving = keypoints(rng), [keypoints(rng) for _ in range(5)]
    whole = transfer(source, driving, start=2)
    forward, backward = transfer(source, driving[2:]), transfer(source, driving[2::-1])
    for ours, theirs in zip(whole, [*backward[:0:-1], *forward], strict=True):
        np.testing.assert_array_equal(ours.points, theirs.points)
        np.testing.assert_array_equal(ours.jacobians, theirs.jacobians)


def test_absolute_is_the_driver_itself(rng):
    driving = [keypoints(rng) for _ in range(2)]
    assert transfer(keypoints(rng), driving, relative=False) == tuple(driving)


def test_without_jacobians_only_points_move(rng):
    source, first = (Keypoints(keypoints(rng).points, FOMM) for _ in range(2))
    assert transfer(source, [first])[0].jacobians is None


def test_keypoints_of_another_model_are_refused(rng):
    mesh = Keypoints(np.zeros((478, 3), np.float32), MESH)
    for source, driving in ((mesh, [keypoints(rng)]), (keypoints(rng), [keypoints(rng), mesh])):
        with pytest.raises(KeypointsMixed, match="mesh478") as caught:
            transfer(source, driving)
        assert "video" in caught.value.hint


def test_a_start_outside_the_driver_is_refused(rng):
    with pytest.raises(DriverError, match="frame 2"):
        transfer(keypoints(rng), [keypoints(rng)] * 2, start=2)


def test_the_extent_is_that_of_the_hull():
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1]], float)
    assert extent(square) == pytest.approx(2)
    assert extent(np.arange(10.0).reshape(5, 2)) == 0


def test_the_best_frame_is_the_most_alike_whatever_its_place_and_size(rng):
    face = rng.uniform(0, 1, (68, 2))
    driving = np.stack([face + rng.normal(0, noise, face.shape) for noise in (0.3, 0.05, 0.2, 0.01)])
    driving[1] = face * 3.0 + [100, -50]
    assert best_frame(face, driving) == 1
    driving[1] = np.nan
    assert best_frame(face, driving) == 3
    assert best_frame(np.column_stack([face, face[:, :1]]), driving) == 3
    with pytest.raises(DriverError, match="no frame"):
        best_frame(face, np.full_like(driving, np.nan))
