"""A sitting: one photograph on the page, its faces, which of them are chosen, and the clip made of them.

Conventions: boxes are (x, y, width, height) in whole pixels of the upright photograph; faces count from 1.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from animate.core.errors import NoFace
from animate.core.options import Options
from animate.interfaces.job import ProgressCallback
from animate.photo.preview import preview, write_png

PREVIEW = 1400  # longest side in pixels of the photograph as the page shows it
LONGEST_NAME = 60  # characters of the photograph's name in that of its clip
BY_HAND = 24  # least side in pixels of the photograph of a box drawn by hand; below it was a slip of the hand


@dataclass(frozen=True)
class Session:
    """The uploaded file, its faces, the chosen ones, (width, height), the preview's file, a box drawn by hand or ""."""

    path: str
    boxes: tuple[tuple[int, int, int, int], ...]
    chosen: tuple[int, ...]
    size: tuple[int, int]
    preview: str
    drawn: str = ""

    def toggled(self, face: int) -> Session:
        """The same sitting with `face` chosen if it was not, and not if it was."""
        chosen = set(self.chosen) ^ ({face} if 1 <= face <= len(self.boxes) else set())
        return replace(self, chosen=tuple(sorted(chosen)))

    def faces(self, movement: str) -> str:
        """The chosen faces as the option `faces` says it, each with `movement`."""
        if self.drawn:
            return "1"
        if len(self.chosen) == len(self.boxes):
            return "all"
        if self.chosen == tuple(range(1, len(self.chosen) + 1)):
            return str(len(self.chosen))
        return ",".join(f"{face}={movement}" for face in self.chosen)

    def html(self) -> str:
        """The preview with an outline to click on over every face; `page.js` makes it live."""
        width, height = self.size
        outlines = "".join(self._outline(number, box) for number, box in enumerate(self.boxes, 1))
        picture = f"<img src='/gradio_api/file={escape(self.preview)}' alt='the photograph'>"
        over = f"<svg viewBox='0 0 {width} {height}' preserveAspectRatio='none'>{outlines}<rect class='band'/></svg>"
        below = f"<span>{self.advice()}</span><button type='button' class='mark'>Outline a face by hand</button>"
        mode = "" if self.boxes else " class='by-hand'"
        return f"<figure{mode}><div class='print'>{picture}{over}</div><figcaption>{below}</figcaption></figure>"

    def advice(self) -> str:
        """What a person can do with the photograph now."""
        if not self.boxes:
            return "No face was found. Draw a frame around one: press at one corner, drag to the other."
        if len(self.boxes) == 1:
            return "One face was found."
        return f"{len(self.boxes)} faces. Click on a face to choose it or leave it out."

    def _outline(self, number: int, box: tuple[int, int, int, int]) -> str:
        x, y, width, height = box
        badge = max(min(width, height) * 0.13, max(self.size) * 0.016)
        right, top = round(x + width - badge * 0.4), round(y + badge * 0.4)
        chosen = number in self.chosen
        state = f"class='face{' chosen' if chosen else ''}' data-face='{number}' aria-checked='{str(chosen).lower()}'"
        return (
            f"<g {state} role='checkbox' tabindex='0' aria-label='Face {number}'>"
            f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='{round(min(width, height) * 0.12)}'/>"
            f"<circle cx='{right}' cy='{top}' r='{round(badge)}'/>"
            f"<text x='{right}' y='{top}' font-size='{round(badge * 1.2)}'>{number}</text></g>"
        )


def open_photo(path: str, room: Path, *, box: str = "") -> Session:
    """A sitting for the photograph at `path`, its preview kept in `room`; without a face it waits for a drawn one."""
    from animate import api

    photo = api.read_photo(path)
    try:
        portraits = api.find_faces(photo, box=box)
    except NoFace:
        if box:
            raise
        portraits = ()
    boxes = tuple(tuple(round(side) for side in portrait.face.box) for portrait in portraits)
    shown = write_png(room / f"{uuid.uuid4().hex}.png", preview(photo.pixels, PREVIEW), level=1)
    return Session(path, boxes, (1,) if boxes else (), (photo.width, photo.height), str(shown), box)


def outline_by_hand(sitting: Session, box: list[float], room: Path) -> Session:
    """The sitting with the face inside `box`, drawn by hand; raises NoFace for a box too small to mean one."""
    try:
        x, y, width, height = (round(float(side)) for side in box)
    except (TypeError, ValueError, OverflowError) as error:
        raise NoFace("that is not a frame", hint="press at one corner of the face, drag to the other") from error
    if min(width, height) < BY_HAND:
        raise NoFace(
            f"that frame is only {width} x {height} pixels", hint="draw it around the whole face, from forehead to chin"
        )
    return open_photo(sitting.path, room, box=f"{x},{y},{width},{height}")


@dataclass(frozen=True)
class Made:
    """A finished clip: its file, and at most how many percent of the moved face are painted."""

    path: Path
    invented: float

    def words(self) -> str:
        """What a person is told."""
        painted = (
            f" At most {self.invented:.1f} % of the moved face is painted; all else is the photograph, moved."
            if self.invented
            else ""
        )
        return "Done. Your clip is below." + painted


def clip_of(
    sitting: Session, gesture: str, video: str | None, numbers: Mapping[str, object], room: Path
) -> Callable[[ProgressCallback], Made]:
    """The work that makes the clip: called with a report, it gives the finished one, its file in a new folder in `room`."""

    def work(report: ProgressCallback) -> Made:
        from animate import api

        options = Options(faces=sitting.faces(gesture), box=sitting.drawn, **numbers)
        driver = Path(video) if video else gesture
        out = Path(tempfile.mkdtemp(dir=room)) / f"{Path(sitting.path).stem[:LONGEST_NAME]}-keepsake.mp4"
        report("Looking at the photograph", 0, 0)
        clip = api.animate(
            sitting.path,
            driver,
            options=options,
            on_frame=lambda done, total: report("Following the movement", done, total),
        )
        saved = api.save(
            clip,
            out,
            quality=options.quality,
            threads=options.threads,
            on_frame=lambda done, total: report("Animating", done, total),
        )
        return Made(saved, clip.provenance.invented)

    return work
