from dataclasses import replace

import numpy as np
import pytest
from motion.people import PEOPLE, person

from animate.motion import gesture_file, landmarks, pose, retarget, suit

NAMES = [name for name, *_ in gesture_file.list_gestures()]


def turns(motion) -> np.ndarray:
    return np.degrees(pose.rotation_vector(motion.rotation)[:, 1])


def test_mirrored_twice_is_the_same_movement():
    motion = gesture_file.load_gesture("wink")
    course = np.linspace(0, 1, len(motion))[:, None]
    motion = replace(motion, shading=(course * np.linspace(-0.4, 0.6, landmarks.SHADING_POINTS)).astype(np.float32))
    again = suit.mirror(suit.mirror(motion))
    for name in ("rotation", "scale", "translation", "expression", "lids", "mouth", "gaze", "shading"):
        np.testing.assert_allclose(getattr(again, name), getattr(motion, name), atol=1e-6)


def test_a_mirrored_movement_on_a_mirrored_face_is_the_mirrored_picture():
    face = person(size=90, at=(100, 100))
    flipped = face[landmarks.MIRROR] * (-1, 1, 1) + (200, 0, 0)
    motion = gesture_file.load_gesture("wink")
    moved = retarget.retarget(face, motion)
    other = retarget.retarget(flipped, suit.mirror(motion))
    np.testing.assert_allclose(other[:, landmarks.MIRROR] * (-1, 1, 1) + (200, 0, 0), moved, atol=0.05)


def sides(name: str, yaw: float) -> tuple[float, float, bool]:
    """How far a gesture turns a head that is turned by `yaw` further and back, and whether it was mirrored."""
    motion, mirrored = suit.suit(gesture_file.load_gesture(name), yaw)
    assert not np.abs(pose.rotation_vector(motion.rotation[[0, -1]])).any() and not motion.gaze[[0, -1]].any()
    ways = turns(motion) * np.sign(yaw)
    return ways.max(), -ways.min(), mirrored


@pytest.mark.parametrize("yaw", [-33.0, -20.0, -6.0, 6.0, 20.0, 33.0])
@pytest.mark.parametrize("name", NAMES)
def test_the_main_turn_goes_back_to_the_viewer_from_a_head_turned_far_and_further_from_one_turned_a_little(name, yaw):
    further, back, mirrored = sides(name, yaw)
    main, other = (back, further) if abs(yaw) > suit.TOWARDS[0] else (further, back)
    assert other <= max(main, suit.SMALL) + 1e-9
    assert back <= np.interp(abs(yaw), suit.YAWS, suit.BACK)
    assert further <= np.interp(abs(yaw), suit.YAWS, suit.FURTHER)
    made = np.abs(turns(gesture_file.load_gesture(name))).max()
    assert main > 0.85 * made or made < suit.SMALL  # hardly anything of it is lost
    assert not (mirrored and sides(name, -yaw)[2])  # one of the two sides is as it was made


def test_a_profile_hardly_turns_either_way():
    further, back, _ = sides("classic", 55.0)
    assert further <= 7 and back <= 4.5


def test_a_turned_head_whose_landmarks_are_doubtful_is_held_as_a_profile_is():
    motion = gesture_file.load_gesture("classic")
    doubtful, _ = suit.suit(motion, 30.0, sure=False)
    assert np.abs(turns(doubtful)).max() <= 7 < np.abs(turns(suit.suit(motion, 30.0)[0])).max()
    same = (turns(suit.suit(motion, 8.0, sure=sure)[0]) for sure in (False, True))
    np.testing.assert_array_equal(*same)  # one that looks nearly straight turns all the same


def test_a_frontal_head_takes_the_gesture_as_it_is():
    motion = gesture_file.load_gesture("look-around")
    for yaw in (-5, 0, 5):
        assert suit.suit(motion, yaw) == (motion, False)


def test_classic_goes_to_the_side_that_suits():
    motion = gesture_file.load_gesture("classic")
    (a, plain), (b, also) = suit.suit(motion, -20), suit.suit(motion, 8)
    assert not plain and not also and turns(a).max() > 17 and turns(b).max() > 17
    for yaw in (20, -8):
        mirrored, done = suit.suit(motion, yaw)
        assert done and turns(mirrored).min() < -17


def test_eyes_keep_their_aim_where_a_turn_is_cut_short():
    motion = gesture_file.load_gesture("look-around")
    bounded, mirrored = suit.suit(motion, 45)
    motion = suit.mirror(motion) if mirrored else motion
    frame = int(turns(motion).argmin())
    limit = np.interp(45, suit.YAWS, suit.BACK)
    assert turns(bounded)[frame] > -limit and bounded.gaze[frame, :, 0].min() > motion.gaze[frame, :, 0].max() + 0.01
    speed = np.abs(np.diff(turns(bounded))) * 25
    assert speed.max() < 60


def test_yaw_of_a_face_is_what_it_was_turned_by():
    still, shape = pose.canonical(PEOPLE["plain"])
    start = suit.yaw(PEOPLE["plain"])
    for degrees in (-25, 12):
        turned = pose.Pose(
            still.rotation @ pose.rotation_matrix(np.radians([0, degrees, 0])), still.scale, still.offset
        )
        assert suit.yaw(pose.apply(shape, turned)) == pytest.approx(start + degrees, abs=1)
