"""What happens on the page: an event comes, the session changes, parts of the page are written anew.

Conventions: `session` is what the page knows about one visitor's photograph (a Session or None), `driving` a video of
their own (a Driving or None). A handler gets what its event carries, then the values of its inputs, and gives the
values of its outputs; `door.guarded` stands before each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from animate.core.errors import Cancelled, OptionError
from animate.interfaces.job import Job, Step
from animate.interfaces.web import (
    cards,
    driver_panel,
    fields,
    findings,
    photo_view,
    prepared,
    server,
    status,
    work,
)
from animate.interfaces.web.door import number, text
from animate.interfaces.web.gallery import Gallery
from animate.interfaces.web.more_handlers import MoreHandlers
from animate.interfaces.web.previews import Previews
from animate.interfaces.web.session import Session, present
from animate.interfaces.web.work import OWN_VIDEO, Driving

REMEMBERED = 6  # photographs that a reload of the page brings back


class Handlers(MoreHandlers):
    """The handlers and what they share; photographs, previews and clips are kept in `folder`."""

    def __init__(self, folder: Path, example: Path | None = None):
        self.gr = server.gradio()
        self.folder, self.example = folder, example
        self.gallery, self.previews = Gallery(), Previews(folder)
        self.sessions: dict[str, Session] = {}
        self.jobs: dict[str, Job] = {}  # the clip in the making of each tab
        self.looks: dict[str, Job] = {}  # the photograph being prepared, to be looked at, of each tab
        self.fields: list[fields.Field] = []
        self.choices: list = []  # the components of the fields

    def _empty(self, failure: str = "") -> str:
        return photo_view.empty(failure=failure, example=self.example is not None)

    # The photograph

    def opened(self, sent: dict, key: str) -> tuple:
        """The page is loaded: a photograph and clips that were there before a reload come back."""
        session = self.sessions.get(key)
        shown = self._shown(session)
        if session is None:  # the page is as it was built: a photograph that was given meanwhile is not to be disturbed
            shown = tuple(self.gr.skip() for _ in shown)
        return *shown, self.gallery.html()

    def came(self, sent: dict) -> tuple:
        """A photograph was given to the page."""
        self.previews.stop()
        self._stop_looking(sent["tab"])
        return self._shown(work.open_photo(text(sent, "path"), self.folder, str(sent.get("name", ""))[:200]))

    def sample(self, sent: dict) -> tuple:
        """The example is wanted."""
        self.previews.stop()
        return self._shown(work.open_photo(str(self.example), self.folder))

    def another(self, sent: dict) -> tuple:
        """Another photograph is wanted; what is being made is stopped."""
        self.previews.stop()
        self._stop_looking(sent["tab"])
        job = self.jobs.pop(sent["tab"], None)
        if job:
            job.stop()
            job.watched.wait(3)  # so that its last word comes before ours
        return *self._shown(None), self.gr.update(visible=False)

    def outlined(self, sent: dict, session: Session | None) -> tuple:
        """A face was outlined by hand."""
        self.previews.stop()
        return self._shown(work.outline_by_hand(present(session), sent.get("box")), tab=sent["tab"])

    def chosen(self, sent: dict, session: Session | None) -> tuple:
        """A face was clicked on."""
        return self._shown(present(session).toggled(number(sent, "face")), tab=sent["tab"])

    def several(self, sent: dict, session: Session | None) -> tuple:
        """All faces or none."""
        held = present(session)
        every = range(1, len(held.portraits) + 1) if sent.get("all") is True else ()
        return self._shown(held.choosing(every), tab=sent["tab"])

    def helped(self, sent: dict, session: Session | None) -> tuple:
        """A switch beside a finding was pressed: a field is set, the movement chosen, or the photograph opened anew."""
        session, help = present(session), text(sent, "help")
        if help not in findings.offered(session):
            raise OptionError("the page sent something that it never sends", hint="load the page again")
        name, _, value = help.partition("=")
        if name in ("turn", "invert", "page"):
            self.previews.stop()
            session = work.reopened(session, self.folder, name, value)
        else:
            session = replace(session, helped=session.helped | {help})
        if name == "gesture":
            session = session.moving(value)
        setting = {"frame": value, "head": 0.5}.get(name, True)
        updates = (
            self.gr.update(value=setting) if self.fields[number].name == name else self.gr.skip()
            for number in self._helped_fields()
        )
        return *self._shown(session, tab=sent["tab"]), *updates

    def _helped_fields(self) -> list[int]:
        """Which of the fields a finding can set."""
        return [number for number, field in enumerate(self.fields) if field.name in findings.FIELDS]

    def _failed_help(self, sentence: str, session: Session | None) -> tuple:
        return *self._shown(session, sentence), *(self.gr.skip() for _ in self._helped_fields())

    def look_prepared(self, sent: dict, session: Session | None, *held) -> Iterator[str]:
        """The photograph is to be looked at before and after it is prepared; whatever else is asked for stops it."""
        numbers, _ = fields.values(self.fields, held)
        tab = sent["tab"]
        self._stop_looking(tab)
        job = self.looks[tab] = Job(prepared.prepare(present(session), numbers, self.folder))
        try:
            with closing(job.watch()) as steps:
                for step in steps:
                    yield status.bar(step)
        except Cancelled:
            yield ""
            return
        finally:
            if self.looks.get(tab) is job:
                del self.looks[tab]
        yield prepared.html(job.result)

    def cleared(self, sent: dict) -> str:
        """What is shown of before and after is about a photograph that is gone."""
        return ""

    def _stop_looking(self, tab: str) -> None:
        job = self.looks.pop(tab, None)
        if job:
            job.stop()

    def _failed_look(self, sentence: str, *values) -> str:
        return status.line(sentence, failed=True)

    def undone(self, sent: dict, session: Session | None) -> tuple:
        """The face drawn last is taken away."""
        return self._shown(present(session).without_drawn(), tab=sent["tab"])

    def _shown(self, session: Session | None, failure: str = "", tab: str = "") -> tuple:
        """The page once something about the photograph has changed; while a clip is made in `tab` its bar stays."""
        if session is None:
            return None, self._empty(failure), cards.bulletin(None), *self._ready(None)
        self.sessions.pop(session.key, None)
        self.sessions[session.key] = session
        while len(self.sessions) > REMEMBERED:
            self.sessions.pop(next(iter(self.sessions)))
        picture = photo_view.html(session, failure=failure)
        resting = (self.gr.skip(), self.gr.skip()) if tab in self.jobs else self._ready(session)
        return session, picture, cards.bulletin(session), *resting

    def _ready(self, session: Session | None) -> tuple:
        able = bool(session and session.chosen)
        return self.gr.update(interactive=able, visible=True), status.ready(session)

    def _failed_photo(self, sentence: str) -> tuple:
        return self._shown(None, sentence)

    def _failed_outline(self, sentence: str, session: Session | None) -> tuple:
        return self._shown(session, sentence)

    # The movement

    def moved(self, sent: dict, session: Session | None) -> tuple:
        """A movement was chosen, for one face or for all."""
        name = cards.known(text(sent, "name"))
        own = self.gr.update(visible=True if name == OWN_VIDEO else "hidden")
        if session is None:
            return None, own, self.gr.skip()
        before, session = session, session.moving(name, number(sent, "face"))
        if OWN_VIDEO in session.movements().values():
            own = self.gr.update(visible=True)
        self.sessions[session.key] = session
        same = session.movements() == before.movements() or sent["tab"] in self.jobs
        return session, own, self.gr.skip() if same else status.ready(session)

    def turned(self, sent: dict, session: Session | None) -> Iterator[str]:
        """The person looks at the movement of one face."""
        yield from self.draw_previews(sent, session, number(sent, "face"))

    def draw_previews(self, sent: dict, session: Session | None, face: int = 0) -> Iterator[str]:
        """The cards' previews, as they become ready."""
        from animate import api

        face = face or (_first(session) if session else 0)
        if not session or not 1 <= face <= len(session.portraits):
            self.previews.stop()
            return
        names = [name for name, *_ in api.gestures()]
        for files in self.previews.made(session.photo, session.portraits[face - 1], names):
            yield cards.playing(session, face, files)

    def driver_came(self, sent: dict) -> tuple:
        """A video of one's own was given to the page."""
        driving = Driving(text(sent, "path"))
        return driving, driver_panel.html(driving)

    def driver_away(self, sent: dict) -> tuple:
        """Another video is wanted."""
        return None, driver_panel.html(None)

    def _failed_driver(self, sentence: str, driving: Driving | None = None) -> tuple:
        return driving, driver_panel.html(driving, failure=sentence)

    def trimmed(self, sent: dict, driving: Driving | None) -> tuple:
        """Another part of the video, or another of its faces, is wanted."""
        driving = driver_panel.changed(driving, sent) if driving else None
        return driving, driver_panel.html(driving)

    # The clip

    def run(self, sent: dict, session: Session | None, driving: Driving | None, *held) -> Iterator[tuple]:
        """The job behind the button, a generator: closed by a closed tab, it stops the work."""
        tab = sent["tab"]
        if tab in self.jobs:  # pressed twice
            return
        self.previews.stop()
        self._stop_looking(tab)
        session = present(session)
        if OWN_VIDEO not in session.movements().values():
            driving = None
        elif driving is None:
            raise OptionError("your own video is not there yet", hint="choose or film one, or choose another movement")
        numbers, ending = fields.values(self.fields, held)
        job = self.jobs[tab] = Job(work.clip_of(session, driving, numbers, self.folder, ending=ending))
        hidden, there, same = self.gr.update(visible=False), self.gr.update(visible=True), self.gr.skip()
        try:
            yield hidden, there, status.bar(Step("Getting ready", 0, 0, "")), same
            with closing(job.watch()) as steps:
                for step in steps:
                    yield same, same, status.bar(step), same
        except Cancelled:
            if self.jobs.get(tab) is job:  # and no other photograph is wanted
                yield self._resting("Stopped. Nothing was kept.")
            return
        finally:
            if self.jobs.get(tab) is job:
                del self.jobs[tab]
        entry = self.gallery.add(job.result)
        yield *self._resting("Done. Your clip is below.")[:3], self.gallery.html(entry.number)

    def stopped(self, sent: dict) -> None:
        """Stop was pressed."""
        job = self.jobs.get(sent["tab"])
        if job:
            job.stop()

    def _failed_run(self, sentence: str, *values) -> tuple:
        return *self._resting("")[:2], status.line(sentence, failed=True), self.gr.skip()

    def _resting(self, sentence: str) -> tuple:
        """The page when nothing runs."""
        return self.gr.update(visible=True), self.gr.update(visible=False), status.line(sentence), self.gr.skip()

    def show(self, sent: dict) -> str:
        """Another clip of this visit is wanted."""
        return self.gallery.html(number(sent, "number"))

    def remove(self, sent: dict) -> str:
        """A clip is deleted."""
        self.gallery.remove(number(sent, "number"))
        return self.gallery.html()


def _first(session: Session) -> int:
    """The face that the previews show: the first chosen one."""
    return next(iter(session.chosen), 0)
