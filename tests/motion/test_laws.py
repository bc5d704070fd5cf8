"""Laws of retargeting, on any face: the picture may be turned, enlarged, moved or mirrored before or after."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion.people import person

from animate.motion import gesture_file, landmarks, pose, smooth, suit
from animate.motion.retarget import retarget

WIDE = 801.0  # of the picture in which faces are mirrored
MOTION = smooth.cut(gesture_file.load_gesture("classic"), 20, 36)

faces = st.builds(
    person,
    width=st.floats(0.85, 1.15),
    height=st.floats(0.85, 1.15),
    lids=st.floats(-0.3, 0.6),
    turn=st.tuples(st.floats(-12, 12), st.floats(-25, 25), st.floats(-35, 35)),
    mouth=st.floats(0, 0.12),
)
amounts = st.fixed_dictionaries({"head": st.floats(0, 1.5), "expression": st.floats(0, 1.5), "gaze": st.floats(0, 1.5)})


@settings(max_examples=15)
@given(faces, amounts, st.floats(-180, 180), st.floats(0.2, 3.0))
def test_a_turned_and_enlarged_picture_gives_the_turned_and_enlarged_movement(face, amount, degrees, scale):
    turn = pose.rotation_matrix(np.radians((0.0, 0.0, degrees)))
    changed = lambda points: (points @ turn * scale + (50, -20, 0)).astype(np.float32)
    off = retarget(changed(face), MOTION, **amount) - changed(retarget(face, MOTION, **amount))
    assert np.abs(off).max() < 0.01 * 180 * scale  # a hundredth of the eye distance


@settings(max_examples=15)
@given(faces, amounts)
def test_a_mirrored_movement_on_a_mirrored_face_is_the_mirrored_picture(face, amount):
    mirrored = lambda points: ((WIDE, 0, 0) + points * (-1, 1, 1))[..., landmarks.MIRROR, :].astype(np.float32)
    off = retarget(mirrored(face), suit.mirror(MOTION), **amount) - mirrored(retarget(face, MOTION, **amount))
    assert np.abs(off).max() < 0.02 * 180


@settings(max_examples=15)
@given(faces, st.floats(0, 2))
def test_where_the_movement_rests_the_face_is_the_photograph(face, amount):
    still = smooth.still(3, 25)
    assert (retarget(face, still, head=amount, expression=amount, gaze=amount) == face).all()


@pytest.mark.parametrize("part", ["head", "expression", "gaze"])
@settings(max_examples=10)
@given(faces)
def test_more_strength_moves_no_less(part, face):
    none = {"head": 0.0, "expression": 0.0, "gaze": 0.0}
    ways = [np.abs(retarget(face, MOTION, **none | {part: amount}) - face).mean() for amount in (0, 0.5, 1)]
    assert ways[0] == 0 and ways[1] <= ways[2] + 1e-3
