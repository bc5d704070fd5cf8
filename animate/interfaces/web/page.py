"""The page: a photograph goes in, faces and a movement are chosen, a clip comes out; nothing leaves this computer.

Conventions: `session` is what the page knows about one visitor's photograph (a Session or None), `driving` a video of
their own (a Driving or None). A handler gets what its event carries, then the values of its inputs; see `door`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from animate.core.errors import Cancelled, OptionError, OutputError
from animate.interfaces.job import Job, Step
from animate.interfaces.web import cards, driver_panel, fields, photo_view, server, status, verify_panel, work
from animate.interfaces.web.door import guarded, number, text
from animate.interfaces.web.folder import page_folder
from animate.interfaces.web.gallery import Gallery
from animate.interfaces.web.previews import Previews
from animate.interfaces.web.session import Session
from animate.interfaces.web.work import OWN_VIDEO, Driving

QUIETLY = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
REMEMBERED = 6  # photographs that a reload of the page brings back
KEY = "() => { try { return sessionStorage.getItem('keepsake') || ''; } catch { return ''; } }"
HEADER = """<header><h1>Keepsake</h1><p>Brings the people in an old photograph gently to life.</p>
<p class="aside">Everything happens on this computer. Nothing is sent anywhere.</p></header>"""


def launch(*, port: int | None = None, browser: bool = True, example: Path | None = None) -> None:
    """Serves the page on 127.0.0.1 until it is stopped, then deletes what was uploaded and made; for the main thread.

    Args:
        port: the port to use; None takes the first free one from 7860 on.
        browser: whether to open the page in the person's browser.
        example: a photograph to offer to people who have none at hand.

    Raises:
        MissingExtra: gradio is not installed.
        OutputError: no port is free.
    """
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # a closed terminal ends it too
        signal.signal(ending, lambda number, frame: sys.exit(0))
    with page_folder() as folder:
        os.environ["GRADIO_TEMP_DIR"] = str(folder)
        page = Page(folder, example).blocks
        settings = {"server_port": port, "inbrowser": browser, **server.settings(folder)}
        try:
            _, address, _ = page.queue(max_size=64).launch(**settings)
        except OSError as error:
            hint = "close the other page, or name another --port"
            raise OutputError(f"the page found no free port{f' at {port}' if port else ''}", hint=hint) from error
        print(f"Keepsake is at {address}   (Ctrl-C stops it)", flush=True)
        try:
            page.block_thread()
        finally:
            page.close(verbose=False)


class Page:
    """The page as `blocks` (a gr.Blocks); photographs, previews and clips are kept in `folder`."""

    def __init__(self, folder: Path, example: Path | None = None):
        self.gr = server.gradio()
        self.folder, self.example = folder, example
        self.gallery, self.previews = Gallery(), Previews(folder)
        self.sessions: dict[str, Session] = {}
        self.jobs: dict[str, Job] = {}  # the clip in the making of each tab
        with self.gr.Blocks(title="Keepsake", analytics_enabled=False, delete_cache=(3600, 86400)) as self.blocks:
            self._lay_out()
            self._connect()

    # What the page consists of

    def _lay_out(self) -> None:
        gr, script = self.gr, server.script
        self.session, self.driving = gr.State(None), gr.State(None)
        self.key = gr.Textbox("", visible=False)
        gr.HTML(HEADER)
        with gr.Row(elem_id="table"):
            with gr.Column(scale=5, min_width=300):
                gr.HTML("<h2><b>1</b> The photograph</h2>")
                self.picture = gr.HTML(
                    self._empty(), js_on_load=script("drop", "photo"), elem_id="picture", elem_classes="ours"
                )
            with gr.Column(scale=6, min_width=300):
                gr.HTML("<h2><b>2</b> The movement</h2>")
                self.cards = gr.HTML(cards.html(), js_on_load=script("cards"), elem_id="gestures", elem_classes="ours")
                self.bulletin = gr.HTML(cards.bulletin(None), js_on_load=script("bulletin"), elem_id="bulletin")
                panel = driver_panel.html(None)
                self.driver = gr.HTML(
                    panel, js_on_load=script("drop", "driver"), elem_id="driver", elem_classes="ours", visible="hidden"
                )
                with gr.Column(elem_id="start"):
                    look = {"variant": "primary", "size": "lg", "interactive": False, "elem_id": "go"}
                    self.go = gr.Button("Animate", **look)
                    self.progress = gr.HTML(status.ready(None), elem_id="progress")
                    self.stop = gr.Button("Stop", visible=False, elem_id="stop")
                self._lay_out_fields()
        self.result = gr.HTML(self.gallery.html(), js_on_load=script("result"), elem_id="result", elem_classes="ours")
        verify_panel.section(gr, QUIETLY)

    def _lay_out_fields(self) -> None:
        self.fields, self.choices = [], []
        with self.gr.Accordion("More choices", open=False, elem_id="finer"):
            for title, group in fields.groups():
                self.gr.HTML(f"<h3>{title}</h3>")
                with self.gr.Row(elem_classes="fields"):
                    self.choices += [fields.component(self.gr, field) for field in group]
                self.fields += group

    def _empty(self, failure: str = "") -> str:
        return photo_view.empty(failure=failure, example=self.example is not None)

    # What belongs to what

    def _connect(self) -> None:
        shown = [self.session, self.picture, self.bulletin, self.go, self.progress]
        work_shown = [self.go, self.stop, self.progress, self.result]
        inputs = [self.session, self.driving, *self.choices]
        run = self._on(self.go.click, self.run, inputs, work_shown, self._failed_run, trigger_mode="multiple")
        self._then_previews(run)
        self._on(self.stop.click, self.stopped, None, None, trigger_mode="multiple")

        picture, session = self.picture, self.session
        self._then_previews(self._on(picture.came, self.came, None, shown, self._failed_photo))
        self._then_previews(self._on(picture.sample, self.sample, None, shown, self._failed_photo))
        self._then_previews(self._on(picture.outlined, self.outlined, session, shown, self._failed_outline))
        for event, handle in (
            (picture.chosen, self.chosen),
            (picture.several, self.several),
            (picture.undone, self.undone),
        ):
            self._then_previews(self._on(event, handle, session, shown))
        self._on(picture.another, self.another, None, [*shown, self.stop])
        self._on(self.cards.moved, self.moved, session, [session, self.driver, self.progress])
        self._on(self.cards.turned, self.turned, session, self.bulletin)
        self._connect_driver()
        for event, handle in ((self.result.shown, self.show), (self.result.removed, self.remove)):
            self._on(event, handle, None, self.result)
        opened = self._on(self.blocks.load, self.opened, self.key, [*shown, self.result], js=KEY)
        self._then_previews(opened)

    def _connect_driver(self) -> None:
        panel, state = self.driver, [self.driving, self.driver]
        self._on(
            panel.came, self.driver_came, None, state, lambda words: (None, driver_panel.html(None, failure=words))
        )
        self._on(panel.away, lambda sent: (None, driver_panel.html(None)), None, state)
        failed = lambda words, driving: (driving, driver_panel.html(driving, failure=words))
        self._on(panel.trimmed, lambda sent, driving: self.trimmed(sent, driving), self.driving, state, failed)

    def _on(self, event: Callable, handle: Callable, inputs, outputs, failed: Callable | None = None, **more):
        return event(guarded(self.gr, handle, failed), inputs, outputs, **QUIETLY, **more)

    def _then_previews(self, event) -> None:
        event.then(guarded(self.gr, self.draw_previews), self.session, self.bulletin, **QUIETLY)

    # The photograph

    def opened(self, sent: dict, key: str) -> tuple:
        """The page is loaded: a photograph and clips that were there before a reload come back."""
        return *self._seen(self.sessions.get(key)), self.gallery.html()

    def came(self, sent: dict) -> tuple:
        """A photograph was given to the page."""
        self.previews.stop()
        return self._seen(work.open_photo(text(sent, "path"), self.folder, str(sent.get("name", ""))[:200]))

    def sample(self, sent: dict) -> tuple:
        """The example is wanted."""
        self.previews.stop()
        return self._seen(work.open_photo(str(self.example), self.folder))

    def another(self, sent: dict) -> tuple:
        """Another photograph is wanted; what is being made is stopped."""
        self.previews.stop()
        job = self.jobs.pop(sent["tab"], None)
        if job:
            job.stop()
            job.watched.wait(3)  # so that its last word comes before ours
        return *self._seen(None), self.gr.update(visible=False)

    def outlined(self, sent: dict, session: Session | None) -> tuple:
        """A face was outlined by hand."""
        self.previews.stop()
        return self._seen(work.outline_by_hand(_there(session), sent.get("box")))

    def chosen(self, sent: dict, session: Session | None) -> tuple:
        """A face was clicked on."""
        return self._seen(_there(session).toggled(number(sent, "face")))

    def several(self, sent: dict, session: Session | None) -> tuple:
        """All faces or none."""
        held = _there(session)
        return self._seen(held.choosing(range(1, len(held.portraits) + 1) if sent.get("all") is True else ()))

    def undone(self, sent: dict, session: Session | None) -> tuple:
        """The face drawn last is taken away."""
        return self._seen(_there(session).without_drawn())

    def _seen(self, session: Session | None, failure: str = "") -> tuple:
        """The page once something about the photograph has changed."""
        if session is None:
            return None, self._empty(failure), cards.bulletin(None), *self._ready(None)
        self.sessions.pop(session.key, None)
        self.sessions[session.key] = session
        while len(self.sessions) > REMEMBERED:
            self.sessions.pop(next(iter(self.sessions)))
        picture = photo_view.html(session, failure=failure)
        return session, picture, cards.bulletin(session), *self._ready(session)

    def _ready(self, session: Session | None) -> tuple:
        able = bool(session and session.chosen)
        return self.gr.update(interactive=able, visible=True), status.ready(session)

    def _failed_photo(self, words: str) -> tuple:
        return self._seen(None, words)

    def _failed_outline(self, words: str, session: Session | None) -> tuple:
        return self._seen(session, words)

    # The movement

    def moved(self, sent: dict, session: Session | None) -> tuple:
        """A movement was chosen, for one face or for all."""
        name = text(sent, "name")
        own = self.gr.update(visible=True if name == OWN_VIDEO else "hidden")
        if session is None:
            return None, own, self.gr.skip()
        session = session.moving(name, number(sent, "face"))
        if OWN_VIDEO in session.movements().values():
            own = self.gr.update(visible=True)
        self.sessions[session.key] = session
        return session, own, status.ready(session)

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
        session = _there(session)
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

    def _failed_run(self, words: str, *values) -> tuple:
        return *self._resting("")[:2], status.line(words, failed=True), self.gr.skip()

    def _resting(self, words: str) -> tuple:
        """The page when nothing runs."""
        return self.gr.update(visible=True), self.gr.update(visible=False), status.line(words), self.gr.skip()

    def show(self, sent: dict) -> str:
        """Another clip of this visit is wanted."""
        return self.gallery.html(number(sent, "number"))

    def remove(self, sent: dict) -> str:
        """A clip is deleted."""
        self.gallery.remove(number(sent, "number"))
        return self.gallery.html()


def _there(session: Session | None) -> Session:
    if session is None:
        raise OptionError("there is no photograph yet", hint="choose one first")
    return session


def _first(session: Session) -> int:
    """The face that the previews show: the first chosen one."""
    return next(iter(session.chosen), 0)
