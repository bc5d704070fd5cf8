"""What the photo check found, under the photograph in plain words, each with the switch that helps.

Conventions: a help is "NAME=VALUE": of a field of the page (frame, repair, enhance, head), of the photograph (turn,
invert, page) or of the movement (gesture). `assets/photo.js` sends it when its button is pressed.
"""

from __future__ import annotations

import re
from html import escape

from animate.interfaces.web.session import Session
from animate.pipeline.photo_check import Finding

FIELDS = ("frame", "repair", "enhance", "head")
_CLOSER = ("frame=face", "Show head and shoulders")
_SHARPER = ("enhance=yes", "Make it sharper")
_REPAIR = ("repair=yes", "Repair it")
_CALMER = ("head=0.5", "Move the head half as far")
_HELPS = {
    "dark": (_REPAIR,),
    "faded": (_REPAIR,),
    "negative": (("invert=yes", "Turn it into a positive"),),
    "small": (_CLOSER,),
    "coarse": (_SHARPER, _CLOSER),
    "profile": (_CALMER,),
    "cut": (_CALMER,),
    "closed": (("gesture=smile", "Choose a smile"),),
}
_PAGES = re.compile(r"(\d+) pages; number (\d+)")


def helps(finding: Finding) -> tuple[tuple[str, str], ...]:
    """What can be pressed about a finding: helps and what stands on their buttons."""
    if finding.kind == "turned":
        return ((f"turn={finding.turn}", "Turn it upright"),) if finding.turn else ()
    if finding.kind == "pages":
        found = _PAGES.search(finding.text)
        count, used = (int(number) for number in found.groups()) if found else (1, 1)
        return ((f"page={used % count + 1}", f"Take page {used % count + 1}"),) if count > 1 else ()
    return _HELPS.get(finding.kind, ())


def offered(session: Session) -> set[str]:
    """All helps that the page offers for a photograph."""
    return {help for finding in session.findings for help, _ in helps(finding)}


def html(session: Session) -> str:
    """Every finding as a sentence with its buttons; nothing where all is well."""
    return "".join(_finding(session, finding) for finding in session.findings)


def _finding(session: Session, finding: Finding) -> str:
    words = escape(sentence(finding.text))
    if finding.kind == "reading":
        return f"<p class='note'>{words}</p>"
    buttons = "".join(_button(session, help, label) for help, label in helps(finding))
    advice = "" if buttons or not finding.advice else f" {escape(sentence(finding.advice))}"
    return f"<p class='finding' data-kind='{finding.kind.replace(' ', '-')}'>{words}{advice}{buttons}</p>"


def _button(session: Session, help: str, label: str) -> str:
    if help in session.helped:
        return f" <span class='helped'>✓ {escape(label)}</span>"
    return f" <button type='button' data-help='{escape(help)}'>{escape(label)}</button>"


def sentence(words: str) -> str:
    """Words with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
