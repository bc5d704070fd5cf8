"""What the photo check says under the photograph, and what its switches do."""

from __future__ import annotations

import fakes
import numpy as np
import pytest
from motion_small import portrait

from animate.core.errors import OptionError
from animate.core.types import Photo
from animate.interfaces.web import findings, photo_view, prepared, work
from animate.interfaces.web.session import Session
from animate.photo.corrected import corrected
from animate.pipeline.photo_check import Finding

PHOTO = Photo(np.full((512, 512, 3), 150, np.uint8), "grey.png")
SIDEWAYS = Finding("turned", "the picture lies on its side", "turn the scan", turn=1)


def session(*found: Finding, **more) -> Session:
    faces = (portrait(PHOTO, 256, 256, 90),)
    return Session("key", "a.jpg", PHOTO, faces, "a.png", chosen=(1,), findings=found, **more)


@pytest.fixture(autouse=True)
def no_networks(monkeypatch):
    monkeypatch.setattr(work, "model", fakes.Networks)
    monkeypatch.setattr(prepared, "model", fakes.Networks)


def test_a_finding_is_a_sentence_with_its_switch():
    html = photo_view.html(session(SIDEWAYS, Finding("coarse", "face 1 is <b>small", face=1)))
    assert "The picture lies on its side." in html and "data-help='turn=1'>Turn it upright<" in html
    assert "&lt;b&gt;" in html and "<b>small" not in html
    assert findings.offered(session(SIDEWAYS)) == {"turn=1"}


def test_advice_stands_where_no_switch_helps():
    html = findings.html(session(Finding("damaged", "the file is cut off", "scan it again")))
    assert html == "<p class='finding' data-kind='damaged'>The file is cut off. Scan it again.</p>"
    assert findings.html(session(Finding("reading", "turned upright"))) == "<p class='note'>Turned upright.</p>"


def test_the_next_page_is_offered_and_after_the_last_the_first():
    offered = lambda text: findings.offered(session(Finding("pages", text)))
    assert offered("the file holds 3 pages; number 2 was used") == {"page=3"}
    assert offered("the file holds 3 pages; number 3 was used") == {"page=1"}
    assert offered("the file holds several pictures; the first was used") == set()


def test_a_pressed_switch_says_so():
    html = findings.html(session(Finding("dark", "very dark"), helped=frozenset({"repair=yes"})))
    assert "✓ Repair it" in html and "data-help" not in html


def test_a_photograph_is_opened_again_turned_or_as_a_positive(fake, tmp_path):
    first = work.open_photo("grandma.jpg", tmp_path)
    assert [finding.kind for finding in first.findings if finding.kind == "reading"] == ["reading"]
    turned = work.reopened(first, tmp_path, "turn", "1")
    assert (turned.photo.width, turned.photo.height) == (first.photo.height, first.photo.width)
    positive = work.reopened(turned, tmp_path, "invert", "yes")
    assert positive.photo.pixels[0, 0].tolist() == [105] * 3 and positive.turn == 1
    assert [edit.kind for edit in positive.photo.edits] == ["orientation", "inverted"]
    upright = work.reopened(work.reopened(positive, tmp_path, "invert", "yes"), tmp_path, "turn", "3")
    assert upright.photo.edits == () and upright.photo.width == first.photo.width


def test_a_turn_to_the_left_brings_the_right_side_up():
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[1, 5] = 200
    assert corrected(Photo(pixels), turn=1).pixels[0, 1, 0] == 200
    assert corrected(Photo(pixels), turn=0) is not None and corrected(Photo(pixels)).edits == ()


def test_a_face_that_is_taken_away_takes_its_findings_along():
    held = session(SIDEWAYS, Finding("small", "face 2 is small", face=2)).joined(portrait(PHOTO, 100, 100, 20))
    assert [finding.kind for finding in held.without_drawn().findings] == ["turned"]


def test_before_and_after_of_the_chosen_face(fake, tmp_path):
    held = work.open_photo("grandma.jpg", tmp_path)
    made = prepared.prepare(held, {"repair": True, "enhance": 0.0}, tmp_path)(lambda *step: None)
    assert made.before.is_file() and made.after.is_file()
    html = prepared.html(made)
    assert html.index("Before") < html.index("After") and "Faded tones were given their contrast back." in html
    with pytest.raises(OptionError, match="nothing is to be done"):
        prepared.prepare(held, {"repair": False, "enhance": 0.0}, tmp_path)
