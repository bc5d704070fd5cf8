"""What the page asks of the pipeline: open a photograph, take a face drawn by hand, make the clip.

Conventions: `report(stage, done, total)` follows the work and may raise Cancelled; `folder` is the page's own.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from animate.core.errors import NoFace
from animate.core.options import BUNDLED_MODEL, Options
from animate.core.types import Photo
from animate.interfaces.job import ProgressCallback
from animate.interfaces.web.session import Session
from animate.photo.preview import preview, write_png

SHOWN = 2000  # longest side in pixels of the photograph as the page shows it
LEAST_FRAME = 24  # least side in pixels of a box drawn by hand; below it was a slip of the hand
LEAST_PRESENCE = 0.3  # a frame drawn by hand in which the network is less sure of a face holds none
LONGEST_NAME = 60  # characters of the photograph's name in that of its clip
OWN_VIDEO = "driver"  # the movement that means a video of one's own


@cache
def model(name: str):
    """The networks, loaded once for all sessions."""
    from animate import api

    return api.load(name)


def open_photo(
    path: str, folder: Path, name: str = "", *, page: int = 0, turn: int = 0, inverted: bool = False
) -> Session:
    """A session for a photograph, the largest face chosen; without a face it waits for a drawn one.

    Args:
        path: the uploaded file.
        folder: the page's own.
        name: what the person calls the file.
        page: which page of it, 0 for the best.
        turn: by how many quarters to the left it is turned.
        inverted: a negative becomes a positive.
    """
    from animate import api
    from animate.photo.corrected import corrected
    from animate.pipeline.photo_check import findings, turned_faces

    photo = corrected(at_clip_size(api.read_photo(path, page=page)), turn=turn, inverted=inverted)
    portraits, missing = turned_faces(photo, lambda seen: api.find_faces(seen, model=model(BUNDLED_MODEL)))
    key = uuid.uuid4().hex
    shown = write_png(folder / f"{key}.png", preview(photo.pixels, SHOWN), level=1)
    first = api.gestures()[0][0]
    chosen = (1,) if portraits else ()
    found = (*((missing,) if missing else ()), *findings(photo, portraits))
    opened = {"path": path, "page": page, "turn": turn, "inverted": inverted, "findings": found}
    return Session(key, name or Path(path).name, photo, portraits, str(shown), chosen=chosen, gesture=first, **opened)


def reopened(session: Session, folder: Path, help: str, value: str) -> Session:
    """The photograph opened again: turned, inverted, or another of its pages; see `findings.helps`."""
    how = {"page": session.page, "turn": session.turn, "inverted": session.inverted}
    if help == "turn":
        how["turn"] = (session.turn + int(value)) % 4
    elif help == "invert":
        how["inverted"] = not session.inverted
    else:
        how = {"page": int(value)}
    return open_photo(session.path, folder, session.name, **how)


def at_clip_size(photo: Photo) -> Photo:
    """The photograph at the size of the largest clip, so that it is read and shrunk once."""
    from animate import api
    from animate.photo.resize import shrink

    return shrink(photo, api.LONGEST)


def outline_by_hand(session: Session, box: object) -> Session:
    """The session with one more face, inside `box`, drawn by hand; raises NoFace for a box that holds none."""
    from animate import api

    try:
        x, y, width, height = (round(float(side)) for side in box)
    except (TypeError, ValueError, OverflowError) as error:
        raise NoFace("that is not a frame", hint="press at one corner of the face, drag to the other") from error
    if min(width, height) < LEAST_FRAME:
        hint = "draw it around the whole face, from forehead to chin"
        raise NoFace(f"that frame is only {width} x {height} pixels", hint=hint)
    (portrait,) = api.find_faces(session.photo, box=(x, y, width, height), model=model(BUNDLED_MODEL))
    if portrait.keypoints.presence < LEAST_PRESENCE:
        raise NoFace("there seems to be no face in that frame", hint="draw it around a face, from forehead to chin")
    return _examined(session.joined(portrait))


def _examined(session: Session) -> Session:
    """The session with what the photo check finds about all of its faces."""
    from animate.pipeline.photo_check import findings

    return replace(session, findings=findings(session.photo, session.portraits))


def add_more(session: Session, path: str, name: str = "") -> Session:
    """The session with the photograph at `path` as a further one of the first chosen person.

    Raises:
        PhotoError: it cannot be read, shows no face, or somebody else's and nobody insists.
        OptionError: there are as many as are read already.
    """
    from animate import api
    from animate.pipeline import further

    further.check(len(session.more) + 1)
    photo = at_clip_size(api.read_photo(path))
    photo = replace(photo, name=name or photo.name)
    portrait = session.portraits[(session.chosen[0] if session.chosen else 1) - 1]
    more = session.with_more(photo)
    number = len(more.more)
    api.find_person(portrait, photo, number=number, model=model(BUNDLED_MODEL), insisted=session.insisted)
    return more


@dataclass(frozen=True)
class Driving:
    """A video of one's own: its file, the part in seconds (`end` 0 is its end), which of its faces (1 the largest)."""

    path: str
    start: float = 0.0
    end: float = 0.0
    face: int = 1

    def options(self, known: Sequence[str]) -> dict[str, object]:
        """The choices about the video that the pipeline knows."""
        asked = {"start": self.start, "end": self.end, "driver_face": self.face}
        return {name: value for name, value in asked.items() if name in known and value}


@dataclass(frozen=True)
class Made:
    """A finished clip: its file, what it was made of, and at most how many percent of the moved face are painted."""

    path: Path
    photo: str
    name: str
    movement: str
    driver: str
    width: int
    height: int
    synthesized: float
    whole: bool = True  # and not head and shoulders
    notes: tuple[str, ...] = ()


def clip_of(
    session: Session, driving: Driving | None, numbers: Mapping[str, object], folder: Path, *, ending: str = ".mp4"
) -> Callable[[ProgressCallback], Made]:
    """The work that makes a clip: called with a report, it gives the finished one, in a new folder in `folder`."""

    def work(report: ProgressCallback) -> Made:
        from animate import api
        from animate.core.options import choices

        video = driving.options([name for name, *_ in choices()]) if driving else {}
        options = Options(faces=session.movements(), more_anyway=session.insisted, **numbers, **video)
        out = Path(tempfile.mkdtemp(dir=folder)) / f"{Path(session.name).stem[:LONGEST_NAME]}-keepsake{ending}"
        report("Getting ready", 0, 0)
        clip = api.clip(
            session.photo,
            Path(driving.path) if driving else session.gesture,
            model=model(options.model),
            options=options,
            portraits=session.portraits,
            more=session.more,
            on_frame=lambda done, total: report("Following the video", done, total),
            on_tile=lambda done, total: report("Making faces sharper", done, total),
        )
        report("Animating", 0, clip.count)
        saved = api.save(clip, out, on_frame=lambda done, total: report("Animating", done, total))
        record, driver = clip.provenance, driving.path if driving else ""
        about = (", ".join(dict.fromkeys(_titles(session))), driver, clip.width, clip.height)
        ratio = (clip.width / clip.height) / (session.photo.width / session.photo.height)
        whole = (
            0.99 < ratio < 1.01 and clip.width >= min(session.photo.width, options.size or session.photo.width) * 0.9
        )
        return Made(saved, session.preview, session.name, *about, record.synthesized, whole, tuple(record.notes))

    return work


def _titles(session: Session) -> list[str]:
    from animate import api

    titles = {name: title for name, title, *_ in api.gestures()} | {OWN_VIDEO: "Your video"}
    return [titles.get(gesture, gesture) for gesture in session.movements().values()]
