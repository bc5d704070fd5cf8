"""The page: a photograph goes in, faces and a movement are chosen, a clip comes out; nothing leaves this computer.

Here is what the page consists of and which event leads to which handler; what the handlers do is in `handlers`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from animate.core import process
from animate.core.errors import OutputError
from animate.interfaces.web import cards, driver_panel, fields, more_panel, server, status, verify_panel
from animate.interfaces.web.door import guarded
from animate.interfaces.web.folder import page_folder
from animate.interfaces.web.handlers import Handlers

QUIETLY = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
KEY = "try { return sessionStorage.getItem('keepsake') || ''; } catch { return ''; }"
ANSWERED = "() => window.keepsake.answered()"
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
    process.own()
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


class Page(Handlers):
    """The page as `blocks` (a gr.Blocks); photographs, previews and clips are kept in `folder`."""

    def __init__(self, folder: Path, example: Path | None = None):
        super().__init__(folder, example)
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
                self._lay_out_photograph()
                self._lay_out_preparation()
            with gr.Column(scale=6, min_width=300):
                gr.HTML("<h2><b>2</b> The movement</h2>")
                self.cards = gr.HTML(
                    cards.html(), js_on_load=script("requests", "cards"), elem_id="gestures", elem_classes="ours"
                )
                self.bulletin = gr.HTML(cards.bulletin(None), js_on_load=script("bulletin"), elem_id="bulletin")
                panel = driver_panel.html(None)
                self.driver = gr.HTML(
                    panel,
                    js_on_load=script("requests", "drop", "driver"),
                    elem_id="driver",
                    elem_classes="ours",
                    visible="hidden",
                )
                self._add([fields.FRAME])
                with gr.Column(elem_id="start"):
                    button = {"variant": "primary", "size": "lg", "interactive": False, "elem_id": "go"}
                    self.go = gr.Button("Animate", **button)
                    self.progress = gr.HTML(status.ready(None), elem_id="progress")
                    self.stop = gr.Button("Stop", visible=False, elem_id="stop")
                self._lay_out_fields()
        self.result = gr.HTML(
            self.gallery.html(), js_on_load=script("requests", "result"), elem_id="result", elem_classes="ours"
        )
        verify_panel.section(gr, QUIETLY)

    def _lay_out_photograph(self) -> None:
        gr, script = self.gr, server.script
        gr.HTML("<h2><b>1</b> The photograph</h2>")
        load = script("requests", "drop", "photo")
        self.picture = gr.HTML(self._empty(), js_on_load=load, elem_id="picture", elem_classes="ours")
        load = script("requests", "drop", "more")
        self.more = gr.HTML(more_panel.html(None), js_on_load=load, elem_id="more", elem_classes="ours")

    def _lay_out_preparation(self) -> None:
        with self.gr.Column(elem_id="preparation"):
            self.gr.HTML("<h3>Prepare the photograph</h3>")
            with self.gr.Row(elem_classes="fields"):
                self._add(fields.PREPARATION)
            self.look = self.gr.Button("Show before and after", size="sm", elem_id="look")
            self.prepared = self.gr.HTML("", elem_id="prepared")

    def _lay_out_fields(self) -> None:
        with self.gr.Accordion("More choices", open=False, elem_id="finer"):
            for title, group in fields.groups():
                self.gr.HTML(f"<h3>{title}</h3>")
                with self.gr.Row(elem_classes="fields"):
                    self._add(group)

    def _add(self, group: Sequence[fields.Field]) -> None:
        self.fields += group
        self.choices += [fields.component(self.gr, field) for field in group]

    # What belongs to what

    def _connect(self) -> None:
        shown = [self.session, self.picture, self.bulletin, self.go, self.progress]
        work_shown = [self.go, self.stop, self.progress, self.result]
        inputs = [self.session, self.driving, *self.choices]
        run = self._on(self.go.click, self.run, inputs, work_shown, self._failed_run, trigger_mode="multiple")
        self._then_previews(run)
        self._on(self.stop.click, self.stopped, None, None, trigger_mode="multiple")

        picture, session = self.picture, self.session
        self._then_previews(self._asked(picture.came, self.came, None, shown, self._failed_photo))
        self._then_previews(self._asked(picture.sample, self.sample, None, shown, self._failed_photo))
        self._then_previews(self._asked(picture.outlined, self.outlined, session, shown, self._failed_outline))
        for event, handle in (
            (picture.chosen, self.chosen),
            (picture.several, self.several),
            (picture.undone, self.undone),
        ):
            self._then_previews(self._asked(event, handle, session, shown))
        fitting = [self.choices[number] for number in self._helped_fields()]
        self._then_previews(self._asked(picture.helped, self.helped, session, [*shown, *fitting], self._failed_help))
        self._connect_preparation()
        self._then_more(self._asked(picture.another, self.another, None, [*shown, self.stop]))
        self._asked(self.cards.moved, self.moved, session, [session, self.driver, self.progress])
        self._on(self.cards.turned, self.turned, session, self.bulletin, trigger_mode="multiple")
        self._connect_driver()
        self._connect_more()
        for event, handle in ((self.result.shown, self.show), (self.result.removed, self.remove)):
            self._asked(event, handle, None, self.result)
        opening = f"() => {{ {server.script('requests')}\n{KEY} }}"
        self._then_previews(self._asked(self.blocks.load, self.opened, self.key, [*shown, self.result], js=opening))

    def _connect_preparation(self) -> None:
        inputs = [self.session, *self.choices]
        self._on(self.look.click, self.look_prepared, inputs, self.prepared, self._failed_look, trigger_mode="multiple")
        picture = self.picture
        for event in (picture.came, picture.sample, picture.another, picture.helped):
            self._on(event, self.cleared, None, self.prepared)

    def _connect_driver(self) -> None:
        panel, state = self.driver, [self.driving, self.driver]
        self._asked(panel.came, self.driver_came, None, state, self._failed_driver)
        self._asked(panel.away, self.driver_away, None, state, self._failed_driver)
        self._asked(panel.trimmed, self.trimmed, self.driving, state, self._failed_driver)

    def _asked(self, *connected, **more):
        """An event that `assets/requests.js` sends: the browser hears when it is answered, or has failed."""
        event = self._on(*connected, **more)
        for then in (event.then, event.failure):  # Gradio counts a failure as no completion
            then(None, None, None, js=ANSWERED, **QUIETLY)
        return event

    def _connect_more(self) -> None:
        panel, state = self.more, [self.session, self.more]
        for event, handle in ((panel.came, self.more_came), (panel.away, self.more_away)):
            self._asked(event, handle, self.session, state, self._failed_more)
        self._asked(panel.insisted, self.more_insisted, self.session, state, self._failed_more)

    def _on(self, event: Callable, handle: Callable, inputs, outputs, failed: Callable | None = None, **more):
        return event(guarded(self.gr, handle, failed), inputs, outputs, **QUIETLY, **more)

    def _then_more(self, event) -> None:
        event.then(guarded(self.gr, self.draw_more), self.session, self.more, **QUIETLY)

    def _then_previews(self, event) -> None:
        """Newer previews do not wait for older ones, which they end."""
        self._then_more(event)
        event.then(
            guarded(self.gr, self.draw_previews), self.session, self.bulletin, trigger_mode="multiple", **QUIETLY
        )
