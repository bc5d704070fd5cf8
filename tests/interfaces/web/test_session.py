"""A photograph on the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animate.core.errors import Cancelled, NoFace
from animate.interfaces.web.session import Made, Session, clip_of, open_photo, outline_by_hand

BOXES = ((180, 40, 90, 110), (40, 60, 70, 90), (5, 5, 30, 40))


def sitting(chosen, drawn="") -> Session:
    return Session("grandma.jpg", BOXES, tuple(chosen), (320, 240), "preview.png", drawn)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [((1,), "1"), ((1, 2), "2"), ((1, 2, 3), "all"), ((2,), "2=smile"), ((1, 3), "1=smile,3=smile")],
)
def test_the_chosen_faces_are_said_as_the_option_says_them(chosen, words):
    assert sitting(chosen).faces("smile") == words


def test_a_face_outlined_by_hand_is_the_only_one():
    assert sitting((1,), "1,2,30,40").faces("smile") == "1"


@given(st.lists(st.integers(-1, 5)))
def test_choosing_twice_changes_nothing(faces):
    start = sitting((1,))
    held = start
    for face in faces + faces[::-1]:
        held = held.toggled(face)
    assert held == start


def test_looking_finds_faces_and_leaves_a_preview(fake, tmp_path):
    held = open_photo("grandma.jpg", tmp_path)
    assert held.boxes == BOXES[:2]
    assert held.chosen == (1,)
    assert list(tmp_path.glob("*.png")) == [tmp_path / held.preview]
    assert held.html().count("class='face") == 2


def test_without_a_face_one_is_outlined_by_hand(fake, tmp_path):
    held = open_photo("empty.jpg", tmp_path)
    assert (held.boxes, held.chosen) == ((), ())
    assert "by-hand" in held.html()
    again = outline_by_hand(held, [10.4, 20, 80, 90], tmp_path)
    assert (again.boxes, again.drawn) == (((10, 20, 80, 90),), "10,20,80,90")
    with pytest.raises(NoFace):
        outline_by_hand(held, [10, 20, 3, 90], tmp_path)


def test_file_names_are_never_markup(fake, tmp_path):
    assert "<script" not in sitting((1,)).html()
    held = Session("a.jpg", (), (), (3, 4), "<script>", "")
    assert "<script>" not in held.html()


def test_the_clip_is_made_with_what_was_chosen(fake, tmp_path):
    said = []
    made = clip_of(sitting((1, 3)), "smile", None, {"head": 0.5, "quality": 30}, tmp_path)(
        lambda *step: said.append(step)
    )
    assert made.path.name == "grandma-keepsake.mp4" and made.path.stat().st_size
    assert made.invented == 0 and "painted" not in made.words() and "At most 2.4 %" in Made(made.path, 2.44).words()
    _, photo, driver, options = fake.calls[0]
    assert (photo, driver, options.faces, options.head, options.quality) == (
        "grandma.jpg",
        "smile",
        "1=smile,3=smile",
        0.5,
        30,
    )
    assert said[-1] == ("Animating", 50, 50)


def test_a_report_that_stops_leaves_no_clip(fake, tmp_path):
    def stop(stage, done, total):
        if done == 10:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        clip_of(sitting((1,)), "smile", None, {}, tmp_path)(stop)
