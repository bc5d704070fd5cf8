"""Every choice a person can make, once, with its range and its help; the CLI and the page are generated from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from animate.core.errors import OptionError


def _choice(default, help: str, *, low=None, high=None, among: tuple[str, ...] = (), group: str = "movement"):
    return field(default=default, metadata={"help": help, "low": low, "high": high, "among": among, "group": group})


@dataclass(frozen=True)
class Options:
    """One field a choice; `Options(...)` raises OptionError for a value outside its range."""

    head: float = _choice(1.0, "how far the head moves; 0 holds it still", low=0.0, high=2.0)
    expression: float = _choice(1.0, "how far the face's expression moves; 0 leaves it", low=0.0, high=2.0)
    gaze: float = _choice(1.0, "how far the eyes look around; 0 keeps the photograph's gaze", low=0.0, high=2.0)
    mouth: float = _choice(
        1.0, "how far the lips may part as those in a driving video do; 0 keeps them together", low=0.0, high=1.0
    )
    model: str = _choice(
        "keepsake",
        "what moves the pixels; vox and vox-adv are published models that you bring yourself",
        among=("keepsake", "vox", "vox-adv"),
    )
    mode: str = _choice(
        "relative",
        "vox: the photograph moves as the driver has moved, or takes on the driver's own pose",
        among=("relative", "absolute"),
    )
    adapt: str = _choice("yes", "vox: relative movement grows with the size of the face", among=("yes", "no"))
    faces: str = _choice(
        "1", "which faces: 1 (the largest), all, 2 (the two largest), or 1=smile,3=blink", group="faces"
    )
    box: str = _choice("", "the face by hand, as x,y,w,h in pixels of the upright photograph", group="faces")
    finder: str = _choice("centerface", "what looks for faces", among=("centerface", "face-alignment"), group="faces")
    stagger: float = _choice(0.3, "seconds between the faces of a group", low=0.0, high=5.0, group="faces")
    seconds: float = _choice(0.0, "length of the clip; 0 keeps the gesture's own", low=0.0, high=60.0, group="clip")
    size: int = _choice(
        0, "longest side of the clip in pixels; 0 keeps the scan's, up to 3840", low=0, high=3840, group="clip"
    )
    fps: float = _choice(0.0, "frames a second; 0 keeps the driver's own", low=0.0, high=60.0, group="clip")
    quality: int = _choice(18, "H.264 constant rate factor; lower is finer and larger", low=0, high=40, group="clip")
    slate: str = _choice(
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
        for choice in fields(self):
            check(choice.name, getattr(self, choice.name))


def choices() -> Iterator[tuple[str, type, object, dict]]:
    """Name, type, default and {help, low, high, among, group} of every choice, in the order a page shows them."""
    types = {"float": float, "int": int, "str": str}
    for choice in fields(Options):
        yield choice.name, types[choice.type], choice.default, dict(choice.metadata)


def check(name: str, value: object) -> None:
    """Raises OptionError, with the allowed range as hint, if `value` is not one that choice `name` can take."""
    for known, kind, _, about in choices():
        if known == name:
            break
    else:
        raise OptionError(
            f"there is no choice called {name}", hint="known choices: " + ", ".join(c[0] for c in choices())
        )
    if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool):
        raise OptionError(f"{name} is a {kind.__name__}, not {value!r}")
    if about["low"] is not None and not about["low"] <= value <= about["high"]:
        raise OptionError(f"{name} is {value}", hint=f"{name} goes from {about['low']} to {about['high']}")
    if about["among"] and value not in about["among"]:
        raise OptionError(f"{name} is {value!r}", hint=f"{name} is one of " + ", ".join(about["among"]))
