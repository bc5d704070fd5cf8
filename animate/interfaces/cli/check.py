"""The command `keepsake check PHOTO`: what a photograph is good for, before it is animated, and which switch helps."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from animate.interfaces.cli.arguments import Command, Result, add_option_arguments

_SWITCHES = {
    "pages": "--page N takes another page",
    "no face": "--box x,y,width,height gives a face by hand",
    "small": "scan it again at a higher resolution; --frame face shows it closer",
    "coarse": "scan it again at a higher resolution; --frame face shows it closer",
    "profile": "the gesture nod or breath, or --head 0.5",
    "closed": "the gesture smile or nod rather than blink",
    "cut": "--head 0.5 holds it stiller",
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    add_option_arguments(parser, ("box", "finder", "page"))


def _check(args: Namespace) -> Result:
    from animate import api
    from animate.pipeline.photo_check import findings, turned_faces

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
    return Result(data, (_summary(photo.width, photo.height, len(faces)), *map(_line, listed), *_verdict(found, faces)))


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
