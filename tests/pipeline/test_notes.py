"""Notes on choices that do nothing, and on faces whose movement will hardly be visible."""

from dataclasses import replace

import numpy as np
import pytest
from motion.people import person
from motion_small import portrait as laid

from animate.core.options import Options
from animate.core.types import DrivenLandmarks, Face, Keypoints, Photo, Portrait
from animate.motion import landmarks
from animate.pipeline import notes
from animate.pipeline.driving import gesture_driver
from animate.pipeline.portraits import animation_crop, portrait_of


def portrait(height: float, roll: float = 0.0, *, closed: bool = False) -> Portrait:
    """The mean face, so high and so turned."""
    shape = np.array(landmarks.MEAN_FACE, np.float32)
    if closed:
        for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
            shape[list(upper)] = shape[list(lower)]
    a = np.radians(roll)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    points = (shape * height / np.ptp(shape[:, 1])) @ turn.T + 300
    return Portrait(
        Photo(np.zeros((600, 600, 3), np.uint8)),
        Face((10, 10, 50, 50), 1.0),
        animation_crop(points),
        Keypoints(points.astype(np.float32)),
    )


@pytest.fixture(scope="module")
def blink():
    return gesture_driver("blink").motion


def test_an_ordinary_face_needs_no_note(blink):
    assert notes.of_faces({1: portrait(200)}, {1: blink}) == ()


def test_a_tiny_face_is_named_with_its_height(blink):
    (note,) = notes.of_faces({1: portrait(12)}, {1: blink})
    assert "only 12 pixels high" in note
    (note,) = notes.of_faces({1: portrait(200), 3: portrait(30, roll=20)}, {1: blink, 3: blink})
    assert note.startswith("face 3 is only 30 pixels high")


@pytest.mark.parametrize(("roll", "words"), [(90, "on their side"), (-85, "on their side"), (178, "upside down")])
def test_faces_that_lie_are_noted_once(blink, roll, words):
    (note,) = notes.of_faces({1: portrait(200, roll), 2: portrait(150, roll)}, {1: blink, 2: blink})
    assert words in note and "turn the scan" in note


def test_one_head_laid_down_among_upright_ones_is_no_scan_on_its_side(blink):
    assert notes.of_faces({1: portrait(200, 90), 2: portrait(150)}, {1: blink, 2: blink}) == ()


def test_closed_eyes_are_noted_where_they_are_to_blink(blink):
    (note,) = notes.of_faces({1: portrait(200, closed=True)}, {1: blink})
    assert "closed in the photograph" in note
    still = replace(blink, lids=np.zeros_like(blink.lids))
    assert notes.of_faces({1: portrait(200, closed=True)}, {1: still}) == ()


@pytest.mark.parametrize(
    ("chosen", "how", "named"),
    [
        ({}, {"published": False, "videos": 0, "gestures": 1}, []),
        ({"mode": "absolute", "adapt": False}, {"published": False, "videos": 1, "gestures": 0}, ["mode and adapt"]),
        ({"mouth": 0.5}, {"published": False, "videos": 0, "gestures": 1, "lips": False}, ["mouth"]),
        ({"mouth": 0.5}, {"published": False, "videos": 0, "gestures": 1}, []),
        ({"mouth": 0.5, "head": 0.2}, {"published": False, "videos": 1, "gestures": 1}, []),
        ({"head": 0.5, "gaze": 0.0, "mouth": 0.1}, {"published": True, "videos": 1, "gestures": 0}, ["head, gaze and"]),
        ({"head": 0.5}, {"published": True, "videos": 0, "gestures": 1}, []),
        ({"start": 1.0, "sound": "keep"}, {"published": False, "videos": 0, "gestures": 2}, ["start and sound"]),
    ],
)
def test_choices_without_effect_are_named(chosen, how, named):
    found = notes.without_effect(Options(**chosen), **how)
    assert len(found) == len(named) and all(note.startswith(name) for note, name in zip(found, named, strict=True))


def test_a_negative_is_told_by_its_face(photo):
    positive, negative = photo, Photo(255 - photo.pixels, "negative.png")
    assert not any("negative" in note for note in notes.of_faces({1: laid(positive)}, {}))
    assert any("negative" in note for note in notes.of_faces({1: laid(negative)}, {}))


@pytest.mark.parametrize(
    "size, told", [((400, 300), False), ((96, 200), False), ((95, 200), True), ((8000, 300), True)]
)
def test_a_clip_too_small_for_the_invisible_mark_says_so(size, told):
    remarks = notes.of_size(*size)
    assert len(remarks) == told and all("too few for the invisible mark" in remark for remark in remarks)


def test_a_head_that_turns_back_from_the_side_has_a_mirrored_side_and_the_note_says_whose():
    aside, front = person(turn=(0, 24, 0)), person()
    there, further = person(turn=(0, 2, 0)), person(turn=(0, 34, 0))
    photo = Photo(np.zeros((600, 800, 3), np.uint8))
    cast = {k: portrait_of(photo, Keypoints(points)) for k, points in ((1, aside), (2, front), (4, aside))}
    moving = [DrivenLandmarks(np.stack([one])) for one in (there, person(turn=(0, -20, 0)), further)]
    assert [note.split(" turns")[0] for note in notes.of_sides(cast, moving)] == ["face 1"]
