from dataclasses import replace

import numpy as np
import pytest
from motion.people import PEOPLE

from animate.motion import gesture_file, landmarks, pose, smooth
from animate.motion.retarget import extract_motion, retarget


@pytest.fixture(scope="module")
def noisy():
    frames = retarget(PEOPLE["plain"], gesture_file.load_gesture("hello"))
    return frames, frames + np.random.default_rng(1).normal(0, 0.6, frames.shape)


def test_smoothing_takes_trembling_and_leaves_the_movement(noisy):
    frames, shaken = noisy
    rough, calm = extract_motion(shaken, 25, neutral=0), smooth.smooth(extract_motion(shaken, 25, neutral=0))
    true = extract_motion(frames, 25, neutral=0)

    def tremble(motion):
        return np.abs(np.diff(pose.rotation_vector(motion.rotation), 2, axis=0)).mean()

    assert tremble(calm) < 0.3 * tremble(rough)
    furthest, wanted = (pose.rotation_vector(motion.rotation).max(axis=0) for motion in (calm, true))
    np.testing.assert_allclose(furthest, wanted, atol=0.012)
    before, after = (np.abs(np.diff(motion.expression, 2, axis=0)).mean() for motion in (rough, calm))
    assert after < 0.3 * before


def test_smoothing_swallows_no_blink(noisy):
    frames, shaken = noisy
    true, calm = extract_motion(frames, 25, neutral=0), smooth.smooth(extract_motion(shaken, 25, neutral=0), strength=2)
    assert (calm.lids.max(axis=0) > 0.97).all()
    assert np.argmax(calm.lids[:, 0]) == pytest.approx(np.argmax(true.lids[:, 0]), abs=1)


def test_smoothing_has_no_lag():
    motion = gesture_file.load_gesture("nod")
    nod = pose.rotation_vector(motion.rotation)[:, 0]
    assert abs(np.argmax(nod) - np.argmax(pose.rotation_vector(smooth.smooth(motion).rotation)[:, 0])) <= 1


def test_strength_nought_and_short_motions_pass_as_they_are():
    motion = gesture_file.load_gesture("nod")
    assert smooth.smooth(motion, strength=0) is motion
    short = smooth.cut(motion, 10, 13)
    assert smooth.smooth(short) is short


def test_at_rest_begins_and_ends_neutral_and_keeps_the_middle():
    motion = smooth.cut(gesture_file.load_gesture("look-around"), 20, 100)
    eased = smooth.ease_in_out(motion, 0.4)
    for frame in (0, -1):
        np.testing.assert_allclose(eased.rotation[frame], np.eye(3), atol=1e-12)
        assert eased.scale[frame] == 1 and not eased.translation[frame].any() and not eased.expression[frame].any()
        assert not eased.lids[frame].any() and not eased.gaze[frame].any() and eased.mouth[frame] == 0
    np.testing.assert_allclose(eased.rotation[30:50], motion.rotation[30:50], atol=1e-9)


@pytest.mark.parametrize("fps", [12.5, 24, 25, 30, 50])
def test_resampling_keeps_time_ends_and_rotations(fps):
    motion = gesture_file.load_gesture("look-around")
    other = smooth.resample(motion, fps)
    assert other.fps == fps
    assert len(other) / fps == pytest.approx(len(motion) / 25, abs=1.1 / min(fps, 25))
    np.testing.assert_allclose(other.rotation[[0, -1]], motion.rotation[[0, -1]], atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(other.rotation), 1, atol=1e-9)
    furthest, wanted = (pose.rotation_vector(which.rotation)[:, 1].max() for which in (other, motion))
    assert furthest == pytest.approx(wanted, abs=2e-3)


def test_loops_join_without_a_doubled_frame():
    motion = gesture_file.load_gesture("breath")
    thrice = smooth.loop(motion, 3)
    assert len(thrice) == 3 * (len(motion) - 1) + 1
    np.testing.assert_array_equal(thrice.lids[: len(motion)], motion.lids)


@pytest.mark.parametrize("seconds", [0.2, 2, 4.4, 10, 60])
def test_any_length_can_be_had(seconds):
    motion = smooth.fit_duration(gesture_file.load_gesture("breath"), seconds)
    assert len(motion) == max(round(seconds * 25), 2)
    np.testing.assert_allclose(motion.rotation[[0, -1]], np.stack([np.eye(3)] * 2), atol=1e-12)


def test_light_goes_with_everything_else():
    motion = replace(gesture_file.load_gesture("nod"), shading=None)
    shine = np.linspace(0, 1, len(motion))[:, None] * np.ones(landmarks.SHADING_POINTS, np.float32)
    lit = replace(motion, shading=shine)
    assert smooth.smooth(motion).shading is None and smooth.pad(motion, 1, 1).shading is None
    assert smooth.cut(lit, 3, 9).shading == pytest.approx(shine[3:9])
    assert smooth.resample(lit, 50).shading.mean() == pytest.approx(0.5, abs=1e-6)
    rested = smooth.ease_in_out(lit).shading
    assert not rested[[0, -1]].any() and rested[len(shine) // 2] == pytest.approx(shine[len(shine) // 2])
    assert np.abs(smooth.smooth(lit).shading - shine).max() < 0.05


def swaying(count: int = 100):
    """A head that turns, shifts and nears evenly, far from rest from the first frame on, and a still face."""
    course = np.linspace(0.1, 0.3, count)
    motion = replace(smooth.still(count, 25.0), mouth=np.full(count, 0.5), lids=np.full((count, 2), 0.2))
    turn = pose.rotation_matrix(course[:, None] * (0.0, 1.0, 0.0))
    return replace(motion, rotation=turn, translation=np.column_stack([course, -course]), scale=1 + course / 10)


def at_rest(motion, frame: int) -> bool:
    still = motion.scale[frame] == 1 and not motion.translation[frame].any() and not motion.lids[frame].any()
    return still and np.array_equal(motion.rotation[frame], np.eye(3)) and motion.mouth[frame] == 0


def test_a_movement_rests_where_its_face_is_gone():
    seen = np.ones(100, bool)
    seen[40:60] = False
    seen[80:83] = False  # too short to rest
    motion = smooth.rest_out_of_sight(swaying(), seen)
    assert all(at_rest(motion, frame) for frame in (0, *range(39, 61), 99))
    assert motion.mouth[20] == motion.mouth[72] == 0.5 and (motion.mouth[79:84] == 0.5).all()
    assert np.abs(np.diff(motion.mouth)).max() < 0.13
    never = smooth.rest_out_of_sight(swaying(9), np.zeros(9, bool))
    assert all(at_rest(never, frame) for frame in range(9))


def test_a_face_that_is_gone_at_either_end_begins_and_ends_at_rest():
    seen = np.ones(60, bool)
    seen[:3] = seen[-3:] = False
    motion = smooth.rest_out_of_sight(swaying(60), seen)
    assert all(at_rest(motion, frame) for frame in (0, 3, 56, 59)) and motion.mouth[30] == 0.5


def test_a_head_moves_from_the_first_moment_on_and_the_pose_it_began_in_fades():
    motion = replace(swaying(), translation=np.column_stack([np.arange(100) * 0.01 - 0.02, np.zeros(100)]))
    eased = smooth.rest_out_of_sight(motion, np.ones(100, bool))
    way = eased.translation[4, 0] - eased.translation[0, 0]
    assert way > 0.04 * 0.75  # four hundredths in the driver
    np.testing.assert_allclose(eased.translation[10:85], motion.translation[10:85], atol=1e-9)
    np.testing.assert_allclose(eased.rotation[10:85], motion.rotation[10:85], atol=1e-9)
    assert np.abs(np.diff(eased.translation[:, 0], 2)[1:12]).max() < 0.02


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_spells_too_short_to_ease_are_at_rest_at_both_ends(count):
    motion = smooth.rest_out_of_sight(swaying(count), np.ones(count, bool))
    assert at_rest(motion, 0) and at_rest(motion, -1) and np.abs(motion.translation).max() < 0.3


def test_shots_are_joined_one_after_another():
    nod, rest = gesture_file.load_gesture("nod"), smooth.still(10, 25)
    lit = replace(nod, shading=np.ones((len(nod), landmarks.SHADING_POINTS), np.float32), parted=0.1)
    both = smooth.join([rest, lit])
    assert len(both) == 10 + len(nod) and both.parted == 0.1
    np.testing.assert_array_equal(both.rotation[10:], nod.rotation)
    assert not both.shading[:10].any() and both.shading[10:].all() and not both.expression[:10].any()
    assert smooth.join([rest, nod]).shading is None or nod.shading is not None
