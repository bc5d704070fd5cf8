"""What each command of `keepsake` asks for and does; a new command is a line in COMMANDS and two small functions.

Conventions: `_x_arguments(parser)` declares, `_x(args)` does it and gives a Result. The rooms are imported where they
are used, so that `keepsake --help` answers at once.
"""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import animate
from animate.core.errors import OptionError, OutputError
from animate.core.options import BUNDLED_MODEL, choices
from animate.interfaces import answers
from animate.interfaces.cli.album import ALBUM
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    add_option_arguments,
    add_output_argument,
    local_file,
    options_of,
    output,
    progress,
    same_file,
    whole_number,
)
from animate.interfaces.cli.check import CHECK
from animate.interfaces.cli.serve import SERVE
from animate.interfaces.cli.sheet import SHEET
from animate.interfaces.cli.weights import weights_arguments
from animate.interfaces.progress import Eta

ANNOTATED = 2400  # longest side in pixels of the picture that `faces -o` draws
EXAMPLE = Path("examples") / "old_print.jpg"  # offered by the page where the package lies in its source folder
GESTURE = "what the face does: a name from `keepsake gestures`, or a gesture file; classic if none is given"


def _photo_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=local_file, metavar="PHOTO", help="the photograph")
    movement = parser.add_mutually_exclusive_group()
    movement.add_argument("gesture", nargs="?", metavar="GESTURE", help=GESTURE)
    movement.add_argument("--driver", type=_driver, metavar="VIDEO", help="take the movement from this video of a face")
    help = "up to 8 further photographs of the same person: teeth, closed lids, the other side of the face"
    parser.add_argument("--more", type=local_file, nargs="+", action="extend", default=[], metavar="PHOTO", help=help)
    add_output_argument(parser, "OUT", "the clip: .mp4, .gif or .webp (default: NAME-keepsake.mp4 here)")
    help = "also write a picture, .png, that shows in colour what is painted rather than moved"
    parser.add_argument("--synthesis-map", type=Path, metavar="OUT", help=help)
    parser.add_argument("--invention", dest="synthesis_map", type=Path, help=SUPPRESS)  # names before 0.2
    parser.add_argument("--slate", dest="end_card", default=SUPPRESS, help=SUPPRESS)
    add_option_arguments(parser, (name for name, *_ in choices()))


def _driver(text: str) -> str | Path:
    """An address on the web stays as it was typed, so that it can be named."""
    return text if "://" in text else local_file(text)


def _photo(args: Namespace) -> Result:
    from animate import api
    from animate.core import process
    from animate.pipeline.saving import outputs

    process.own()
    options = options_of(args)
    driver = args.driver or args.gesture or "classic"
    sources = [args.photo, Path(driver), *args.more]
    named = f"{args.photo.stem}-keepsake.mp4"
    out = output(args.output, named, sources, force=args.force, others=lambda out: outputs(out)[:-1])
    api.check(out, overwrite=args.force, sound=options.sound == "keep")
    map_in = args.synthesis_map and _synthesis_map(args, sources, outputs(out))
    pace = Eta()
    with progress("reading movement") as shown, progress("making faces sharper") as tiles:
        steps = {"on_frame": shown, "on_tile": tiles}
        clip = api.clip(args.photo, driver, options=options, more=args.more, **steps)
    with progress("animating") as shown:
        out = api.save(clip, out, overwrite=args.force, on_frame=shown)
    if map_in:
        api.save_synthesis_map(clip, map_in)
    return _photo_result(args.photo, clip, out, map_in, pace.elapsed())


def _photo_result(photo: Path, clip: animate.Clip, out: Path, map_in: Path | None, took: float) -> Result:
    about, seconds = clip.provenance, clip.count / clip.fps
    data = answers.clip(str(photo), clip, str(out), took) | ({"synthesis_map": str(map_in)} if map_in else {})
    painted = f", up to {about.synthesized:.1f} % of the face painted" if about.synthesized else ""
    line = f"{out}  {seconds:.1f} seconds, {clip.width} x {clip.height}{painted}, made in {took:.0f} s"
    return Result(data, (line, *([str(map_in)] if map_in else []), *about.notes))


def _synthesis_map(args: Namespace, sources: list[Path], clip: Sequence[Path]) -> Path:
    """Where the picture of what is painted goes; raises OutputError, or OptionError where no such picture is made."""
    out = output(args.synthesis_map, f"{args.photo.stem}-synthesis-map.png", sources, force=args.force)
    if any(same_file(out, file) for file in clip):
        raise OutputError(f"{out} is the clip's, or its citation's", hint="give the picture a name of its own")
    if out.suffix.lower() != ".png":
        raise OutputError(
            f"{out.name}: the picture of what is painted is a PNG", hint="give it a name that ends in .png"
        )
    if args.model != BUNDLED_MODEL:
        raise OptionError(
            f"{args.model} does not tell which part is painted",
            hint="leave --synthesis-map out, or use the model keepsake",
        )
    return out


def _faces_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=local_file, metavar="PHOTO", help="the photograph")
    add_output_argument(parser, "OUT", "also write the photograph with its faces outlined and numbered, as .png")
    add_option_arguments(parser, ("box", "finder", "page"))


def _faces(args: Namespace) -> Result:
    from animate import api

    out = args.output and output(args.output, f"{args.photo.stem}-faces.png", [args.photo], force=args.force)
    photo = api.read_photo(args.photo, page=args.page)
    data = answers.faces(str(args.photo), photo, api.find_faces(photo, finder=args.finder, box=args.box))
    boxes = [face["box"] for face in data["faces"]]
    lines = [f"{photo.width} x {photo.height} pixels; number and x,y,width,height of each face:"]
    lines += [f"{number}  {','.join(map(str, box))}" for number, box in enumerate(boxes, 1)]
    if out:
        data["picture"] = str(_draw_faces(photo.pixels, boxes, out))
        lines.append(data["picture"])
    return Result(data, (*lines, *photo.notes))


def _draw_faces(pixels, boxes: Sequence[Sequence[int]], out: Path) -> Path:
    from animate.photo.preview import outline, preview, write_png

    small = preview(pixels, ANNOTATED)
    share = small.shape[1] / pixels.shape[1]
    return write_png(out, outline(small, [[side * share for side in box] for box in boxes]))


def _gestures(args: Namespace) -> Result:
    data = answers.gestures()
    listed = data["gestures"]
    wide = max((len(gesture["name"]) for gesture in listed), default=0)
    lines = (f"{gesture['name']:{wide}}  {gesture['seconds']:4.1f} s  {gesture['description']}" for gesture in listed)
    return Result(data, tuple(lines))


def _record_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("video", type=local_file, metavar="VIDEO", help="a video of a face")
    add_output_argument(parser, "FILE", "the gesture file to write, NAME.card", required=True)
    add_option_arguments(parser, ("driver_face", "start", "end", "threads"))


def _record(args: Namespace) -> Result:
    from animate import api

    out = output(args.output, f"{args.video.stem}.card", [args.video], force=args.force)
    with progress("reading movement") as shown:
        card = api.record_gesture(args.video, out, options=options_of(args), on_frame=shown)
    return Result({"card": str(card), "video": str(args.video)}, (f"{card}",))


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=local_file, metavar="FILE", help="a clip or a picture, made by anyone")
    parser.add_argument("--photo", type=local_file, metavar="PHOTO", help="also compare it with this photograph")


def _verify(args: Namespace) -> Result:
    from animate import api
    from animate.provenance.verify import outcome

    verdict = api.verify(args.file, photo=args.photo)
    return Result(asdict(verdict), verdict.lines, outcome(verdict))


def _page_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=whole_number(1, 65535), help="default: the first free one from 7860 on")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")


def _page(args: Namespace) -> Result:
    from animate.interfaces.web import page

    example = Path(animate.__file__).parents[1] / EXAMPLE
    page.launch(port=args.port, browser=not args.no_browser, example=example if example.is_file() else None)
    return Result({}, ())


COMMANDS = (
    Command("photo", "animate a photograph", _photo_arguments, _photo),
    ALBUM,
    CHECK,
    Command("faces", "list the faces of a photograph", _faces_arguments, _faces),
    Command("gestures", "list what a face can do", lambda parser: None, _gestures),
    SHEET,
    Command("record", "make a gesture file from a video of a face", _record_arguments, _record),
    Command(
        "verify",
        "list the marks that a clip carries; exit code 0 marked, 1 no mark found, 2 something does not fit",
        _verify_arguments,
        _verify,
    ),
    Command("page", "open the page in the browser, which only this computer can reach", _page_arguments, _page),
    SERVE,
    Command("weights", "list, get or import the networks' files", weights_arguments, lambda args: args.action(args)),
)
