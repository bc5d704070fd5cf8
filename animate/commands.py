"""What each command of `keepsake` asks for and does; a new command is a line in COMMANDS and two small functions.

Conventions: `arguments(parser)` declares, `run(args)` does it and gives an Answer. Progress is drawn on stderr. The rooms are
imported where they are used, so that `keepsake --help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from animate.errors import OptionError, OutputError
from animate.options import Options, check, choices
from animate.progress import Pace, Progress

ANNOTATED = 2400  # longest side in pixels of the picture that `faces -o` draws


class UsageError(Exception):
    """A command line that cannot be understood; `hint` says where help is."""

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Answer:
    """What a command has to say: `data` for a program, `words` (lines) for a person."""

    data: dict
    words: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """One command of the command line."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Answer]


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A Progress on stderr that is taken away again at the end, whatever happens."""
    shown = Progress(label, sys.stderr)
    try:
        yield shown
    finally:
        shown.clear()


def _photo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    movement = parser.add_mutually_exclusive_group()
    movement.add_argument(
        "gesture",
        nargs="?",
        metavar="GESTURE",
        help="what the face does: a name from `keepsake gestures`, or a motion card of your own; breath if none is given",
    )
    movement.add_argument(
        "--driver", type=Path, metavar="VIDEO", help="take the movement from this video of a face instead"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the clip: .mp4, .gif or .webp (default: NAME-keepsake.mp4 here)",
    )
    parser.add_argument("--force", action="store_true", help="replace a clip that is already there")
    for name, kind, default, about in choices():
        parser.add_argument(
            f"--{name}",
            type=_reader(name, kind),
            default=default,
            choices=about["among"] or None,
            metavar=None if about["among"] else name.upper(),
            help=f"{about['help'].replace('%', '%%')} (default: {default if default != '' else 'none'})",
        )


def _photo(args: argparse.Namespace) -> Answer:
    from animate import pipeline

    options = Options(**{name: getattr(args, name) for name, *_ in choices()})
    driver = args.driver or args.gesture or "breath"
    sources = [args.photo, Path(driver)]
    out = _output(args.output, f"{args.photo.stem}-keepsake.mp4", sources, force=args.force)
    pace = Pace()
    with progress("reading movement") as shown:
        clip = pipeline.animate(args.photo, driver, options=options, on_frame=shown)
    with progress("animating") as shown:
        out = pipeline.save(clip, out, quality=options.quality, on_frame=shown)
    took = round(pace.elapsed(), 2)
    data = {
        "clip": str(out),
        "photo": str(args.photo),
        "gestures": {str(n): name for n, name in clip.record.gestures.items()},
        "frames": clip.count,
        "fps": clip.fps,
        "seconds": round(clip.count / clip.fps, 3),
        "width": clip.width,
        "height": clip.height,
        "took": took,
        "notes": list(clip.record.notes),
    }
    words = (
        f"{out}  {data['seconds']:.1f} seconds, {clip.width} x {clip.height}, made in {took:.0f} s",
        *clip.record.notes,
    )
    return Answer(data, words)


def _faces_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="also write the photograph with its faces outlined and numbered, as .png",
    )
    parser.add_argument("--force", action="store_true", help="replace a picture that is already there")
    for name in ("box", "finder"):
        known = next(choice for choice in choices() if choice[0] == name)
        parser.add_argument(
            f"--{name}",
            type=_reader(name, str),
            default=known[2],
            choices=known[3]["among"] or None,
            metavar=None if known[3]["among"] else name.upper(),
            help=known[3]["help"],
        )


def _faces(args: argparse.Namespace) -> Answer:
    from animate import pipeline

    out = args.output and _output(args.output, f"{args.photo.stem}-faces.png", [args.photo], force=args.force)
    photo = pipeline.read_photo(args.photo)
    portraits = pipeline.find_faces(photo, finder=args.finder, box=args.box)
    faces = [
        {
            "number": number,
            "box": [round(side) for side in portrait.face.box],
            "score": round(float(portrait.face.score), 3),
        }
        for number, portrait in enumerate(portraits, 1)
    ]
    data = {
        "photo": str(args.photo),
        "width": photo.width,
        "height": photo.height,
        "faces": faces,
        "notes": list(photo.notes),
    }
    words = [f"{face['number']}  {','.join(map(str, face['box']))}" for face in faces]
    if out:
        data["picture"] = str(_draw_faces(photo.pixels, [face["box"] for face in faces], out))
        words.append(data["picture"])
    return Answer(
        data,
        (f"{photo.width} x {photo.height} pixels; number and x,y,width,height of each face:", *words, *photo.notes),
    )


def _draw_faces(pixels, boxes: list[list[int]], out: Path) -> Path:
    from animate.outline import outline, shrink, write_png

    small, step = shrink(pixels, ANNOTATED)
    return write_png(out, outline(small, [[side / step for side in box] for box in boxes]))


def _gestures(args: argparse.Namespace) -> Answer:
    from animate import pipeline

    found = [
        {"name": name, "title": title, "description": description, "seconds": seconds}
        for name, title, description, seconds in pipeline.gestures()
    ]
    wide = max((len(gesture["name"]) for gesture in found), default=0)
    return Answer(
        {"gestures": found}, tuple(f"{g['name']:{wide}}  {g['seconds']:4.1f} s  {g['description']}" for g in found)
    )


def _record_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="a video of one face that starts and ends at rest")
    parser.add_argument("-o", "--output", type=Path, metavar="CARD", required=True, help="the motion card to write")
    parser.add_argument("--force", action="store_true", help="replace a card that is already there")


def _record(args: argparse.Namespace) -> Answer:
    from animate import pipeline

    out = _output(args.output, f"{args.video.stem}.card", [args.video], force=args.force)
    with progress("reading movement") as shown:
        card = pipeline.record(args.video, out, on_frame=shown)
    return Answer({"card": str(card), "video": str(args.video)}, (f"{card}",))


def _bench_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help="the folder with clips.csv and stills.csv"
    )
    parser.add_argument("--quick", action="store_true", help="a small sample, for a first impression")


def _bench(args: argparse.Namespace) -> Answer:
    from animate.evaluate import bench

    figures = bench.bench(args.data, quick=args.quick)
    return Answer(figures, (bench.table(figures),))


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("keypoints",), help="which network")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="sizes, steps and rates, as .toml")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help="the folder with clips.csv and stills.csv"
    )
    parser.add_argument("--fresh", action="store_true", help="begin again instead of where the last run stopped")


def _train(args: argparse.Namespace) -> Answer:
    from animate.train import trainer

    path = trainer.train(
        args.kind,
        args.config,
        args.data,
        resume=not args.fresh,
        say=lambda words: print(words, file=sys.stderr, flush=True),
    )
    return Answer({"weights": str(path), "kind": args.kind}, (f"{path}",))


def _reader(name: str, kind: type) -> Callable[[str], object]:
    """Turns the text of an option into its value; argparse shows what is wrong with one that does not fit."""

    def read(text: str):
        try:
            value = kind(text)
            check(name, value)
        except OptionError as error:
            raise argparse.ArgumentTypeError("; ".join(filter(None, (str(error), error.hint)))) from error
        return value

    read.__name__ = {float: "number", int: "whole number"}.get(kind, "text")
    return read


def _output(wanted: Path | None, name: str, sources: list[Path], *, force: bool) -> Path:
    """Where to write: `wanted`, or `name` inside it if it is a folder, or `name` here; raises OutputError rather than lose a file."""
    out = Path(name) if wanted is None else wanted / name if wanted.is_dir() else wanted
    if any(
        out.resolve() == source.resolve() or (out.exists() and source.exists() and out.samefile(source))
        for source in sources
    ):
        raise OutputError(f"{out} is what the clip is made from", hint="give the result another name with -o")
    if out.exists() and not force:
        raise OutputError(f"{out} is already there", hint="--force replaces it, -o gives the new one another name")
    if not out.parent.is_dir():
        raise OutputError(f"there is no folder {out.parent}", hint="make it first, or choose another with -o")
    return out


def _weights_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "get", "import"),
        default="list",
        help="list them (default), get NAME, or import FILE --as NAME",
    )
    parser.add_argument("what", nargs="?", metavar="NAME or FILE", help="which to get, or the file to import")
    parser.add_argument("--as", dest="name", metavar="NAME", help="which weights the imported file is")


def _weights(args: argparse.Namespace) -> Answer:
    from animate import weights

    if args.action == "list":
        found = weights.status()
        return Answer({"weights": found}, tuple("  ".join(str(value) for value in entry.values()) for entry in found))
    if not args.what or (args.action == "import" and not args.name):
        raise UsageError(
            f"weights {args.action} needs more", "keepsake weights get NAME, or keepsake weights import FILE --as NAME"
        )
    if args.action == "import":
        path = weights.import_file(Path(args.what), args.name)
    else:
        with progress(f"getting {args.what}") as shown:
            path = weights.get(args.what, on_bytes=shown)
    return Answer({"name": args.name or args.what, "path": str(path)}, (f"{path}",))


COMMANDS = (
    Command("photo", "animate a photograph", _photo_arguments, _photo),
    Command("faces", "list the faces of a photograph", _faces_arguments, _faces),
    Command("gestures", "list what a face can do", lambda parser: None, _gestures),
    Command("record", "make a motion card from a video of a face", _record_arguments, _record),
    Command("weights", "list, get or import the networks' files", _weights_arguments, _weights),
    Command("train", "train a network", _train_arguments, _train),
    Command("bench", "measure quality and speed against simple baselines", _bench_arguments, _bench),
)
