"""Driving videos as people bring them: cut, shaken, stepped aside, gone for a while, covered, far away, two at once.

Every video shows the astronaut, moved about as a whole, so that what the head does by itself is known: nothing.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from media.videos import film
from quick import slow
from skimage import data, transform

from animate import api
from animate.core.errors import NoFaceInDriver
from animate.motion import landmarks, pose
from animate.pipeline import driving

FAULTS = Path(os.environ.get("KEEPSAKE_FAULTS", Path(__file__).parents[3] / "shared" / "data" / "faults"))
real = pytest.mark.skipif(
    not FAULTS.is_dir(), reason="the videos that went wrong (data/faults) are not beside the checkout"
)
ASTRONAUT = data.astronaut()


def view(x=150.0, y=20.0, side=220.0, out=160):
    """A square view of the astronaut, whose face of about 95 pixels has its middle at (223, 110)."""
    at = transform.SimilarityTransform(scale=side / out, translation=(x, y))
    seen = transform.warp(ASTRONAUT, at, output_shape=(out, out), order=1, mode="edge", preserve_range=True)
    return seen.astype(np.uint8)


BLANK = np.full((160, 160, 3), (96, 112, 92), np.uint8)


@pytest.fixture(scope="module")
@slow
def network():
    return api.load().keypoints


@pytest.fixture
def drive(tmp_path, network):
    def drive(frames, **options):
        return driving.video_driver(film(tmp_path / "driver.mp4", frames), network, **options)

    return drive


def head(motion):
    """Largest shift, change of size and turn in degrees of any frame."""
    turn = np.degrees(np.linalg.norm(pose.rotation_vector(motion.rotation), axis=1))
    return np.linalg.norm(motion.translation, axis=1).max(), np.abs(np.log(motion.scale)).max(), turn.max()


@pytest.mark.parametrize("after", [{"x": 85.0}, {"x": 175.0, "y": 45.0, "side": 150.0}], ids=["elsewhere", "punch-in"])
def test_every_shot_is_taken_from_its_own_rest(drive, after):
    driver = drive([view() for _ in range(16)] + [view(**after) for _ in range(16)])
    shift, size, turn = head(driver.motion)
    assert shift < 0.05 and size < 0.03 and turn < 4
    assert not driver.motion.expression[[0, 15, 16, 31]].any()
    assert any("1 cut;" in note for note in driver.notes) and not any("out of sight" in note for note in driver.notes)


def test_the_portrait_rests_while_the_face_is_gone(drive):
    driver = drive([view() for _ in range(14)] + [BLANK] * 12 + [view(side=216.0) for _ in range(14)])
    gone = slice(14, 26)
    assert not driver.motion.lids[gone].any() and not driver.motion.expression[gone].any()
    assert (driver.motion.scale[gone] == 1).all() and not driver.motion.translation[gone].any()
    assert any("out of sight in 12 of 40 frames" in note for note in driver.notes)


def test_a_person_who_walks_aside_stays_on_their_neck(drive):
    driver = drive([view(x=150 - 2.2 * step) for step in range(40)])
    shift, _, turn = head(driver.motion)
    assert shift < 0.45 and turn < 6  # walked: about two eye distances
    assert any("its way was limited" in note for note in driver.notes)


def test_a_short_shot_stays_at_rest(drive):
    driver = drive([view() for _ in range(16)] + [view(x=85.0) for _ in range(6)] + [BLANK] * 6)
    assert not driver.motion.expression[16:].any() and len(driver.motion) == 28


def test_a_covered_mouth_rests(drive):
    frames = [view() for _ in range(40)]
    for frame in frames[16:26]:
        frame[72:104, 36:76] = (45, 95, 165)
    driver = drive(frames)
    assert any("covered in 10 frames" in note for note in driver.notes)
    assert not driver.motion.mouth[17:25].any() and np.abs(driver.motion.mouth).max() < 0.15
    assert not driver.motion.expression[20, [13, 14, 152]].any()


def test_the_other_of_two_people_can_drive(drive):
    small = view(x=100, y=-30, side=300.0)
    frames = [np.concatenate([view(), small], axis=1) for _ in range(16)]
    assert any("2 people; the largest is followed" in note for note in drive(frames).notes)
    assert any("face 2, counted by size, is followed" in note for note in drive(frames, face=2).notes)
    with pytest.raises(NoFaceInDriver, match="fewer than 3 faces") as caught:
        drive(frames, face=3)
    assert "counted by size" in caught.value.hint


def test_a_far_face_is_read_at_the_size_of_the_video(drive):
    wide = np.full((720, 1280, 3), (80, 90, 80), np.uint8)
    wide[300:380, 500:580] = view(out=80)
    driver = drive([wide] * 14)
    assert not any("out of sight" in note for note in driver.notes)
    assert any("pixels high" in note for note in driver.notes)


def test_no_face_at_all_says_what_to_do(drive):
    with pytest.raises(NoFaceInDriver, match=r"no face was found in driver\.mp4") as caught:
        drive([BLANK] * 8)
    assert "from near" in caught.value.hint


def test_both_readings_are_one_progress(drive):
    reports = []
    drive([view() for _ in range(14)], on_frame=lambda done, total: reports.append((done, total)))
    assert [done for done, _ in reports] == list(range(1, 29)) and {total for _, total in reports} == {28}


@real
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most", "note"),
    [
        ("cut_elsewhere", (0.1, 0.03), "1 cut;"),
        ("cut_other_person", (0.5, 0.12), "1 cut;"),
        ("punch_in", (0.3, 0.05), "1 cut;"),
        ("gone_between", (0.1, 0.03), "out of sight in 31 of 100"),
        ("steps_aside", (0.75, 0.12), "outside of the picture in"),
        ("handheld", (0.25, 0.1), "outside of the picture in"),
        ("zoom", (0.5, 0.3), "its way was limited"),
        ("mouth_covered", (0.3, 0.08), "a part of the face was covered"),
        ("two_people", (0.5, 0.12), "2 people"),
        ("far_away_1080p", (0.3, 0.05), ""),
    ],
)
def test_videos_that_went_wrong(network, name, most, note):
    driver = driving.video_driver(FAULTS / f"d_{name}.mp4", network)
    shift, size, _ = head(driver.motion)
    assert shift < most[0] and size < most[1]
    assert not note or any(note in line for line in driver.notes)
    assert name == "gone_between" or not any("out of sight" in line for line in driver.notes)


def test_a_face_partly_outside_of_the_picture_is_not_called_out_of_sight(drive):
    cut = view(x=202.0)  # without the left quarter of the face
    driver = drive([view() for _ in range(14)] + [cut] * 12 + [BLANK] * 4 + [view() for _ in range(14)])
    notes = "; ".join(driver.notes)
    assert "a part of the face lay outside of the picture in 12 of 44 frames" in notes
    assert "out of sight in 4 of 44 frames" in notes


def test_a_face_that_the_frame_cuts_counts_as_out_of_sight():
    from animate.pipeline.video_tracking import _cut_off

    points = landmarks.MEAN_FACE * np.float32(40) + np.float32([100, 100, 0])
    frame = np.zeros((200, 200, 3), np.uint8)
    assert not _cut_off(points, frame)
    assert not _cut_off(points - np.float32([52, 0, 0]), frame)
    assert _cut_off(points - np.float32([100, 0, 0]), frame)
