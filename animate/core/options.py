"""Every choice a person can make, once, with its range and its help; command line and page are generated from it.

Conventions: `faces` is "all", how many of the largest, or a mapping from a face's number (1 is the largest) to a
gesture; `box` is (x, y, width, height) in pixels of the upright photograph. Doors hand in text through `parse`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from animate.core.errors import OptionError

Faces = str | int | Mapping[int, str]
Box = tuple[float, float, float, float]
Value = float | int | str | bool | Mapping[int, str] | Box | None

BUNDLED_MODEL = "keepsake"
PUBLISHED_MODELS = ("vox", "vox-adv")  # Siarohin et al. 2019; their weights are imported by the user
MODELS = (BUNDLED_MODEL, *PUBLISHED_MODELS)

FACES_HINT = "1 is the largest face, 2 the two largest, all everyone; or a gesture for each: 1=smile,3=blink"
_SWITCH = {"yes": True, "no": False}
_KINDS: dict[str, type] = {"float": float, "int": int, "str": str, "bool": bool, "Faces": str, "Box | None": str}


def _choice(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    among: tuple[str, ...] = (),
    bare: Any = None,
    group: str = "movement",
) -> Any:
    about = {"help": help, "low": low, "high": high, "among": among, "bare": bare, "group": group}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Options:
    """One field a choice; `Options(...)` raises OptionError for a value outside its range."""

    head: float = _choice(1.0, "how far the head moves; 0 holds it still", low=0.0, high=2.0)
    expression: float = _choice(1.0, "how far the face's expression moves; 0 leaves it", low=0.0, high=2.0)
    gaze: float = _choice(1.0, "how far the eyes look around; 0 keeps the photograph's gaze", low=0.0, high=2.0)
    mouth: float = _choice(
        1.0, "how far the lips may part as those of the movement do; 0 keeps them together", low=0.0, high=1.0
    )
    teeth: float = _choice(
        1.0, "how much of the teeth is drawn where the lips part; 0 leaves the mouth dark", low=0.0, high=1.0
    )
    model: str = _choice(
        BUNDLED_MODEL,
        "what moves the pixels; vox and vox-adv are published models that you bring yourself",
        among=MODELS,
    )
    mode: str = _choice(
        "relative",
        "vox: the photograph moves as the driver has moved, or takes on the driver's own pose",
        among=("relative", "absolute"),
    )
    adapt: bool = _choice(True, "vox: relative movement grows with the size of the face")
    driver_face: int = _choice(
        0,
        "which face of a driving video, counted from the largest; 0 takes the largest",
        low=0,
        high=99,
        group="driver",
    )
    start: float = _choice(0.0, "second of a driving video to begin at", low=0.0, high=86400.0, group="driver")
    end: float = _choice(
        0.0, "second of a driving video to end at; 0 takes it to its end", low=0.0, high=86400.0, group="driver"
    )
    sound: str = _choice(
        "none", "keep: the clip gets the sound of the driving video", among=("none", "keep"), group="driver"
    )
    page: int = _choice(
        0, "which page of a photograph with several, from 1; 0 takes the best", low=0, high=999, group="faces"
    )
    faces: Faces = _choice(1, f"which faces: {FACES_HINT}", group="faces")
    box: Box | None = _choice(
        None, "the face by hand, as x,y,width,height in pixels of the upright photograph", group="faces"
    )
    enhance: float = _choice(
        0.0,
        "make faces sharper first, by Real-ESRGAN (extra [enhance]), so strongly; 0 leaves them as they are",
        low=0.0,
        high=1.0,
        bare=0.5,
        group="preparation",
    )
    repair: bool = _choice(
        False, "first repair fading, dust, cracks and grain of the print, gently", bare=True, group="preparation"
    )
    more_anyway: bool = _choice(
        False, "further photographs are used even where they seem to show somebody else", group="faces"
    )
    finder: str = _choice("centerface", "what looks for faces", among=("centerface", "face-alignment"), group="faces")
    stagger: float = _choice(0.3, "seconds between the faces of a group", low=0.0, high=5.0, group="faces")
    frame: str = _choice(
        "whole",
        "what the clip shows: the whole photograph, head and shoulders (face), or face where a face is small (auto)",
        among=("whole", "face", "auto"),
        group="clip",
    )
    seconds: float = _choice(0.0, "length of the clip; 0 keeps the gesture's own", low=0.0, high=60.0, group="clip")
    size: int = _choice(
        0, "longest side of the clip in pixels; 0 keeps the scan's, up to 3840", low=0, high=3840, group="clip"
    )
    fps: float = _choice(0.0, "frames a second; 0 keeps the driver's own", low=0.0, high=60.0, group="clip")
    quality: int = _choice(18, "H.264 constant rate factor; lower is finer and larger", low=0, high=40, group="clip")
    end_card: str = _choice(
        "",
        "closing words after the clip, in this language; empty for none",
        among=("", "en", "de", "fr", "es", "it", "nl", "pt", "sv"),
        group="clip",
    )
    title: str = _choice("", "a title for the citation slip", group="slip")
    names: str = _choice("", "who is in the photograph, for the citation slip", group="slip")
    source: str = _choice("", "where the photograph comes from, for the citation slip", group="slip")
    consent: str = _choice("", "who agreed to the animation, for the citation slip", group="slip")
    threads: int = _choice(0, "processor cores to use; 0 takes all", low=0, high=64, group="machine")

    def __post_init__(self) -> None:
        object.__setattr__(self, "faces", as_faces(self.faces))
        object.__setattr__(self, "box", as_box(self.box))
        for choice in fields(self):
            check(choice.name, getattr(self, choice.name))
        if self.end and self.end <= self.start:
            raise OptionError(
                f"end is {self.end:g} and start {self.start:g}", hint="a part of a video ends after its start"
            )

    def group(self, name: str) -> dict[str, Value]:
        """The choices of one group (movement, driver, faces, preparation, clip, slip, machine) by name."""
        return {choice.name: getattr(self, choice.name) for choice in fields(self) if choice.metadata["group"] == name}

    def changed(self) -> set[str]:
        """The names of the choices that are not at their default."""
        return {choice.name for choice in fields(self) if getattr(self, choice.name) != choice.default}


def choices() -> Iterator[tuple[str, type, Any, dict[str, Any]]]:
    """Name, type, default and {help, low, high, among, bare, group} of every choice, in the order a page shows them.

    `bare` is what the name alone means to a command line, None where it needs a value. The type is float, int, bool or
    str; text is turned into a value by `parse`.
    """
    for choice in fields(Options):
        kind = _KINDS[str(choice.type)]
        default: Any = choice.default
        yield choice.name, kind, text(default) if kind is str else default, dict(choice.metadata)


def parse(name: str, words: str) -> Value:
    """The value that a person wrote for choice `name`.

    Raises:
        OptionError: when the text names no such value, with the range as hint.
    """
    kind = _KINDS.get(str(next((choice.type for choice in fields(Options) if choice.name == name), "")), str)
    if name in ("faces", "box"):
        value: Value = as_faces(words) if name == "faces" else as_box(words)
    elif kind is bool:
        if words.strip().lower() not in _SWITCH:
            raise OptionError(f"{name} is {words!r}", hint=f"{name} is yes or no")
        value = _SWITCH[words.strip().lower()]
    else:
        value = kind(words)
    check(name, value)
    return value


def text(value: Value) -> str:
    """A value as a person would write it: the opposite of `parse`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ",".join(f"{number}={gesture}" for number, gesture in value.items())
    if isinstance(value, tuple):
        return ",".join(f"{side:g}" for side in value)
    return "" if value is None else str(value)


def check(name: str, value: Value) -> None:
    """Raises OptionError, with the allowed range as hint, if `value` is not one that choice `name` can take."""
    about = next((dict(choice.metadata) for choice in fields(Options) if choice.name == name), None)
    if about is None:
        known = ", ".join(choice.name for choice in fields(Options))
        raise OptionError(f"there is no choice called {name}", hint=f"known choices: {known}")
    if name in ("faces", "box"):
        return
    kind = next(kind for known, kind, *_ in choices() if known == name)
    fits = isinstance(value, (int, float) if kind is float else kind)
    if not fits or isinstance(value, bool) != (kind is bool):
        raise OptionError(f"{name} is a {kind.__name__}, not {value!r}")
    if about["low"] is not None and not about["low"] <= value <= about["high"]:
        raise OptionError(f"{name} is {value}", hint=f"{name} goes from {about['low']} to {about['high']}")
    if about["among"] and value not in about["among"]:
        raise OptionError(f"{name} is {value!r}", hint=f"{name} is one of " + ", ".join(about["among"]))


def as_faces(faces: Faces) -> Faces:
    """ "all", a number above 0, or {number: gesture}; text such as "1=smile,3=blink" is read. Raises OptionError."""
    if isinstance(faces, str):
        words = faces.strip()
        if words.lower() == "all":
            return "all"
        if "=" in words:
            return as_faces(dict(_assigned(part) for part in words.split(",") if part.strip()))
        if not words.isdecimal():
            raise OptionError(f"faces is {words!r}", hint=FACES_HINT)
        faces = int(words)
    if isinstance(faces, Mapping):
        if faces and all(isinstance(n, int) and n > 0 and isinstance(g, str) and g for n, g in faces.items()):
            return dict(faces)
    elif isinstance(faces, int) and not isinstance(faces, bool) and faces > 0:
        return faces
    raise OptionError(f"faces is {faces!r}", hint=FACES_HINT)


def as_box(box: Sequence[float] | str | None) -> Box | None:
    """Four numbers or None; text such as "10,20,80,100" is read, "" is None. Raises OptionError."""
    if box is None or (isinstance(box, str) and not box.strip()):
        return None
    try:
        x, y, width, height = (float(side) for side in (box.split(",") if isinstance(box, str) else box))
    except (TypeError, ValueError):
        raise OptionError(f"box is {box!r}", hint="a box is four numbers: x, y, width, height") from None
    return x, y, width, height


def scaled(box: Box, scale: float) -> Box:
    """The same box in a picture `scale` times as large."""
    x, y, width, height = box
    return x * scale, y * scale, width * scale, height * scale


def _assigned(part: str) -> tuple[int, str]:
    number, _, gesture = (piece.strip() for piece in part.partition("="))
    if not number.isdecimal() or not gesture:
        raise OptionError(f"faces has {part.strip()!r}", hint=FACES_HINT)
    return int(number), gesture
