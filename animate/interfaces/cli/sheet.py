"""`keepsake sheet`: every movement on one face of a photograph, small, in one picture or one moving picture."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core.errors import NoFace, OutputError
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    add_option_arguments,
    add_output_argument,
    output,
    progress,
)

if TYPE_CHECKING:
    import numpy as np

    from animate.core.types import Clip

ENDINGS = (".png", ".gif", ".webp", ".mp4")


def sheet_arguments(parser: ArgumentParser) -> None:
    """Declares what `keepsake sheet` asks for."""
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    add_output_argument(parser, "OUT", "the sheet: .png, .gif, .webp or .mp4 (default: NAME-sheet.png here)")
    parser.add_argument("--face", type=int, default=1, metavar="N", help="which face; `keepsake faces` lists them")
    add_option_arguments(parser, ("box", "finder", "page"))


def sheet(args: Namespace) -> Result:
    """Renders every movement small, one after another, and writes them on one sheet."""
    from animate import api
    from animate.interfaces.preview import preview_clip

    out = output(args.output, f"{args.photo.stem}-sheet.png", [args.photo], force=args.force)
    if out.suffix.lower() not in ENDINGS:
        raise OutputError(f"{out.name}: unknown kind of sheet", hint=f"end the name in {', '.join(ENDINGS)}")
    photo, model = api.read_photo(args.photo, page=args.page), api.load()
    portraits = api.find_faces(photo, finder=args.finder, box=args.box, model=model)
    if not 1 <= args.face <= len(portraits):
        raise NoFace(f"there is no face {args.face}; {len(portraits)} found", hint="1 is the largest face")
    gestures = api.gestures()
    clips = [preview_clip(photo, portraits[args.face - 1], name, model) for name, *_ in gestures]
    whole = on_one_sheet(clips, [title for _, title, *_ in gestures], still=out.suffix.lower() == ".png")
    with progress("animating") as shown:
        if whole.count == 1:
            _write_still(whole, out)
        else:
            out = api.save(whole, out, overwrite=args.force, on_frame=shown)
    names = [name for name, *_ in gestures]
    return Result({"sheet": str(out), "photo": str(args.photo), "face": args.face, "gestures": names}, (str(out),))


def on_one_sheet(clips: list[Clip], titles: list[str], *, still: bool) -> Clip:
    """A clip of one frame with every movement where it is strongest, or one that plays them side by side."""
    from animate.interfaces.preview import FPS, SIDE
    from animate.photo import contact_sheet

    paper = contact_sheet.blank(titles, side=SIDE)

    def frames() -> Iterator[np.ndarray]:
        for pictures in [[strongest(clip) for clip in clips]] if still else together(clips):
            sheet = paper.copy()
            contact_sheet.fill(sheet, pictures, side=SIDE)
            yield sheet

    height, width = paper.shape[:2]
    record = replace(clips[0].provenance, gestures={1: "every movement"}, synthesized=0.0)
    count = 1 if still else max(clip.count for clip in clips)
    return replace(
        clips[0], width=width, height=height, fps=float(FPS), count=count, render=frames, provenance=record, photo=None
    )


def together(clips: list[Clip]) -> Iterator[list[np.ndarray]]:
    """The frames of all clips side by side; one that has ended rests on its last frame, which is the photograph."""
    streams = [clip.frames() for clip in clips]
    held: list[np.ndarray] = []
    for _ in range(max(clip.count for clip in clips)):
        held = [next(stream, held[number] if held else None) for number, stream in enumerate(streams)]
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
