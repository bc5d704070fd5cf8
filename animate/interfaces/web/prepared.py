"""The photograph before and after it is prepared, as the page shows it when asked.

Conventions: pictures are PNG files in the page's folder.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from animate.core.errors import OptionError
from animate.core.options import BUNDLED_MODEL, Options
from animate.interfaces.job import ProgressCallback
from animate.interfaces.web.findings import sentence
from animate.interfaces.web.photo_view import turn, url
from animate.interfaces.web.session import Session
from animate.interfaces.web.work import model
from animate.photo.before_after import close_up
from animate.photo.preview import preview, write_png

STAGE = "Preparing the photograph"
SHOWN = 640  # longest side in pixels of either picture


@dataclass(frozen=True)
class Prepared:
    """Pictures of before and after, and what was done."""

    before: Path
    after: Path
    edits: tuple[str, ...]


def prepare(session: Session, numbers: Mapping[str, object], folder: Path) -> Callable[[ProgressCallback], Prepared]:
    """The work that prepares a photograph and pictures the first chosen face before and after, in `folder`."""
    options = Options(**{name: numbers[name] for name in ("enhance", "repair") if name in numbers})
    if not (options.enhance or options.repair):
        raise OptionError("nothing is to be done to the photograph", hint="tick one of the two boxes first")

    def work(report: ProgressCallback) -> Prepared:
        from animate import api

        report(STAGE, 0, 0)
        faces = dict.fromkeys(session.chosen, "still") or 1
        after = api.prepare(
            session.photo,
            options=Options(enhance=options.enhance, repair=options.repair, faces=faces),
            portraits=session.portraits,
            model=model(BUNDLED_MODEL),
            on_tile=lambda done, total: report(STAGE, done, total),
        )
        name = uuid.uuid4().hex
        shown = [_shown(session, photo.pixels) for photo in (session.photo, after)]
        files = [write_png(folder / f"{name}-{k}.png", pixels, level=1) for k, pixels in enumerate(shown)]
        return Prepared(files[0], files[1], tuple(edit.description for edit in after.edits[len(session.photo.edits) :]))

    return work


def _shown(session: Session, pixels):
    if not session.portraits:
        return preview(pixels, SHOWN)
    first = next(iter(session.chosen), 1)
    return close_up(pixels, session.portraits[first - 1].face.box, longest=SHOWN)


def html(prepared: Prepared) -> str:
    """Both pictures side by side, and what was done."""
    pair = "".join(
        f"<figure><img src='{escape(url(file))}' alt='{words.lower()}'><figcaption>{words}</figcaption></figure>"
        for file, words in ((prepared.before, "Before"), (prepared.after, "After"))
    )
    done = prepared.edits or ("nothing had to be done to it",)
    return (
        f"<div class='pair' {turn()}>{pair}</div><ul>"
        + "".join(f"<li>{escape(sentence(d))}</li>" for d in done)
        + "</ul>"
    )
