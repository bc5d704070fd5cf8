"""The page: a photograph goes in, faces and a movement are chosen, a clip comes out; nothing leaves this computer.

Conventions: `sitting` is what the page remembers about one visitor's photograph (a Sitting or None). Gradio takes
seconds to import, so it is imported where it is used; here is the only place that knows it. It reads the annotations of
what it calls, so they are real objects here, not the text that `from __future__ import annotations` makes of them.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from html import escape
from pathlib import Path
from urllib.parse import quote

from animate.core.errors import KeepsakeError, OptionError, OutputError
from animate.core.options import choices
from animate.interfaces.job import Job, Step
from animate.interfaces.web import server, verify_panel
from animate.interfaces.web.folder import page_folder
from animate.interfaces.web.session import Session, clip_of, open_photo, outline_by_hand

OWN_VIDEO = "driver"  # the choice of movement that means "a video of my own"
POINTED_AT = ("faces", "box", "finder")  # choices made on the photograph itself, or left to the command line
QUIETLY = {"api_visibility": "private", "show_progress": "hidden"}
PICTURES = ["image", ".avif", ".heic", ".heif", ".tif", ".tiff", ".webp", ".bmp"]
TO_RESULT = "() => document.getElementById('result').scrollIntoView({behavior: 'smooth', block: 'start'})"

UNEXPECTED = "Something went wrong that should not. Load the page again; the window Keepsake runs in shows what it was."
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
        page = build(folder, example)
        settings = {"server_port": port, "inbrowser": browser, **server.settings(folder)}
        try:
            _, address, _ = page.queue(max_size=32).launch(**settings)
        except OSError as error:
            hint = "close the other page, or name another --port"
            raise OutputError(f"the page found no free port{f' at {port}' if port else ''}", hint=hint) from error
        print(f"Keepsake is at {address}   (Ctrl-C stops it)", flush=True)
        try:
            page.block_thread()
        finally:
            page.close(verbose=False)


def build(room: Path, example: Path | None = None):
    """The page as a gr.Blocks that keeps previews and clips in folder `room`. Raises MissingExtra without gradio."""
    gr = server.gradio()
    with gr.Blocks(title="Keepsake", analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        sitting = gr.State(None)
        gr.HTML(HEADER)
        with gr.Row(elem_id="table"):
            with gr.Column(scale=5, min_width=300):
                upload, sample, picture, another = _photograph(gr, example)
            with gr.Column(scale=6, min_width=300):
                gesture, video, strengths = _movement(gr)
                go = gr.Button("Animate", variant="primary", size="lg", interactive=False, elem_id="go")
                progress = gr.HTML(_said("Choose a photograph first."), elem_id="progress")
                stop = gr.Button("Stop", visible=False, elem_id="stop")
        with gr.Column(visible=False, elem_id="result") as result:
            clip, save = _result(gr)
        verify_panel.section(gr, QUIETLY)
        seen = [sitting, upload, sample, picture, another, go, progress, result]
        _connect_photograph(gr, room, example, seen)
        gesture.change(lambda name: gr.update(visible=name == OWN_VIDEO), gesture, video, **QUIETLY)
        shown = [go, stop, progress, result, clip, save]
        run = go.click(
            _animator(gr, room), [sitting, gesture, video, *strengths], shown, concurrency_limit=1, **QUIETLY
        )
        run.success(None, js=TO_RESULT)
        stopped = stop.click(None, cancels=[run])
        stopped.then(
            lambda: _resting(gr, "Stopped. Nothing was kept."), None, shown, **QUIETLY
        )  # after the job's last word
    return page


def _photograph(gr, example: Path | None):
    """The left side: where a photograph is dropped (or the example asked for), then the photograph with its faces."""
    gr.HTML("<h2><b>1</b> The photograph</h2>")
    upload = gr.File(
        file_count="single", type="filepath", file_types=PICTURES, show_label=False, height=320, elem_id="upload"
    )
    sample = gr.Button(
        "No photograph at hand? Try an example", visible=bool(example), elem_classes="quiet", elem_id="sample"
    )
    picture = gr.HTML("", visible=False, elem_id="picture", js_on_load=(server.ASSETS / "page.js").read_text("utf-8"))
    another = gr.Button("Choose another photograph", visible=False, elem_classes="quiet", elem_id="another")
    return upload, sample, picture, another


def _movement(gr):
    """The right side: a gesture or a video, and in a drawer every number that Options knows."""
    from animate import api

    gr.HTML("<h2><b>2</b> The movement</h2>")
    cards = [(f"{title}\n{description}", name) for name, title, description, _ in api.gestures()]
    first = "breath" if any(name == "breath" for _, name in cards) else cards[0][1]
    cards.append(("From a video\nMovement taken from a video of a face", OWN_VIDEO))
    gesture = gr.Radio(cards, value=first, show_label=False, container=False, elem_id="gestures")
    video = gr.Video(
        sources=["upload"], label="A video of one face, yours for instance", visible=False, height=240, elem_id="driver"
    )
    with gr.Accordion("Finer settings", open=False, elem_id="finer"):
        strengths = [_strength(gr, *choice) for choice in _numbers()]
    return gesture, video, strengths


def _result(gr):
    """The finished clip, what it is, and the way to keep it."""
    gr.HTML("<h2><b>3</b> Your clip</h2>")
    clip = gr.HTML("", elem_id="clip")
    gr.HTML("<p class='notice'>This is an animation, not footage.</p>")
    return clip, gr.DownloadButton("Save the clip", variant="primary", size="lg", elem_id="save")


def _numbers() -> list[tuple]:
    """The choices that have a field of their own on the page, those about movement first, as the fields stand."""
    known = [choice for choice in choices() if choice[0] not in POINTED_AT]
    return sorted(known, key=lambda choice: choice[3]["group"] != "movement")


def _strength(gr, name: str, kind: type, default, about: dict):
    """A slider for a short range, a number for a long one, a list for names."""
    said = {"label": name.capitalize(), "info": about["help"], "value": default, "elem_id": f"choice-{name}"}
    if about["among"]:
        return gr.Dropdown(list(about["among"]), **said)
    if kind is bool:
        return gr.Checkbox(**said)
    if kind is str:
        return gr.Textbox(**said)
    if about["high"] - about["low"] > 100:
        return gr.Number(minimum=about["low"], maximum=about["high"], precision=0 if kind is int else None, **said)
    return gr.Slider(about["low"], about["high"], step=1 if kind is int else 0.05, **said)


def _connect_photograph(gr, room: Path, example: Path | None, seen: list) -> None:
    """What happens when a photograph comes, a face is clicked on or outlined by hand, or another one is wanted."""
    sitting, upload, sample, picture, another, go, progress, _ = seen

    def came(path: str):
        with _errors_shown(gr):
            return _looked(gr, open_photo(path, room))

    def outlined(held: Session, event: gr.EventData):
        with _errors_shown(gr):
            return _looked(gr, outline_by_hand(held, _sent(event, "box"), room))

    def chosen(held: Session, event: gr.EventData):
        with _errors_shown(gr):
            held = held.toggled(int(_sent(event, "face")))
            return held, *_ready(gr, held)

    def emptied():
        hidden = gr.update(visible=False)
        return (
            None,
            gr.update(value=None, visible=True),
            gr.update(visible=bool(example)),
            hidden,
            hidden,
            *_ready(gr, None),
            hidden,
        )

    upload.upload(came, upload, seen, **(QUIETLY | {"show_progress": "minimal", "show_progress_on": upload}))
    sample.click(
        lambda: came(str(example)), None, seen, **(QUIETLY | {"show_progress": "minimal", "show_progress_on": upload})
    )
    picture.outlined(outlined, sitting, seen, **QUIETLY)
    picture.chosen(chosen, sitting, [sitting, go, progress], **QUIETLY)
    another.click(emptied, None, seen, **QUIETLY)


def _looked(gr, held: Session) -> tuple:
    """The page once a photograph was looked at."""
    hidden, picture = gr.update(visible=False), gr.update(value=held.html(), visible=True)
    return held, hidden, hidden, picture, gr.update(visible=True), *_ready(gr, held), hidden


def _ready(gr, held: Session | None) -> tuple:
    """The button and the line below it, for what is chosen so far."""
    if held is None:
        return gr.update(interactive=False), _said("Choose a photograph first.")
    if not held.chosen:
        return gr.update(interactive=False), _said(
            "Choose a face: click on it." if held.boxes else "Outline a face by hand."
        )
    count = len(held.chosen)
    return gr.update(interactive=True), _said("One face will move." if count == 1 else f"{count} faces will move.")


def _animator(gr, room: Path) -> Callable[..., Iterator[tuple]]:
    """The job behind the button, a generator: closed by Stop or by a closed tab, it stops the work at once."""

    def run(held: Session, gesture: str, video: str | None, *values):
        own = gesture == OWN_VIDEO
        if own and not video:
            raise gr.Error("Choose a video first, or one of the movements.", print_exception=False)
        numbers = {name: kind(value) for (name, kind, *_), value in zip(_numbers(), values, strict=True)}
        job = Job(clip_of(held, gesture, video if own else None, numbers, room))
        yield (
            gr.update(visible=False),
            gr.update(visible=True),
            _bar(Step("Looking at the photograph", 0, 0, "")),
            *[gr.skip()] * 3,
        )
        try:
            with _errors_shown(gr), closing(job.watch()) as steps:
                for step in steps:
                    yield gr.skip(), gr.skip(), _bar(step), *[gr.skip()] * 3
        except gr.Error:
            yield _resting(gr, "That did not work.")
            raise
        finished = (gr.update(visible=True), _player(job.result.path), str(job.result.path))
        yield *_resting(gr, job.result.words())[:3], *finished

    return run


def _player(path: Path) -> str:
    """The clip as the browser itself plays it: whatever ffmpeg is or is not on this computer takes no part."""
    return f"<video src='/gradio_api/file={escape(quote(str(path)))}' controls muted playsinline autoplay loop></video>"


def _resting(gr, words: str) -> tuple:
    """The page when nothing runs."""
    return gr.update(visible=True), gr.update(visible=False), _said(words), gr.skip(), gr.skip(), gr.skip()


def _said(words: str) -> str:
    return f"<p class='said' role='status'>{escape(words)}</p>"


def _bar(step: Step) -> str:
    """A stage, how far it is and the time left; a bar without an end moves to and fro."""
    share = f"--share:{100 * step.done / step.total:.1f}%" if step.total else ""
    count = f"{step.done} of {step.total}" if step.total else ""
    words = "".join(f"<span>{escape(part)}</span>" for part in (step.stage, step.left or count))
    kind = "bar" if step.total else "bar unknown"
    return f"<div class='{kind}' style='{share}' role='progressbar'><i></i></div><p class='said'>{words}</p>"


@contextmanager
def _errors_shown(gr) -> Iterator[None]:
    """Turns an error with a hint into the page's own, which stays until it is read."""
    try:
        yield
    except KeepsakeError as error:
        words = " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in (str(error), error.hint) if part)
        raise gr.Error(escape(words), duration=None, print_exception=False) from error
    except gr.Error:
        raise
    except Exception as error:
        traceback.print_exc()
        raise gr.Error(UNEXPECTED, duration=None, print_exception=False) from error


def _sent(event, name: str):
    """What an event of the page carries under `name`; raises OptionError if it does not."""
    sent = getattr(event, "_data", None)
    if not isinstance(sent, dict) or name not in sent:
        raise OptionError("the page sent something it should not have", hint="load the page again")
    return sent[name]
