"""The command `keepsake check PHOTO`: what a photograph is good for, before it is animated, and which switch helps.

With --enhance or --repair it also writes a picture of the photograph before and after.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from animate.core.errors import OptionError
from animate.core.types import Photo, Portrait
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    add_option_arguments,
    add_output_argument,
    local_file,
    options_of,
    output,
    progress,
)

_SWITCHES = {
    "dark": "--repair lightens it a little",
    "faded": "--repair gives its contrast back",
    "pages": "--page N takes another page",
    "no face": "--box x,y,width,height gives a face by hand",
    "small": "scan it again at a higher resolution; --frame face shows it closer",
    "coarse": "scan it again at a higher resolution; --enhance sharpens it, --frame face shows it closer",
    "profile": "the gesture nod or breath, or --head 0.5",
    "closed": "the gesture smile or nod rather than blink",
    "cut": "--head 0.5 holds it stiller",
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=local_file, metavar="PHOTO", help="the photograph")
    help = "the picture of before and after, .png, with --enhance or --repair (default: NAME-before-after.png here)"
    add_output_argument(parser, "OUT", help)
    add_option_arguments(parser, ("page", "faces", "box", "finder", "enhance", "repair", "threads"))


def _check(args: Namespace) -> Result:
    from animate import api
    from animate.pipeline.photo_check import findings, turned_faces

    out = _picture(args)
    photo = api.read_photo(args.photo, page=args.page)
    faces, missing = turned_faces(photo, lambda seen: api.find_faces(seen, finder=args.finder, box=args.box))
    found = [*([missing] if missing else []), *findings(photo, faces)]
    listed = [asdict(finding) | {"switch": _SWITCHES.get(finding.kind, "")} for finding in found]
    data = {
        "photo": str(args.photo),
        "width": photo.width,
        "height": photo.height,
        "faces": len(faces),
        "findings": listed,
    }
    lines = (_summary(photo.width, photo.height, len(faces)), *map(_line, listed), *_verdict(found, faces))
    if out:
        edits = _show(photo, faces, out, args)
        data |= {"picture": str(out), "edits": edits}
        lines += (str(out), *(edits or ["nothing had to be done to it"]))
    return Result(data, lines)


def _picture(args: Namespace) -> Path | None:
    """Where the picture of before and after goes; None where none is wanted."""
    if not (args.enhance or args.repair):
        if args.output:
            raise OptionError("nothing is to be done to the photograph", hint="add --repair, --enhance or both")
        return None
    return output(args.output, f"{args.photo.stem}-before-after.png", [args.photo], force=args.force)


def _show(photo: Photo, faces: tuple[Portrait, ...], out: Path, args: Namespace) -> list[str]:
    """Writes the picture of before and after; returns what was done."""
    from animate import api
    from animate.photo.before_after import before_after
    from animate.photo.preview import write_png

    with progress("making faces sharper") as tiles:
        after = api.prepare(photo, options=options_of(args), portraits=faces, on_tile=tiles)
    box = faces[0].face.box if faces else None
    write_png(out, before_after(photo.pixels, after.pixels, box, whole=args.repair or box is None))
    return [edit.description for edit in after.edits]


def _summary(width: int, height: int, count: int) -> str:
    return f"{width} x {height} pixels, {count or 'no'} face{'' if count == 1 else 's'}"


def _line(finding: dict) -> str:
    help = finding["switch"] or finding["advice"]
    return f"- {finding['text']}" + (f" ({help})" if help else "")


def _verdict(found: list, faces: tuple) -> tuple[str, ...]:
    return () if found or not faces else ("nothing stands in the way of a good clip",)


CHECK = Command(
    "check", "check a photograph before it is animated: what will be poor, and what helps", _arguments, _check
)
