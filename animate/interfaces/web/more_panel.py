"""More photographs of the same person: where they are dropped, those that were, and what was wrong with the last one.

Conventions: `assets/more.js` makes it live. Further photographs count from 1.
"""

from __future__ import annotations

from html import escape

from animate.interfaces.web.photo_view import KINDS, drop_zone, turn
from animate.interfaces.web.session import Session
from animate.pipeline.further import MOST

ASK = "More photographs of this person:<br>smiling, with closed eyes, from the other side"


def html(session: Session | None, *, failure: str = "") -> str:
    """The panel; nothing but what went wrong without a photograph with a face."""
    wrong = f"<p class='failure' role='alert'>{escape(failure)}</p>" if failure else ""
    if session is None or not session.portraits:
        return f"<div class='more-panel' {turn()}>{wrong}</div>"
    listed = "".join(_entry(number, photo.name) for number, photo in enumerate(session.more, 1))
    kept = f"<ul class='further'>{listed}</ul>" if listed else ""
    full = len(session.more) >= MOST
    zone = "" if full else drop_zone(ASK, KINDS)
    return f"<div class='more-panel' {turn()}>{zone}{wrong}{_insist(session, failure)}{kept}</div>"


def _entry(number: int, name: str) -> str:
    away = f"<button type='button' class='quiet' data-do='away' data-number='{number}'>Take it away</button>"
    return f"<li>{number}. {escape(name or 'a photograph')} {away}</li>"


def _insist(session: Session, failure: str) -> str:
    """To say that a face is the same person's after all; offered once something was refused."""
    if not (failure or session.insisted):
        return ""
    checked = " checked" if session.insisted else ""
    return (
        f"<p class='below'><label><input type='checkbox' data-do='insist'{checked}> "
        "It is the same person: take photographs even if the faces do not seem alike</label></p>"
    )
