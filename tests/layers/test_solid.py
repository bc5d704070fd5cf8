"""The head as a solid: rest is exact, a turn carries the middle and widens the side that comes into view."""

import numpy as np
import pytest
from layers.crowd import mesh
from scipy.spatial.transform import Rotation

from animate.layers import solid
from animate.layers.heads import head_of
from animate.motion import landmarks, pose

UNIT, AT = 60.0, (300.0, 260.0)
ANGLES = (0.0, 15.0, -25.0)  # degrees to the side


@pytest.fixture(scope="module")
def turned() -> tuple[np.ndarray, solid.PersonMotion]:
    """The middle of the skull's outline in the picture, and the motion of a head that turns by ANGLES."""
    face = mesh(*AT, UNIT)
    still, shape = pose.canonical(face)
    turns = Rotation.from_euler("y", np.array(ANGLES)[:, None], degrees=True).as_matrix() @ still.rotation
    rest = solid.Poses(still.rotation[None], np.array([still.scale]), still.offset[None])
    driven = solid.Poses(turns, np.full(len(ANGLES), still.scale), np.repeat(still.offset[None], len(ANGLES), 0))
    oval = face[list(landmarks.OVAL), :2]
    moved = np.einsum("tij,nj->tni", turns * still.scale, shape[list(landmarks.OVAL)])[..., :2] + still.offset[:2]
    head = head_of(face)
    return head.middle, solid.PersonMotion(head, rest, driven, (oval, moved), lower=800.0)


def test_at_rest_nothing_moves(turned):
    middle, motion = turned
    places = middle + np.random.default_rng(0).uniform(-200, 300, (60, 2))
    at, change = solid.jacobians(motion, places, 1.0)
    assert np.abs(at[0] - places).max() < 1e-3 and np.abs(change[0]).max() < 1e-3


def test_the_side_that_comes_into_view_moves_out_by_the_sine_of_the_turn(turned, monkeypatch):
    middle, motion = turned
    sides = middle + [0, -0.6 * UNIT] + 0.92 * UNIT * np.array([[-1.0, 0.0], [1.0, 0.0]])
    with_back = motion(sides)
    monkeypatch.setattr(solid, "BACK", 0.0)
    out = (with_back - motion(sides))[..., 0] * [-1, 1] / UNIT  # (T, 2), away from the middle
    sines = np.sin(np.radians(np.abs(ANGLES)))
    assert np.allclose(out.max(1), 0.3 * sines, atol=0.03)
    assert np.allclose(out.min(1), 0, atol=1e-6)
    assert out[1].argmax() != out[2].argmax()


def test_the_trunk_rests_below(turned):
    middle, motion = turned
    places = middle + np.array([[0.0, 7.5 * UNIT], [120.0, 8 * UNIT]])
    assert np.abs(motion(places) - places).max() < 1e-6


def test_what_is_farther_aside_than_a_hat_does_not_turn_with_the_head(turned):
    middle, motion = turned
    beside = middle + [[4.5 * UNIT, 0.0], [-4.5 * UNIT, -0.5 * UNIT]]
    ear = middle + [[1.0 * UNIT, 0.4 * UNIT]]
    far, near = (np.abs(motion(places) - places).max() for places in (beside, ear))
    assert far < 0.25 * UNIT and near > far
    assert (motion.head.headness(*beside.T) == 0).all() and motion.head.headness(*ear.T).min() > 0.9


@pytest.mark.parametrize("reach", [1.06, 1.3])
def test_the_side_that_comes_into_view_is_drawn_out_within_bounds_and_in_order(turned, reach):
    middle, motion = turned
    motion.reach = np.full(16, reach)
    x = np.linspace(0.3, 1.6, 120) * 0.92 * UNIT
    for side, frame in ((1, 1), (-1, 2)):
        sides = middle + np.stack([side * x, np.full(len(x), -0.3 * UNIT)], 1)
        way = side * motion._whole(sides)[frame, :, 0]
        drawn_out = np.diff(way) / np.diff(x)
        assert drawn_out.min() > 0.5 and drawn_out.max() < (3.2 if reach < 1.1 else 2.2)
