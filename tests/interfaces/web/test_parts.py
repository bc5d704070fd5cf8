"""The parts of the page one by one: what goes wrong in any of them, its fields, its clips."""

from __future__ import annotations

import gc
import inspect
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import fakes
import pytest
from quick import slow

from animate.core.errors import OptionError
from animate.core.options import Options, choices
from animate.interfaces.web import fields, gallery, work
from animate.interfaces.web.door import UNEXPECTED
from animate.interfaces.web.work import Made
from animate.pipeline.photo_check import Finding

pytestmark = [  # gradio leaves an event loop behind where no page is served
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
]

NOT_ON_THE_PAGE = {"faces", "box", "finder", "page", "fps", "threads", "adapt", "start", "end", "driver_face"} | {
    "more_anyway"  # the panel of further photographs sets it
}


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    gc.collect()


@pytest.fixture
@slow
def page(fake, tmp_path):
    pytest.importorskip("gradio")
    from animate.interfaces.web.page import Page

    return Page(tmp_path)


def answers(page, sent):
    """Every function behind the page, and its answer to an event that carries `sent` where nothing is there yet."""
    import gradio as gr

    event, request = gr.EventData(None, sent), SimpleNamespace(session_hash="tab")
    for function in [known for known in page.blocks.fns.values() if known.fn]:
        try:
            answer = function.fn(event, request, *[None] * len(function.inputs))
            yield function.fn, str(list(answer) if inspect.isgenerator(answer) else answer)
        except gr.Error as shown:
            yield function.fn, shown.message


def failing(error: Exception):
    """A page whose every handler fails."""

    def fails(*given, **more):
        raise error

    return fails


@pytest.mark.slow
@pytest.mark.parametrize("error", [TypeError("int() argument must be a string"), OptionError("bad", hint="do better")])
def test_no_handler_shows_a_raw_error(fake, tmp_path, monkeypatch, error):
    pytest.importorskip("gradio")
    from animate.interfaces.web import page as module
    from animate.interfaces.web import verify_panel

    names = [name for name, _ in inspect.getmembers(module.Page, inspect.isfunction) if not name.startswith("_")]
    for name in set(names) - {"draw_previews"}:
        monkeypatch.setattr(module.Page, name, failing(error))
    monkeypatch.setattr(verify_panel, "verdict", failing(error))
    page = module.Page(tmp_path)
    words, tried = "Bad. Do better." if isinstance(error, OptionError) else UNEXPECTED, 0
    for function, answer in answers(page, {"path": "x"}):
        if "draw_previews" in str(inspect.getclosurevars(function).nonlocals.get("handle")):
            continue
        assert words in answer and "int()" not in answer, function
        tried += 1
    assert tried >= 14


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        [],
        "x",
        {"face": "1"},
        {"face": None},
        {"number": 1.5},
        {"name": 7},
        {"box": {}},
        {"start": 1e999},
        {"face": 1e999},
    ],
)
def test_events_that_the_page_never_sends_get_plain_words(page, sent):
    for function, answer in answers(page, sent):
        assert UNEXPECTED not in answer, function


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "me.mp4", "../card.card", "http://192.0.2.1/me.mp4", "Smile", "smile ", "x" * 5000]
)
def test_only_the_movements_of_the_cards_are_taken(page, tmp_path, monkeypatch, name):
    """Else any video on this computer could be named, and would be opened."""
    monkeypatch.setattr(work, "model", fakes.Networks)
    held = work.open_photo("grandma.jpg", tmp_path)
    for face in (0, 1):
        with pytest.raises(OptionError, match="never sends"):
            page.moved({"name": name, "face": face, "tab": ""}, held)
    for known in ("smile", work.OWN_VIDEO):
        assert page.moved({"name": known, "face": 1, "tab": ""}, held)[0].movements() == {1: known}
    assert not page.moved({"name": "smile", "face": 99, "tab": ""}, held)[0].own


def test_no_more_further_photographs_are_kept_than_are_read(page, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "model", fakes.Networks)
    held = work.open_photo("grandma.jpg", tmp_path)
    for number in range(8):
        held = work.add_more(held, f"{number}.jpg")
    with pytest.raises(OptionError, match="9 further photographs"):
        work.add_more(held, "8.jpg")


def test_a_switch_sets_its_field_the_movement_or_the_photograph(page, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "model", fakes.Networks)
    held = work.open_photo("grandma.jpg", tmp_path)
    held = replace(held, findings=(Finding("closed", "closed"), Finding("dark", "very dark")))
    names = [page.fields[number].name for number in page._helped_fields()]
    answer = page.helped({"help": "repair=yes", "tab": "tab"}, held)
    updates = dict(zip(names, answer[-len(names) :], strict=True))
    assert updates["repair"]["value"] is True and "value" not in updates["head"]
    assert answer[0].helped == {"repair=yes"}
    assert page.helped({"help": "gesture=smile", "tab": "tab"}, held)[0].gesture == "smile"
    with pytest.raises(OptionError):
        page.helped({"help": "page=2"}, held)


def test_every_choice_has_a_field_or_is_left_out_on_purpose():
    shown = {field.name for _, group in fields.GROUPS + (fields.MODELS,) for field in group} | {fields.FRAME.name}
    shown |= {field.name for field in fields.PREPARATION}
    assert {name for name, *_ in choices()} <= shown | NOT_ON_THE_PAGE
    assert not shown & NOT_ON_THE_PAGE


def test_the_fields_of_an_untouched_page_are_the_defaults():
    shown = [field for _, group in fields.groups() for field in group]
    about = {name: default for name, _, default, _ in choices()}
    numbers, ending = fields.values(shown, [about.get(field.name, ".mp4") for field in shown])
    assert Options(**numbers) == Options() and ending == ".mp4"


def test_a_ticked_box_is_what_the_bare_name_is_on_the_command_line():
    numbers, _ = fields.values(fields.PREPARATION, [True, True])
    assert numbers == {"repair": True, "enhance": 0.5}
    numbers, _ = fields.values(fields.PREPARATION, [False, None])
    assert Options(**numbers) == Options()


def test_without_the_extra_the_box_says_what_to_install(monkeypatch):
    gr = pytest.importorskip("gradio")
    monkeypatch.setattr(fields, "find_spec", lambda name: None)
    box = fields.component(gr, fields.PREPARATION[1])
    assert not box.interactive and "pip install 'keepsake[enhance]'" in box.info


def test_an_empty_field_keeps_the_default():
    shown = [field for _, group in fields.groups() for field in group]
    numbers, ending = fields.values(shown, [None] * len(shown))
    assert (numbers, ending) == ({}, ".mp4")


def test_every_list_offers_the_default():
    for field in (field for _, group in fields.groups() for field in group if field.kind == fields.LIST):
        default = {name: default for name, _, default, _ in choices()}.get(field.name, ".mp4")
        assert default in [value for _, value in field.entries], field


def made(folder, name="grandma-keepsake.mp4", **more) -> Made:
    folder.mkdir()
    for ending in ("", ".json", ".txt"):
        (folder / f"{name}{ending}").write_bytes(b"x")
    return Made(folder / name, "photo.png", "grandma.jpg", "Smile", "", 320, 240, 12.5, **more)


def test_a_clip_is_packed_with_its_slips_and_deleted_with_them(tmp_path):
    clips = gallery.Gallery()
    entry = clips.add(made(tmp_path / "one"))
    with zipfile.ZipFile(entry.package) as packed:
        assert sorted(packed.namelist()) == [f"grandma-keepsake.mp4{ending}" for ending in ("", ".json", ".txt")]
    clips.remove(99)
    clips.remove(entry.number)
    assert not (tmp_path / "one").exists() and "video" not in clips.html()


def test_the_newest_clip_is_shown_and_others_are_in_the_strip(tmp_path):
    clips = gallery.Gallery()
    first = clips.add(made(tmp_path / "one"))
    assert "class='strip'" not in clips.html()
    clips.add(made(tmp_path / "two", "b.gif"))
    html = clips.html()
    assert html.index("b.gif") < html.index("class='strip'") < html.index("grandma-keepsake.mp4")
    assert "At most 12.5 % of the moved face is painted" in html and gallery.NOTICE in html
    html = clips.html(first.number)
    assert html.index("grandma-keepsake.mp4") < html.index("class='strip'")


def test_names_are_never_markup(tmp_path):
    clips = gallery.Gallery()
    folder = tmp_path / "<b>"
    clips.add(made(folder, "<img>.mp4", notes=("<script>",)))
    assert not {"<img>", "<script", "<b>3</b>x"} & set(clips.html().split()) and "<script" not in clips.html()
