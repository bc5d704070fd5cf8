"""What the page knows about one visitor's photograph: its faces, which of them are chosen, and how each is to move.

Conventions: boxes are (x, y, width, height) in whole pixels of `photo`; faces count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from animate.core.errors import OptionError
from animate.core.types import Photo, Portrait
from animate.pipeline.photo_check import Finding

NO_FACE = "No face was found. Draw a frame around one: press at one corner, drag to the other."


@dataclass(frozen=True, eq=False)
class Session:
    """A photograph on the page.

    Attributes:
        key: names the session to the browser.
        name: the uploaded file's name.
        photo: its pixels, at the size of the clip.
        portraits: its faces, those found first, the largest first, then those drawn by hand.
        drawn: how many of the faces were drawn by hand.
        preview: the file that the browser shows.
        chosen: the faces that will move.
        gesture: the movement of every face without one of its own.
        own: movements of single faces.
        findings: what the photo check says about it.
        helped: the helps for them that were pressed.
        path, page, turn, inverted: the uploaded file, and how it was opened: see `work.open_photo`.
        more: further photographs of the first of the chosen people.
        insisted: they are used even where the faces do not seem alike.
    """

    key: str
    name: str
    photo: Photo
    portraits: tuple[Portrait, ...]
    preview: str
    drawn: int = 0
    chosen: tuple[int, ...] = ()
    gesture: str = ""
    own: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()
    helped: frozenset[str] = frozenset()
    path: str = ""
    page: int = 0
    turn: int = 0
    inverted: bool = False
    more: tuple[Photo, ...] = ()
    insisted: bool = False

    @property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        return [tuple(round(side) for side in portrait.face.box) for portrait in self.portraits]

    def toggled(self, face: int) -> Session:
        """The same session with `face` chosen if it was not, and not if it was."""
        return self.choosing(set(self.chosen) ^ {face})

    def choosing(self, faces) -> Session:
        """The same session with those of `faces` chosen that there are."""
        return replace(self, chosen=tuple(sorted(face for face in set(faces) if 1 <= face <= len(self.portraits))))

    def moving(self, gesture: str, face: int = 0) -> Session:
        """The same session with a movement for one face, or, for face 0, one for all; as it is for no face."""
        if not 0 <= face <= len(self.portraits):
            return self
        if face == 0:
            return replace(self, gesture=gesture, own=MappingProxyType({}))
        return replace(self, own=MappingProxyType({**self.own, face: gesture}))

    def joined(self, portrait: Portrait) -> Session:
        """The same session with one more face, drawn by hand and chosen."""
        more = replace(self, portraits=(*self.portraits, portrait), drawn=self.drawn + 1)
        return more.choosing({*self.chosen, len(more.portraits)})

    def without_drawn(self) -> Session:
        """The same session without the face that was drawn last."""
        kept = self.portraits[: len(self.portraits) - min(self.drawn, 1)]
        own = MappingProxyType({face: gesture for face, gesture in self.own.items() if face <= len(kept)})
        findings = tuple(finding for finding in self.findings if finding.face <= len(kept))
        less = replace(self, portraits=kept, drawn=max(0, self.drawn - 1), own=own, findings=findings)
        return less.choosing(self.chosen)

    def with_more(self, photo: Photo) -> Session:
        """The same session with one more photograph of the person."""
        return replace(self, more=(*self.more, photo))

    def without_more(self, number: int) -> Session:
        """The same session without further photograph `number`, counted from 1."""
        return replace(self, more=tuple(photo for k, photo in enumerate(self.more, 1) if k != number))

    def movements(self) -> dict[int, str]:
        """The movement of every chosen face."""
        return {face: self.own.get(face, self.gesture) for face in self.chosen}

    def advice(self) -> str:
        """What a person can do with the photograph now."""
        if not self.portraits:
            return NO_FACE
        if len(self.portraits) == 1:
            return "One face was found." if not self.drawn else "The face in your frame will move."
        return f"{len(self.portraits)} faces. Click on a face to choose it or leave it out."


def present(session: Session | None) -> Session:
    """The session; raises OptionError where there is none."""
    if session is None:
        raise OptionError("there is no photograph yet", hint="choose one first")
    return session
