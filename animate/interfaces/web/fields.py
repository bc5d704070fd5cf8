"""The choices of the page in a person's words, few of them, in groups; everything else keeps its default.

Conventions: a field is (choice, label, help, kind); `values` turns what the fields hold into arguments of Options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from animate.core.options import BUNDLED_MODEL, choices

SHARE, SECONDS, TEXT, LIST = "share", "seconds", "text", "list"
ENDING = "ending"  # the one field that is no choice of Options: the kind of file

SIZES = (("As the photograph", 0), ("1920 pixels", 1920), ("1280 pixels, for messengers", 1280), ("640 pixels", 640))
QUALITIES = (("Finest", 14), ("Fine", 18), ("Smaller file", 26))
ENDINGS = (("Video (MP4)", ".mp4"), ("Animated picture (GIF)", ".gif"), ("Animated picture (WebP)", ".webp"))
LANGUAGES = (
    ("None", ""), ("English", "en"), ("Deutsch", "de"), ("Français", "fr"), ("Español", "es"), ("Italiano", "it"),
    ("Nederlands", "nl"), ("Português", "pt"), ("Svenska", "sv"),
)  # fmt: skip
FRAMES = (("The whole photograph", "whole"), ("Head and shoulders", "face"), ("Closer where the face is small", "auto"))
SOUNDS = (("No sound", "none"), ("The sound of your video", "keep"))


@dataclass(frozen=True)
class Field:
    """One field: the choice it sets, what the person reads, what kind of field it is, and the entries of a list."""

    name: str
    label: str
    help: str
    kind: str
    entries: Sequence[tuple[str, object]] = ()


FRAME = Field("frame", "The clip shows", "", LIST, FRAMES)  # stands before the button, not among the others
GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    ("How strong", (
        Field("head", "Head", "0 holds the head still, 2 moves it twice as far", SHARE),
        Field("expression", "Face", "how far smiles and brows move", SHARE),
        Field("gaze", "Eyes", "how far the eyes arguments around", SHARE),
        Field("mouth", "Lips", "how far the lips part with your own video", SHARE),
        Field("teeth", "Teeth", "how much of them is drawn where lips part; 0 leaves the mouth dark", SHARE),
        Field("stagger", "One after another", "seconds between the faces of a group", SECONDS),
    )),
    ("The clip", (
        Field(ENDING, "File", "", LIST, ENDINGS),
        Field("size", "Longest side", "", LIST, SIZES),
        Field("quality", "Quality", "", LIST, QUALITIES),
        Field("seconds", "Length in seconds", "0 keeps the movement's own length", SECONDS),
        Field("sound", "Sound", "", LIST, SOUNDS),
        Field("end_card", "Closing words", "“This is an animation”, after the clip", LIST, LANGUAGES),
    )),
    ("For the citation slip", (
        Field("title", "Title", "", TEXT),
        Field("names", "Who is in the photograph", "", TEXT),
        Field("source", "Where it comes from", "album, archive, page", TEXT),
        Field("consent", "Who agreed to the animation", "", TEXT),
    )),
)  # fmt: skip
MODELS = ("Published model", (
    Field("model", "Model", "vox is the model published in 2019, which you imported", LIST),
    Field("mode", "Movement", "", LIST, (("Relative to the photograph", "relative"), ("As in the video", "absolute"))),
))  # fmt: skip


def groups() -> list[tuple[str, list[Field]]]:
    """The groups with those of their fields that the program knows; published models only where one is installed."""
    known = {name for name, *_ in choices()} | {ENDING}
    shown = [(title, [field for field in fields if field.name in known]) for title, fields in GROUPS]
    installed = installed_models()
    if len(installed) > 1:
        title, (model, *more) = MODELS
        entries = tuple((name, name) for name in installed)
        shown.append((title, [Field(model.name, model.label, model.help, LIST, entries), *more]))
    return [(title, fields) for title, fields in shown if fields]


def installed_models() -> list[str]:
    """The models whose weights are on this computer."""
    from animate.core import weights
    from animate.core.errors import KeepsakeError

    among = next(about["among"] for name, _, _, about in choices() if name == "model")
    found = []
    for name in among:
        try:
            weights.path("motion" if name == BUNDLED_MODEL else name)
            found.append(name)
        except KeepsakeError:
            continue
    return found


def component(gr, field: Field):
    """The field as a component of gradio."""
    about = {name: (default, limits) for name, _, default, limits in choices()}
    default, limits = about.get(field.name, (field.entries[0][1] if field.entries else "", {}))
    arguments = {"label": field.label, "info": field.help or None, "value": default, "elem_id": f"choice-{field.name}"}
    if field.kind == LIST:
        return gr.Dropdown(list(field.entries), filterable=False, **arguments)
    if field.kind == TEXT:
        return gr.Textbox(max_length=500, **arguments)
    return gr.Slider(limits["low"], limits["high"], step=0.05 if field.kind == SHARE else 0.1, **arguments)


def values(fields: Sequence[Field], held: Sequence[object]) -> tuple[dict[str, object], str]:
    """Arguments of Options, and the ending of the file; a field left empty keeps the default."""
    types = {name: kind for name, kind, *_ in choices()}
    given = {field.name: value for field, value in zip(fields, held, strict=True) if value is not None}
    ending = str(given.pop(ENDING, ".mp4"))
    return {name: types[name](value) for name, value in given.items()}, ending
