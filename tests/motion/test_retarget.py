import time
from dataclasses import replace

import numpy as np
import pytest
from motion.people import PEOPLE, person

from animate.core.errors import NoFaceInDriver
from animate.core.types import Motion
from animate.motion import gesture_file, landmarks, neutral_frame, openings, pose, smooth
from animate.motion.retarget import ASIDE, extract_motion, retarget, retarget_shading


def still(count: int = 5, **changes) -> Motion:
    rest = Motion(
        np.tile(np.eye(3), (count, 1, 1)),
        np.ones(count),
        np.zeros((count, 2)),
        np.zeros((count, 478, 3), np.float32),
        np.zeros((count, 2)),
        np.zeros(count),
        np.zeros((count, 2, 2)),
        25.0,
    )
    return replace(rest, **changes)


def head_shape(points: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Points (T, 478, 3) in the source's own head frame, for motions without head movement."""
    return pose.invert(points.astype(float), pose.canonical(source)[0])


def driver(source: np.ndarray) -> np.ndarray:
    """A person who smiles, nods, looks, blinks and opens the mouth."""
    hello, look = gesture_file.load_gesture("hello"), gesture_file.load_gesture("look-around")
    look = smooth.scale_motion(look, np.full(len(look), 0.5))  # within the limits of a turned head
    talk = replace(hello, mouth=0.5 * np.sin(np.linspace(0, np.pi, len(hello))))
    return np.concatenate([retarget(source, talk, open_mouth=1), retarget(source, look)])


@pytest.mark.parametrize("name", PEOPLE)
def test_strength_nought_is_exactly_still(name):
    for card in ("hello", "look-around"):
        moved = retarget(PEOPLE[name], gesture_file.load_gesture(card), head=0, expression=0, gaze=0)
        np.testing.assert_array_equal(moved, np.broadcast_to(PEOPLE[name], moved.shape))


@pytest.mark.parametrize("name", PEOPLE)
def test_rest_is_exactly_the_photograph(name):
    for card, *_ in gesture_file.list_gestures():
        moved = retarget(PEOPLE[name], gesture_file.load_gesture(card))
        np.testing.assert_array_equal(moved[[0, -1]], np.stack([PEOPLE[name]] * 2))


@pytest.mark.parametrize("name", ["plain", "broad", "tilted", "turned"])
def test_driving_by_oneself_changes_nothing(name):
    frames = driver(PEOPLE[name])
    again = retarget(frames[0], extract_motion(frames, 25, neutral=0), open_mouth=1)
    np.testing.assert_array_equal(again[0], frames[0])
    apart = np.linalg.norm(again - frames, axis=-1)[:, : landmarks.SURFACE] / landmarks.eye_distance(frames[0])
    assert apart.mean() < 0.002 and apart.max() < 0.04


@pytest.mark.parametrize("name", PEOPLE)
def test_a_blink_closes_every_eye(name):
    shut = retarget(PEOPLE[name], still(lids=np.ones((5, 2))))
    upper, lower = shut[:, np.array(landmarks.UPPER_LIDS)], shut[:, np.array(landmarks.LOWER_LIDS)]
    np.testing.assert_allclose(upper, lower, atol=1e-3)
    lid_way = np.linalg.norm(upper - PEOPLE[name][np.array(landmarks.UPPER_LIDS)], axis=-1)
    rise = np.linalg.norm(lower - PEOPLE[name][np.array(landmarks.LOWER_LIDS)], axis=-1)
    np.testing.assert_allclose(rise / (lid_way + rise), openings.RISE, atol=0.01)


@pytest.mark.parametrize("strength", [0.2, 0.5, 1, 2])
@pytest.mark.parametrize("name", PEOPLE)
def test_the_bundled_blink_closes_every_eye_at_any_strength(name, strength):
    moved = retarget(PEOPLE[name], gesture_file.load_gesture("blink"), expression=strength)
    gaps = np.linalg.norm(openings.lid_gaps(moved), axis=-1).max(axis=(1, 2))
    assert gaps.min() < 1e-3 * landmarks.eye_distance(PEOPLE[name])
    assert gaps[0] > 10 * gaps.min()


def test_a_recorded_blink_closes_eyes_of_another_cut():
    frames = retarget(PEOPLE["wide eyes"], gesture_file.load_gesture("blink"))
    blinks = smooth.smooth(extract_motion(frames, 25))
    gaps = np.linalg.norm(openings.lid_gaps(retarget(PEOPLE["narrow eyes"], blinks)), axis=-1).max(axis=(1, 2))
    assert gaps.min() < 1e-3 * landmarks.eye_distance(PEOPLE["narrow eyes"])


def test_turning_the_photograph_turns_the_result():
    upright, leaning = person(at=(0, 0)), person(at=(0, 0), turn=(0, 0, 40))
    turn = pose.rotation_matrix(np.radians((0, 0, 40)))
    for card in ("hello", "look-around"):
        motion = gesture_file.load_gesture(card)
        np.testing.assert_allclose(retarget(leaning, motion), retarget(upright, motion) @ turn.T, atol=0.02)


def test_size_and_place_do_not_matter():
    motion = gesture_file.load_gesture("hello")
    small, large = PEOPLE["plain"], PEOPLE["plain"] * 3 + (5, 6, 7)
    np.testing.assert_allclose(retarget(large, motion), retarget(small, motion) * 3 + (5, 6, 7), atol=0.05)


def test_head_turns_about_the_neck_by_the_angle_asked_for():
    turns = np.radians([[0, 12, 0], [8, 0, 0], [0, 0, 10], [5, -8, 4]])
    moved = retarget(PEOPLE["turned"], still(4, rotation=pose.rotation_matrix(turns)))
    before, after = pose.fit_pose(PEOPLE["turned"], landmarks.MEAN_FACE), pose.fit_pose(moved, landmarks.MEAN_FACE)
    np.testing.assert_allclose(pose.rotation_vector(before.rotation.T @ after.rotation)[1:], turns[1:], atol=2e-3)
    leaning = still(1, rotation=pose.rotation_matrix(np.radians([[0, 0, 10]])))
    lean = retarget(PEOPLE["plain"], leaning)[0] - PEOPLE["plain"]
    assert lean[10, 0] > 3 * abs(lean[152, 0])  # the crown goes, the chin stays


def test_half_the_strength_is_half_the_turn():
    motion = still(3, rotation=pose.rotation_matrix(np.radians([[4, 8, 2]] * 3)))
    once = pose.fit_pose(retarget(PEOPLE["plain"], motion, head=0.5), landmarks.MEAN_FACE)
    base = pose.fit_pose(PEOPLE["plain"], landmarks.MEAN_FACE)
    turn = np.degrees(pose.rotation_vector(base.rotation.T @ once.rotation))
    np.testing.assert_allclose(turn, [[2, 4, 1]] * 3, atol=0.1)


@pytest.mark.parametrize("name", PEOPLE)
def test_no_turn_goes_beyond_what_a_face_bears(name):
    wild = still(4, rotation=pose.rotation_matrix(np.radians([[0, 70, 0], [0, -70, 0], [60, 0, 0], [-50, 60, 0]])))
    before = pose.canonical(PEOPLE[name])[0].rotation
    after = pose.fit_pose(retarget(PEOPLE[name], wild, head=2), landmarks.MEAN_FACE).rotation
    assert np.degrees(np.linalg.norm(pose.rotation_vector(before.T @ after), axis=-1)).max() < 46


def test_a_turn_of_thirty_five_degrees_is_whole():
    turns = np.radians([[0, 35, 0], [0, -35, 0], [30, 0, 0], [-24, 24, 0]])
    moved = retarget(PEOPLE["plain"], still(4, rotation=pose.rotation_matrix(turns)))
    before = pose.canonical(PEOPLE["plain"])[0].rotation
    after = pose.rotation_vector(before.T @ pose.fit_pose(moved, landmarks.MEAN_FACE).rotation)
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), np.linalg.norm(turns, axis=1), rtol=0.02)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_head_stays_on_its_neck(name):
    far = np.array([[0.1, 0], [0.5, 0], [2, 0], [0, -2], [9, 9], [0, 0]])
    size = landmarks.eye_distance(PEOPLE[name])
    moved = retarget(PEOPLE[name], still(6, translation=far, scale=np.array([1, 1, 1, 1, 3, 0.3])))
    way = np.linalg.norm((moved - PEOPLE[name])[:, landmarks.NOSE_TIP, :2], axis=-1) / size
    assert way[0] == pytest.approx(0.1, abs=0.005)  # what a head does by itself stays as it is
    across, along = ASIDE
    assert 0.3 < way[1] < way[2] < 1.05 * across and way[3] < 1.1 * along and way[4] < 1.4 * across
    extent = np.ptp(moved[..., 0], axis=1) / np.ptp(PEOPLE[name][:, 0])
    assert 1.04 < extent[4] < 1.07 and 0.93 < extent[5] < 0.96


def test_high_brows_are_not_raised_past_the_forehead():
    high = PEOPLE["plain"].copy()
    high[[index for brow in landmarks.BROWS for index in brow], 1] -= 0.04 * landmarks.eye_distance(high)
    shape = pose.canonical(high)[1]
    moved = head_shape(retarget(high, gesture_file.load_gesture("surprise"), head=0), high)
    hair, forehead, brows = (moved[:, list(row), 1] for row in landmarks.FOREHEAD_ROWS)
    assert (brows[30] < shape[list(landmarks.FOREHEAD_ROWS[2]), 1] - 0.01).sum() >= 9  # they do rise
    own = shape[list(landmarks.FOREHEAD_ROWS[2]), 1] - shape[list(landmarks.FOREHEAD_ROWS[1]), 1]
    assert (brows - forehead > 0.24 * own)[:, own > 0].all() and (forehead > hair).all()
    assert (own > 0).sum() >= 9


def test_exaggeration_grows_steadily():
    motion = gesture_file.load_gesture("smile")
    widths = [
        np.linalg.norm(np.subtract(*retarget(PEOPLE["plain"], motion, head=0, expression=s)[45, [61, 291]]))
        for s in (0, 0.5, 1, 1.5, 2)
    ]
    assert (np.diff(widths) > 0.5).all()


@pytest.mark.parametrize("card", ["smile", "surprise", "hello"])
@pytest.mark.parametrize("name", PEOPLE)
def test_double_strength_folds_no_more_than_slivers(name, card):
    source = PEOPLE[name]
    shape = pose.canonical(source)[1]
    moved = head_shape(
        retarget(source, gesture_file.load_gesture(card), head=0, expression=2, gaze=2, open_mouth=1), source
    )

    def areas(points: np.ndarray) -> np.ndarray:
        a, b, c = (points[..., landmarks.TRIANGLES[:, k], :2] for k in range(3))
        return (b - a)[..., 0] * (c - a)[..., 1] - (b - a)[..., 1] * (c - a)[..., 0]

    own = areas(shape)
    folded = ((areas(moved) < 0) & (own > 0)) * own
    assert folded.sum(axis=1).max() < 0.002 * np.abs(own).sum()  # slivers, seen edge-on, under the nose


def test_the_mouth_stays_as_the_photograph_has_it():
    wide = still(6, mouth=np.linspace(0, 1, 6))
    for name, most in (("plain", 0.031), ("smiling with teeth", None)):
        source = PEOPLE[name]
        shape = pose.canonical(source)[1]
        gaps = openings.lip_gap(head_shape(retarget(source, wide), source))
        width = np.linalg.norm(shape[61] - shape[291])
        assert gaps.max() <= (most * width if most else 1.31 * openings.lip_gap(shape))
        assert openings.lip_gap(head_shape(retarget(source, wide, open_mouth=1), source))[-1] > 0.35


def test_smiles_widen_and_lift_the_mouth_with_the_lips_together():
    source = PEOPLE["plain"]
    moved = head_shape(retarget(source, gesture_file.load_gesture("smile"), head=0), source)
    middle = moved[45] - moved[0]
    assert middle[61, 0] < -0.04 and middle[291, 0] > 0.04
    assert (middle[[61, 291], 1] < -0.06).all()
    assert (openings.lip_gaps(moved) > np.minimum(openings.lip_gaps(moved[0]), 0) - 1e-3).all()


def smiling(wide: float, gap: float = 0.0) -> np.ndarray:
    """The average face with the corners of its mouth and its inner lips farther apart, in eye distances."""
    face = landmarks.MEAN_FACE.astype(float)
    unit = landmarks.eye_distance(face)
    face[61, 0] -= wide * unit / 2
    face[291, 0] += wide * unit / 2
    face[list(landmarks.INNER_LOWER), 1] += gap * unit
    return face


def widening(face: np.ndarray) -> float:
    laughing = retarget(face, gesture_file.load_gesture("laugh"), open_mouth=1)
    mouth, eyes = (np.linalg.norm(laughing[:, a] - laughing[:, b], axis=-1) for a, b in ((61, 291), (33, 263)))
    width = mouth / eyes
    return float(width.max() - width[0])


def test_who_smiles_already_widens_less_and_nobody_without_end():
    plain, broad, broadest = (widening(smiling(wide)) for wide in (0.0, 0.1, 0.3))
    assert plain > broad > broadest and broadest < 0.75 * plain
    assert plain > 0.1


def test_a_mouth_that_is_open_already_opens_less():
    def opening(face: np.ndarray) -> float:
        laughing = retarget(face, gesture_file.load_gesture("laugh"), open_mouth=1)
        gaps = np.linalg.norm(laughing[:, 13] - laughing[:, 14], axis=-1) / landmarks.eye_distance(face)
        return float(gaps.max() - gaps[0])

    assert opening(smiling(0.0, 0.15)) < 0.8 * opening(smiling(0.0))


def test_gaze_moves_irises_and_keeps_them_in_the_eye():
    source = PEOPLE["plain"]
    aside = np.zeros((3, 2, 2))
    aside[1, :, 0], aside[2, :, 0] = 0.1, 3.0
    moved = retarget(source, still(3, gaze=aside))
    places = openings.iris_places(head_shape(moved, source))
    assert places[1, :, 0] - places[0, :, 0] == pytest.approx([0.1, 0.1], abs=5e-3)
    assert np.abs(places[2, :, 0]).max() <= openings.GAZE_X + 1e-3
    np.testing.assert_allclose(moved[1, : landmarks.SURFACE], source[: landmarks.SURFACE], atol=1e-3)


def test_the_upper_lid_follows_the_eye_down():
    down = np.zeros((1, 2, 2))
    down[..., 1] = 0.06
    source = PEOPLE["wide eyes"]
    moved = retarget(source, still(1, gaze=down))[0] - source
    assert (moved[[159, 386], 1] > 0.5).all() and np.abs(moved[[145, 374], 1]).max() < 0.4


def test_the_neutral_frame_is_not_blindly_the_first():
    source = PEOPLE["plain"]
    frames = retarget(source, gesture_file.load_gesture("hello"))
    shut = retarget(source, still(6, lids=np.ones((6, 2)), mouth=np.full(6, 0.6)), open_mouth=1)
    index = neutral_frame.neutral_index(np.concatenate([shut, frames]))
    assert index >= 6
    chosen = np.concatenate([shut, frames])[index]
    assert np.linalg.norm(chosen - source, axis=1).mean() < 0.05 * landmarks.eye_distance(source)


def test_gaps_are_bridged_and_nothing_at_all_is_an_error():
    frames = driver(PEOPLE["plain"]).copy()
    whole = extract_motion(frames, 25, neutral=0)
    frames[20:24] = np.nan
    bridged = extract_motion(frames, 25, neutral=0)
    assert np.isfinite(bridged.expression).all() and len(bridged) == len(whole)
    np.testing.assert_allclose(bridged.lids[:20], whole.lids[:20], atol=1e-6)
    with pytest.raises(NoFaceInDriver, match="none of the 3 frames"):
        extract_motion(np.full((3, 478, 3), np.nan), 25)
    with pytest.raises(ValueError, match=r"\(T, 478, 3\)"):
        extract_motion(np.zeros((3, 68, 2)), 25)
    with pytest.raises(ValueError, match="478"):
        retarget(np.zeros((68, 3)), whole)


@pytest.mark.slow
def test_a_minute_takes_half_a_second():
    motion = smooth.loop(gesture_file.load_gesture("hello"), 13)
    retarget(PEOPLE["plain"], motion)
    began = time.process_time()
    moved = retarget(PEOPLE["plain"], smooth.cut(motion, 0, 1500))
    assert moved.shape == (1500, 478, 3) and moved.dtype == np.float32
    assert time.process_time() - began < 1.0  # about 0.2 s; slack for a busy machine


def test_light_goes_to_another_face_but_not_into_a_mouth_that_is_parted_otherwise():
    source = PEOPLE["plain"]
    shading = np.full((2, landmarks.SHADING_POINTS), 0.1, np.float32)
    shading[0] = 0
    motion = replace(extract_motion(np.stack([source] * 2), 25, neutral=0), shading=shading)
    inner = [*landmarks.INNER_LIPS, *range(landmarks.COUNT, landmarks.SHADING_POINTS)]
    alike, other = (
        retarget_shading(source, motion),
        retarget_shading(source, replace(motion, parted=motion.parted + 0.1)),
    )
    assert alike == pytest.approx(shading, abs=2e-3) and np.abs(other[:, inner]).max() < 1e-4
    assert np.delete(other, inner, 1) == pytest.approx(np.delete(shading, inner, 1), abs=2e-3)
    assert (
        retarget_shading(source, motion, strength=0.5) == pytest.approx(shading / 2, abs=2e-3)
        and not retarget_shading(source, motion, strength=0).any()
    )
    assert retarget_shading(source, replace(motion, shading=None)) is None
    assert np.abs(retarget_shading(source, replace(motion, shading=40 * shading))).max() <= 0.5


def test_the_neutral_frame_is_never_one_in_which_no_face_was_seen():
    frames = retarget(PEOPLE["plain"], gesture_file.load_gesture("surprise"))[:40]
    best = neutral_frame.neutral_index(frames)
    frames[best] = np.nan
    assert (
        neutral_frame.neutral_index(frames) != best and np.isfinite(frames[neutral_frame.neutral_index(frames)]).all()
    )
