"""The last part of the page: drop a clip, read in plain words which marks it carries.

`gr` is the gradio module, handed in by the page.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from animate.interfaces.web import server
from animate.interfaces.web.door import guarded, text
from animate.interfaces.web.photo_view import drop_zone

CLIPS = "video/*,image/*,.mp4,.mov,.m4v,.webm,.mkv,.gif,.webp,.png,.jpg,.jpeg"
ASK = "Drop a clip or a picture here,<br>or click to choose one"


def section(gr, quietly: dict) -> None:
    """A closed drawer with a place to drop a file and the answer below it."""
    with gr.Accordion("Was a clip made here? Check it", open=False, elem_id="check"):
        place = gr.HTML(html(), js_on_load=server.script("drop", "check"), elem_id="check-file")

        def came(sent: dict) -> str:
            return html(verdict(text(sent, "path")), name=str(sent.get("name", ""))[:200])

        place.came(guarded(gr, came, lambda words: html(failure=words)), None, place, **quietly)


def html(lines: tuple[str, ...] = (), *, name: str = "", failure: str = "") -> str:
    """The drop zone, and the answer about the last file."""
    answer = "".join(f"<p>{escape(line)}</p>" for line in lines)
    heading = f"<p><b>{escape(name)}</b></p>" if name else ""
    shown = f"<div class='answer' role='status' id='check-answer'>{heading}{answer}</div>" if lines else ""
    return drop_zone(ASK, CLIPS, failure=failure) + shown


def verdict(path: str) -> tuple[str, ...]:
    """What `verify` says about the file, a sentence each."""
    from animate import api

    return tuple(line for line in api.verify(Path(path)).lines if line)
