"""The movements as cards, each playing on the chosen face as soon as its preview is there.

Conventions: the cards are written once; which one is chosen is shown by `assets/cards.js` and known to the Session.
Previews reach the browser through `bulletin`, a hidden element that the script reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

from animate.core.errors import OptionError
from animate.interfaces.web.photo_view import turn, url
from animate.interfaces.web.session import Session
from animate.interfaces.web.work import OWN_VIDEO

OWN = (OWN_VIDEO, "Your own video", "Movement taken from a video of a face, or filmed here with the camera")
CAMERA = (  # a camera, drawn
    "<svg viewBox='0 0 24 24' aria-hidden='true'><rect x='2' y='6' width='13' height='12' rx='2'/>"
    "<path d='M15 10l7-4v12l-7-4z'/></svg>"
)


def movements() -> list[tuple[str, str, str]]:
    """Name, title and description of every movement that can be chosen."""
    from animate import api

    return [*((name, title, description) for name, title, description, _ in api.gestures()), OWN]


def known(name: str) -> str:
    """The name of a movement; raises OptionError for any other text: a path would be opened as a video."""
    if name not in [movement for movement, *_ in movements()]:
        raise OptionError("the page sent something that it never sends", hint="load the page again")
    return name


def html() -> str:
    """Every movement as one choice of a group."""
    first, *others = movements()
    cards = _card(*first, chosen=True) + "".join(_card(*about, chosen=False) for about in others)
    tabs = "<p class='for' role='group' aria-label='Who moves like this' hidden></p>"
    group = f"<div class='cards' role='radiogroup' aria-label='The movement'>{cards}</div>"
    return f"<div class='movements'>{tabs}{group}<p class='description' aria-live='polite' hidden></p></div>"


def _card(name: str, title: str, description: str, *, chosen: bool) -> str:
    state = (
        f"role='radio' aria-checked='{str(chosen).lower()}' tabindex='{0 if chosen else -1}' data-name='{escape(name)}'"
    )
    moving = f"<span class='moving'>{CAMERA if name == OWN_VIDEO else ''}</span>"
    words = f"<b>{escape(title)}</b><i>{escape(description)}</i>"
    return f"<button type='button' class='card' {state}>{moving}{words}</button>"


def bulletin(session: Session | None) -> str:
    """Who is chosen, and how each is to move."""
    about = {"key": "", "chosen": [], "gesture": "", "own": {}}
    if session:
        about |= {"key": session.key, "chosen": list(session.chosen), "gesture": session.gesture}
        about["own"] = {str(number): name for number, name in session.own.items()}
    return _hidden(about)


def playing(session: Session, face: int, files: Mapping[str, Path]) -> str:
    """The previews of one face that are ready."""
    return _hidden({"key": session.key, "face": face, "files": {name: url(path) for name, path in files.items()}})


def _hidden(about: dict) -> str:
    return f"<i {turn()} data-about='{escape(json.dumps(about), quote=True)}'></i>"
