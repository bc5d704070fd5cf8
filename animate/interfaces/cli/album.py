"""The command `keepsake album SCANS... -o CLIPS`: folders of photographs, resumable, with a page to open."""

from __future__ import annotations

import argparse
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from animate.core.errors import Cancelled, KeepsakeError, OptionError
from animate.core.options import choices
from animate.interfaces.cli import signals
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    add_option_arguments,
    local_file,
    options_of,
)
from animate.interfaces.progress import Progress

_OF_ONE_PHOTOGRAPH = ("box", "title", "names", "page", "more_anyway")
_SURPRISE = "this should not happen; please report it"
_WORKERS = (
    "photographs at once, each in a process; 0 works in this one (default: one for every 2 cores and 1.5 GB of memory)"
)
_CLUSTER = "make them on a Ray cluster: HOST:PORT of its head node, or local for one of this computer's own"
_TRANSPORT = (
    "how a cluster's nodes get photographs and give clips back: by the folders themselves, which every node sees "
    "under the same paths, or by Ray's object store (default: folder)"
)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("scans", type=local_file, nargs="+", metavar="SCANS", help="folders of photographs, or files")
    help = "the folder of the clips, with index.html and the record album.jsonl"
    parser.add_argument("-o", "--output", type=Path, metavar="CLIPS", required=True, help=help)
    help = "what the faces do: a name from `keepsake gestures`, or a gesture file; auto suits each head's turn"
    parser.add_argument("--gesture", default="auto", metavar="auto|NAME", help=help + " (default: auto)")
    parser.add_argument("--force", action="store_true", help="make what is finished again")
    parser.add_argument("--watch", action="store_true", help="go on and take new scans as they come, until Ctrl-C")
    parser.add_argument("--workers", type=_workers, metavar="N", help=_WORKERS)
    parser.add_argument("--cluster", default="", metavar="ADDRESS|local", help=_CLUSTER)
    parser.add_argument("--transport", default="folder", choices=("folder", "store"), help=_TRANSPORT)
    names = (name for name, _, _, about in choices() if about["group"] != "driver" and name not in _OF_ONE_PHOTOGRAPH)
    add_option_arguments(parser, names)


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) > 64:
        raise argparse.ArgumentTypeError("a number from 0 to 64")
    return int(text)


def _album(args: Namespace) -> Result:
    from animate.album.run import AUTO, Hooks, Order, run
    from animate.model.real_esrgan import load_real_esrgan
    from animate.pipeline import movement

    options = options_of(args)
    if args.gesture != AUTO and movement.gesture_named(args.gesture) is None:
        raise OptionError(f"{args.gesture} is no gesture", hint="an album takes gestures; a video moves one photograph")
    movement.check("classic", options.faces)
    if options.enhance:
        load_real_esrgan()  # so that a missing extra is said once, and not of every photograph
    if args.cluster and args.workers == 0:
        raise OptionError("a cluster works in processes of its own, --workers 0 in this one", hint="leave one out")
    chosen = args.gesture, options, args.force, args.workers, args.watch, args.cluster, args.transport
    order = Order(args.scans, args.output, *chosen)
    shown = Progress("album", sys.stderr)
    hooks = Hooks(work_or_report, lambda done, total, entry: _report(shown, done, total, entry), _tick, _sleep)
    try:
        count = run(order, hooks)
    finally:
        shown.clear()
    page = args.output / "index.html"
    data = {"page": str(page), "made": count.made, "skipped": count.skipped, "failed": count.failed}
    line = f"{page}  {count.made} made, {count.skipped} skipped, {count.failed} failed"
    nothing = count.failed > 0 and count.made + count.skipped == 0
    return Result(data, (line,), int(nothing))


def work_or_report(job, on_frame):
    """Makes one photograph; what should not happen is its failure too, so that the album goes on."""
    from animate.album.make import failed, make

    try:
        return make(job, on_frame)
    except (Cancelled, BrokenPipeError):
        raise
    except Exception as error:
        return failed(job, error, hint="" if isinstance(error, KeepsakeError) else _SURPRISE)


def _report(shown: Progress, done: int, total: int, entry) -> None:
    if entry.state == "failed":
        shown.clear()
        print("; ".join(filter(None, (f"{entry.photo}: {entry.reason}", entry.hint))), file=sys.stderr, flush=True)
    shown(done, total)


def _tick() -> None:
    signals.raise_pending()


def _sleep(seconds: float) -> None:
    """Waits; a signal raises out of it."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        signals.raise_pending()
        time.sleep(min(left, 0.2))


ALBUM = Command(
    "album",
    "animate folders of photographs, resumable, with a page that shows them; exit code 1 if none could be made",
    _arguments,
    _album,
)
