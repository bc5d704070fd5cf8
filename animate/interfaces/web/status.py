"""The line below the button: what to do next, how far the work is, how it ended.

Conventions: HTML; the same part of the page shows a sentence or a bar.
"""

from __future__ import annotations

from html import escape

from animate.interfaces.job import Step
from animate.interfaces.web.session import Session


def line(sentence: str, *, failed: bool = False) -> str:
    """A sentence; one about a failure is read out at once."""
    kind, role = ("line failure", "alert") if failed else ("line", "status")
    return f"<p class='{kind}' role='{role}'>{escape(sentence)}</p>"


def ready(session: Session | None) -> str:
    """What is still to be chosen, or what will happen."""
    if session is None:
        return line("Choose a photograph first.")
    if not session.chosen:
        return line("Choose a face: click on it." if session.portraits else "Outline a face by hand.")
    count = len(session.chosen)
    return line("One face will move." if count == 1 else f"{count} faces will move.")


def bar(step: Step) -> str:
    """A stage, how far it is and the time left; a bar without an end moves to and fro."""
    share = 100 * step.done / step.total if step.total else 0.0
    known = f" aria-valuemin='0' aria-valuemax='100' aria-valuenow='{share:.0f}'" if step.total else ""
    left = step.left or (f"{step.done} of {step.total}" if step.total else "")
    parts = "".join(f"<span>{escape(part)}</span>" for part in (step.stage, left))
    kind = "bar" if step.total else "bar unknown"
    return (
        f"<div class='{kind}' style='--share:{share:.1f}%' role='progressbar' aria-label='{escape(step.stage)}'{known}>"
        f"<i></i></div><p class='line'>{parts}</p>"
    )
