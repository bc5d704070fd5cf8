"""Which faces move, and with which gesture."""

import pytest

from animate.core.errors import OptionError
from animate.core.options import Options, as_faces
from animate.pipeline.face_selection import assign_gestures, how_many


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        (1, {1: "blink"}),
        ("all", {1: "blink", 2: "blink", 3: "blink"}),
        ("2", {1: "blink", 2: "blink"}),
        (9, {1: "blink", 2: "blink", 3: "blink"}),
        ("1=smile, 3=nod", {1: "smile", 3: "nod"}),
        ({1: "smile", 3: "nod"}, {1: "smile", 3: "nod"}),
        (" ALL ", {1: "blink", 2: "blink", 3: "blink"}),
    ],
)
def test_a_choice_of_faces_becomes_a_gesture_for_each(faces, expected):
    assert assign_gestures(as_faces(faces), "blink", 3) == expected


@pytest.mark.parametrize("faces", ["", "0", "-1", "some", "1=", "=smile", "x=smile", "1.5", 0, True, {}, {0: "nod"}])
def test_a_choice_that_does_not_fit_is_an_error_with_a_hint(faces):
    with pytest.raises(OptionError) as caught:
        Options(faces=faces)
    assert caught.value.hint


def test_a_face_that_was_not_found_is_an_error():
    with pytest.raises(OptionError) as caught:
        assign_gestures({4: "smile"}, "blink", 3)
    assert caught.value.hint


def test_only_a_number_says_how_many_faces_are_needed():
    assert [how_many(as_faces(faces)) for faces in ("1", 3, "all", "1=smile,3=nod")] == [1, 3, None, None]
