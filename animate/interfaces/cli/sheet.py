"""`keepsake sheet`: every movement on one face of a photograph, small, in one picture or one moving picture."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core.errors import NoFace, OutputError
from animate.core.protocols import ProgressCallback
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    add_option_arguments,
    add_output_argument,
    local_file,
    output,
    progress,
)

if TYPE_CHECKING:
    import numpy as np

    from animate.core.types import Clip

ENDINGS = (".png", ".gif", ".webp", ".mp4")


def sheet_arguments(parser: ArgumentParser) -> None:
    """Declares what `keepsake sheet` asks for."""
    parser.add_argument("photo", type=local_file, metavar="PHOTO", help="the photograph")
    add_output_argument(parser, "OUT", "the sheet: .png, .gif, .webp or .mp4 (default: NAME-sheet.png here)")
    parser.add_argument("--face", type=int, default=1, metavar="N", help="which face; `keepsake faces` lists them")
    add_option_arguments(parser, ("box", "finder", "page"))


def sheet(args: Namespace) -> Result:
    """Renders every movement small, one after another, and writes them on one sheet."""
    from animate import api

    out = output(args.output, f"{args.photo.stem}-sheet.png", [args.photo], force=args.force)
    if out.suffix.lower() not in ENDINGS:
        raise OutputError(f"{out.name}: unknown kind of sheet", hint=f"end the name in {', '.join(ENDINGS)}")
    photo, model = api.read_photo(args.photo, page=args.page), api.load()
    portraits = api.find_faces(photo, finder=args.finder, box=args.box, model=model)
    if not 1 <= args.face <= len(portraits):
        raise NoFace(f"there is no face {args.face}; {len(portraits)} found", hint="1 is the largest face")
    gestures = api.gestures()
    previews = api.previews(photo, portraits[args.face - 1], model=model, threads=0)
    clips = [previews.clip(name) for name, *_ in gestures]
    titles = [title for _, title, *_ in gestures]
    with progress("animating") as shown:
        if out.suffix.lower() == ".png":
            _write_still(still(clips, titles, shown), out)
        else:
            out = api.save(moving(clips, titles), out, overwrite=args.force, on_frame=shown)
    names = [name for name, *_ in gestures]
    return Result({"sheet": str(out), "photo": str(args.photo), "face": args.face, "gestures": names}, (str(out),))


def still(clips: list[Clip], titles: list[str], on_clip: ProgressCallback) -> Clip:
    """A clip of one frame: every movement where it is strongest.

    Args:
        clips: the movements.
        titles: what stands below each.
        on_clip: called with (done, total) after each of them.
    """
    pictures = []
    for number, clip in enumerate(clips, 1):
        pictures.append(strongest(clip))
        on_clip(number, len(clips))
    return _on_paper(clips, titles, lambda: iter([pictures]), 1)


def moving(clips: list[Clip], titles: list[str]) -> Clip:
    """A clip that plays every movement side by side."""
    return _on_paper(clips, titles, lambda: together(clips), max(clip.count for clip in clips))


def _on_paper(
    clips: list[Clip], titles: list[str], pictures: Callable[[], Iterator[list[np.ndarray]]], count: int
) -> Clip:
    from animate.photo import contact_sheet
    from animate.pipeline.previews import FPS, SIDE

    paper = contact_sheet.blank(titles, side=SIDE)

    def frames() -> Iterator[np.ndarray]:
        for row in pictures():
            sheet = paper.copy()
            contact_sheet.fill(sheet, row, side=SIDE)
            yield sheet

    height, width = paper.shape[:2]
    record = replace(clips[0].provenance, gestures={1: "every movement"}, synthesized=0.0)
    return replace(
        clips[0], width=width, height=height, fps=float(FPS), count=count, render=frames, provenance=record, photo=None
    )


def together(clips: list[Clip]) -> Iterator[list[np.ndarray]]:
    """The frames of all clips side by side; one that has ended rests on its last frame, which is the photograph.

    The first frames, too, are the photographs, where they are known: nothing is rendered before they are taken.
    """
    held = [clip.photo.pixels if clip.photo else next(clip.frames()) for clip in clips]
    yield held
    streams = [islice(clip.frames(), 1, None) for clip in clips]
    for _ in range(max(clip.count for clip in clips) - 1):
        held = [next(stream, held[number]) for number, stream in enumerate(streams)]
        yield held


def strongest(clip: Clip) -> np.ndarray:
    """The frame that differs most from the first one."""
    stream = clip.frames()
    rest = best = next(stream)
    away: Callable = lambda frame: float(abs(frame.astype(float) - rest).mean())
    for frame in islice(stream, clip.count):
        best = max(best, frame, key=away)
    return best


def _write_still(clip: Clip, out: Path) -> None:
    """The one frame as a PNG, with the icon and the invisible mark of every clip, and signed."""
    from animate.photo.preview import write_png
    from animate.pipeline.marks import ProvenanceMarks

    marks = ProvenanceMarks(clip)
    write_png(out, next(marks.frames()))
    marks.sign(out)


SHEET = Command("sheet", "show every movement on a face, small, in one picture", sheet_arguments, sheet)
