"""One job's clip, from the files in the job's folder: as the command line makes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from animate.interfaces import answers
from animate.interfaces.http.order import Order
from animate.interfaces.job import ProgressCallback
from animate.interfaces.progress import Eta

PHOTO, DRIVER = "photo", "driver"  # folders of a job's uploads
Make = Callable[[Order, Path, Path, int, ProgressCallback], dict[str, Any]]


def make(order: Order, folder: Path, out: Path, threads: int, report: ProgressCallback) -> dict[str, Any]:
    """Writes the clip and its citations; what the command line answers about them.

    Args:
        order: what was asked for.
        folder: the job's folder, with what was uploaded.
        out: the folder for what is made.
        threads: processor cores to use, 0 all.
        report: called with (stage, done, total); may raise Cancelled, and nothing is left behind then.

    Raises:
        KeepsakeError: with a hint.
    """
    from animate import api
    from animate.interfaces.web.work import model

    pace, options = Eta(), order.options(threads)
    path = out / f"{Path(order.photo).stem}-keepsake{order.ending}"
    report("Getting ready", 0, 0)
    api.check(path, overwrite=True, sound=options.sound == "keep")
    clip = api.clip(
        folder / PHOTO / order.photo,
        folder / DRIVER / order.driver if order.driver else order.gesture,
        model=model(options.model),
        options=options,
        on_frame=lambda done, total: report("Following the video", done, total),
    )
    report("Animating", 0, clip.count)
    api.save(clip, path, overwrite=True, on_frame=lambda done, total: report("Animating", done, total))
    return answers.clip(order.photo, clip, path.name, pace.elapsed())
