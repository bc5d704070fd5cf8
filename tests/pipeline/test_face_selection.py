"""Which faces move, and with which gesture."""

import pytest

from animate.core.errors import OptionError
from animate.pipeline.face_selection import assign_gestures, how_many


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("1", {1: "blink"}),
        ("all", {1: "blink", 2: "blink", 3: "blink"}),
        ("2", {1: "blink", 2: "blink"}),
        ("9", {1: "blink", 2: "blink", 3: "blink"}),
        ("1=smile, 3=nod", {1: "smile", 3: "nod"}),
        (" ALL ", {1: "blink", 2: "blink", 3: "blink"}),
    ],
)
def test_what_a_person_says_becomes_a_gesture_for_each_face(spec, expected):
    assert assign_gestures(spec, "blink", 3) == expected


@pytest.mark.parametrize("spec", ["", "0", "-1", "some", "1=", "=smile", "4=smile", "x=smile", "1.5"])
def test_what_does_not_fit_is_said_with_a_hint(spec):
    with pytest.raises(OptionError) as caught:
        assign_gestures(spec, "blink", 3)
    assert caught.value.hint


def test_only_a_plain_number_says_how_many_faces_are_needed():
    assert [how_many(spec) for spec in ("1", " 3 ", "all", "1=smile,3=nod", "0", "x")] == [1, 3, None, None, None, None]
