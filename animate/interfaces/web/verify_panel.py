"""The last part of the page: drop a clip, read in plain words which marks it carries.

`gr` is the gradio module, handed in by ui.py, its one owner.
"""

from html import escape
from pathlib import Path

from animate.core.errors import KeepsakeError

CLIPS = [".mp4", ".mov", ".m4v", ".webm", ".mkv", ".gif", ".webp", ".png", ".jpg", ".jpeg"]


def section(gr, quietly: dict) -> None:
    """A closed drawer with a place to drop a file and the answer below it."""
    with gr.Accordion("Was a clip made here? Check it", open=False, elem_id="check"):
        file = gr.File(
            file_count="single",
            type="filepath",
            file_types=CLIPS,
            label="Drop a clip or a picture",
            height=140,
            elem_id="check-file",
        )
        answer = gr.HTML("", elem_id="check-answer")
        file.upload(verdict, file, answer, **quietly)
        file.clear(lambda: "", None, answer, **quietly)


def verdict(path: str) -> str:
    """What `verify` says about the file, a paragraph a sentence; an error is an answer too."""
    from animate import api

    try:
        lines = api.verify(Path(path)).lines
    except KeepsakeError as error:
        lines = (str(error), error.hint)
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)
