"""What the page knows about a photograph, what it shows of it, and the clip it asks for."""

from __future__ import annotations

import fakes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animate.core.errors import Cancelled, NoFace, OptionError
from animate.core.types import Photo
from animate.interfaces.web import driver_panel, photo_view, work
from animate.interfaces.web.session import Session

BOXES = ((180, 40, 90, 110), (40, 60, 70, 90), (5, 5, 30, 40))
PHOTO = Photo(fakes.PIXELS, name="grandma.jpg")


def session(*chosen: int, **more) -> Session:
    more = {"gesture": "breath", **more}
    portraits = tuple(fakes.portrait(PHOTO, box) for box in BOXES)
    return Session("key", "grandma.jpg", PHOTO, portraits, "preview.png", chosen=chosen, **more)


@pytest.fixture(autouse=True)
def no_networks(monkeypatch):
    monkeypatch.setattr(work, "model", fakes.Networks)


def test_every_chosen_face_has_its_movement():
    held = session(1, 3).moving("smile")
    assert held.movements() == {1: "smile", 3: "smile"}
    held = held.moving("glance", 3)
    assert held.movements() == {1: "smile", 3: "glance"}
    assert held.moving("breath").movements() == {1: "breath", 3: "breath"}


@given(st.lists(st.integers(-1, 5)))
def test_choosing_twice_changes_nothing(faces):
    held = session(1)
    for face in faces + faces[::-1]:
        held = held.toggled(face)
    assert held.chosen == (1,)


def test_a_drawn_face_joins_and_goes():
    held = session(1).joined(fakes.portrait(PHOTO, (5.0, 100.0, 40.0, 50.0))).moving("smile", 4)
    assert (held.chosen, held.drawn, len(held.portraits)) == ((1, 4), 1, 4)
    gone = held.without_drawn()
    assert (gone.chosen, gone.drawn, len(gone.portraits), dict(gone.own)) == ((1,), 0, 3, {})
    assert len(gone.without_drawn().portraits) == 3


def test_a_photograph_is_opened_with_its_faces_and_a_preview(fake, tmp_path):
    held = work.open_photo("grandma.jpg", tmp_path)
    assert [tuple(box) for box in held.boxes] == list(BOXES[:2]) and held.chosen == (1,)
    assert [str(path) for path in tmp_path.glob("*.png")] == [held.preview]
    html = photo_view.html(held)
    assert (
        html.count("class='face") == 2
        and html.count("class='thumb ") + html.count("class='thumb'") == 2
        and "Turned upright." in html
    )


def test_without_a_face_one_is_outlined_by_hand(fake, tmp_path):
    held = work.open_photo("empty.jpg", tmp_path)
    assert (held.boxes, held.chosen) == ([], ()) and "by-hand" in photo_view.html(held)
    again = work.outline_by_hand(held, [10.4, 20, 80, 90])
    assert again.boxes == [(10, 20, 80, 90)] and again.chosen == (1,)


@pytest.mark.parametrize("box", [[10, 20, 3, 90], None, "x", [1, 2], [float("inf")] * 4, ["a"] * 4, {"x": 1}])
def test_what_is_no_frame_is_refused(fake, tmp_path, box):
    held = work.open_photo("grandma.jpg", tmp_path)
    with pytest.raises(NoFace):
        work.outline_by_hand(held, box)


def test_a_frame_without_a_face_is_refused(fake, tmp_path):
    with pytest.raises(NoFace, match="no face in that frame"):
        work.outline_by_hand(work.open_photo("wallpaper.jpg", tmp_path), [10, 20, 80, 90])


def test_file_names_are_never_markup():
    held = Session("key", "<script>.jpg", PHOTO, (), "<script>")
    assert "<script" not in photo_view.html(held) + photo_view.empty(failure="<script>")


def test_the_clip_is_made_with_what_was_chosen(fake, tmp_path):
    told = []
    make = work.clip_of(session(1, 3, gesture="smile"), None, {"head": 0.5, "quality": 30}, tmp_path)
    made = make(lambda *step: told.append(step))
    assert made.path.name == "grandma-keepsake.mp4" and made.path.stat().st_size
    assert (made.movement, made.synthesized, made.width) == ("Smile", 12.0, 320)
    (_, photo, driver, options), _ = fake.calls
    assert (photo, driver, options.head, options.quality) == ("grandma.jpg", "smile", 0.5, 30)
    assert options.faces == {1: "smile", 3: "smile"}
    assert told[-1] == ("Animating", 50, 50)


def test_a_very_long_name_makes_no_very_long_name(fake, tmp_path):
    held = Session("key", "n" * 300 + ".jpg", PHOTO, session(1).portraits, "", chosen=(1,), gesture="breath")
    made = work.clip_of(held, None, {}, tmp_path)(lambda *step: None)
    assert len(made.path.name) < 100 and made.path.is_file()


def test_a_report_that_stops_leaves_no_clip(fake, tmp_path):
    def stop(stage, done, total):
        if done == 10:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        work.clip_of(session(1), None, {}, tmp_path)(stop)


def test_of_a_video_of_ones_own_a_part_and_a_face_are_chosen():
    driving = driver_panel.changed(work.Driving("me.mp4"), {"start": 1.5, "end": 3, "face": 2})
    assert driving == work.Driving("me.mp4", 1.5, 3.0, 2)
    assert driving.options(["start", "end", "driver_face", "head"]) == {"start": 1.5, "end": 3.0, "driver_face": 2}
    assert driving.options(["head"]) == {}
    for wrong in ({"start": "x"}, {"start": -1}, {"start": 5, "end": 3}, {"face": 0}, {"start": None}):
        with pytest.raises(OptionError):
            driver_panel.changed(driving, wrong)
