"""What a program asks of one job: gesture or driving video, kind of file and the project's options, all checked.

Conventions: everything comes as text and is read by `core.options`, which knows names, ranges and hints. Movements are
bundled gestures or the uploaded file, never a path: nothing outside the job's own folder is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from animate.core.errors import OptionError, UnknownGesture
from animate.core.options import Options, choices, parse, text

ENDINGS = {"mp4": ".mp4", "gif": ".gif", "webp": ".webp"}
DEFAULT_GESTURE = "classic"
OWN = "driver"  # the movement of a face that follows the uploaded file
LONGEST_TEXT = 2000  # characters of one field
# The first is for the person who runs the server to choose; the second is about photographs that programs cannot send.
_LEFT_OUT = ("threads", "more_anyway")


@dataclass(frozen=True)
class Order:
    """What one job is to make.

    Attributes:
        photo: the name of the uploaded photograph.
        driver: the name of the uploaded video or gesture file; "" where a gesture moves the face.
        gesture: the bundled gesture; "" where `driver` moves the face.
        ending: the kind of file, .mp4, .gif or .webp.
        choices: the project's options, as text.
    """

    photo: str
    driver: str
    gesture: str
    ending: str
    choices: Mapping[str, str]

    def options(self, threads: int) -> Options:
        """The choices as options that take so many cores."""
        return Options(**values(self.choices) | {"threads": threads})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def offered() -> list[tuple[str, type, Any, dict[str, Any]]]:
    """The choices that programs have: all but those that are not theirs to make."""
    return [choice for choice in choices() if choice[0] not in _LEFT_OUT]


def read_order(fields: Mapping[str, str], photo: str, driver: str = "") -> Order:
    """What the fields of a form ask for.

    Args:
        fields: `gesture`, `format` and the project's options, as text; "" for what was not given.
        photo: the name of the uploaded photograph.
        driver: the name of the uploaded video or gesture file, "" for none.

    Raises:
        OptionError, UnknownGesture: with a hint.
    """
    given = dict(fields)
    gesture, kind = given.pop("gesture", "").strip().lower(), given.pop("format", "") or "mp4"
    if kind not in ENDINGS:
        raise OptionError(f"format is {kind!r}", hint=f"format is one of {', '.join(ENDINGS)}")
    if gesture and driver:
        raise OptionError("a gesture and a driver were given", hint="one of them moves the face: leave the other out")
    options = Options(**values(given))
    roles = options.faces.values() if isinstance(options.faces, Mapping) else ()
    _check_gestures([role for role in (gesture, *roles) if role and role != OWN])
    if not driver and not gesture:
        gesture = DEFAULT_GESTURE
    _check_model(options.model)
    return Order(photo, driver, gesture, ENDINGS[kind], {name: text(getattr(options, name)) for name in given})


def values(given: Mapping[str, str]) -> dict[str, Any]:
    """The values of choices written as text; raises OptionError."""
    known = {name for name, *_ in offered()}
    read: dict[str, Any] = {}
    for name, words in given.items():
        if name not in known:
            raise OptionError(f"there is no choice called {name[:50]}", hint=f"known choices: {', '.join(known)}")
        if len(words) > LONGEST_TEXT:
            raise OptionError(f"{name} has {len(words)} characters", hint=f"{LONGEST_TEXT} at most")
        try:
            read[name] = parse(name, words)
        except ValueError as error:
            raise OptionError(f"{name} is {words[:50]!r}", hint=f"{name} is a number") from error
    return read


def _check_gestures(asked: Iterable[str]) -> None:
    """Raises UnknownGesture for a movement that is not the name of a bundled gesture: a path would be read."""
    from animate import api

    known = [name for name, *_ in api.gestures()]
    for name in asked:
        if name not in known:
            raise UnknownGesture(f"there is no gesture called {name[:50]!r}", hint=f"gestures: {', '.join(known)}")


def _check_model(name: str) -> None:
    from animate.interfaces.web.fields import installed_models

    found = installed_models()
    if name not in found:
        raise OptionError(f"the model {name} is not installed on this server", hint=f"installed: {', '.join(found)}")
