"""What a driven frame needs beyond the photograph, and which further one gives it."""

from __future__ import annotations

import numpy as np
import pytest
from two_pictures import closed_eyes, face

from animate.motion import landmarks, pose, source_choice
from animate.motion.source_choice import LIPS, MOUTH

EVERYTHING = np.ones((1, 4))


def states(*meshes: np.ndarray) -> source_choice.FaceState:
    return source_choice.state(np.stack(meshes))


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    """A face turned about its upright axis."""
    still, shape = pose.canonical(points)
    way = pose.rotation_matrix(np.array([0.0, np.radians(degrees), 0.0]))
    return pose.apply(shape, pose.Pose(still.rotation @ way, still.scale, still.offset)).astype(np.float32)


def test_at_rest_nothing_is_needed_and_little_by_little_more():
    own = source_choice.state(face())
    need = source_choice.needs(own, states(face(), face(0.01), face(0.05), face(0.2), closed_eyes(face())))
    assert not need[0].any()
    assert 0 <= need[1, MOUTH] <= need[2, MOUTH] <= need[3, MOUTH] == 1
    assert need[4, :2].min() == 1 and need[4, MOUTH] == 0


def test_a_closed_mouth_gives_no_teeth_and_an_open_one_does():
    own, now = source_choice.state(face()), states(face(), face(0.2))
    closed = source_choice.shares(own, now, [source_choice.state(face(0.0))], EVERYTHING)
    opened = source_choice.shares(own, now, [source_choice.state(face(0.2))], EVERYTHING)
    assert not closed.any()
    assert opened[0, 1, MOUTH] == 1 and opened[0, 1, LIPS] == pytest.approx(1) and not opened[0, 0].any()


def test_lids_come_from_closed_eyes_and_not_from_open_ones():
    own, now = source_choice.state(face()), states(face(), closed_eyes(face()))
    lids = source_choice.shares(own, now, [source_choice.state(closed_eyes(face()))], EVERYTHING)
    assert lids[0, 1, :2].min() > 0.9
    assert not source_choice.shares(own, now, [source_choice.state(face())], EVERYTHING).any()


def test_one_source_gives_a_region_for_as_long_as_it_is_needed():
    gaps = (0.0, 0.05, 0.1, 0.2, 0.1, 0.05, 0.0)
    own, now = source_choice.state(face()), states(*map(face, gaps))
    both = [source_choice.state(face(0.09)), source_choice.state(face(0.2))]
    shares = source_choice.shares(own, now, both, np.ones((2, 4)))
    assert shares[1, :, MOUTH].any() != shares[0, :, MOUTH].any()
    assert not (shares > 0).all(0).any()
    forbidden = source_choice.shares(own, now, both, np.zeros((2, 4)))
    assert not forbidden.any()


def test_a_mouth_hardly_open_does_not_serve_a_wide_one():
    own, now = source_choice.state(face()), states(face(), face(0.3))
    assert not source_choice.shares(own, now, [source_choice.state(face(0.06))], EVERYTHING).any()


def test_a_far_pose_gives_nothing():
    own, now = source_choice.state(face()), states(face(), face(0.2))
    far = source_choice.state(turned(face(0.2), 45))
    assert not source_choice.shares(own, now, [far], EVERYTHING).any()


def test_the_hidden_side_comes_from_a_head_turned_the_other_way():
    left, right, front = turned(face(), 28), turned(face(), -28), face()
    own, now = source_choice.state(left), states(left, front)
    gain = source_choice.gains(own, now, source_choice.state(right))
    assert not gain[0].any() and gain[1].max() > 0.3
    hidden = source_choice.state(left).facing < source_choice.state(right).facing
    assert hidden[gain[1] > 0.3].mean() > 0.9
    assert source_choice.gains(own, now, source_choice.state(left)).max() < 0.01


def test_a_mouth_of_another_form_gives_no_teeth():
    own, now = source_choice.state(face()), states(face(), face(0.2))
    pursed, lips = face(0.2), list(landmarks.INNER_LIPS)
    pursed[lips, 0] += 0.4 * (pursed[lips, 0].mean() - pursed[lips, 0])
    assert source_choice.shares(own, now, [source_choice.state(face(0.2))], EVERYTHING)[0, 1, MOUTH] == 1
    assert source_choice.shares(own, now, [source_choice.state(pursed)], EVERYTHING)[0, 1, MOUTH] < 0.5


def test_an_eye_that_is_turned_away_gives_no_lids():
    own, closed = source_choice.state(face()), closed_eyes(face())
    now = states(face(), closed)
    aside = source_choice.shares(own, now, [source_choice.state(turned(closed, 26))], EVERYTHING)[0, 1, :2]
    front = source_choice.shares(own, now, [source_choice.state(closed)], EVERYTHING)[0, 1, :2]
    assert front.min() > 0.9 and aside.min() < 0.5
