"""What each command of `keepsake` asks for and does; a new command is a line in COMMANDS and two small functions.

Conventions: `_x_arguments(parser)` declares, `_x(args)` does it and gives an Answer. The rooms are imported where they
are used, so that `keepsake --help` answers at once.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from animate.core.errors import OptionError, OutputError
from animate.core.options import Options, choices
from animate.interfaces.cli.arguments import (
    Command,
    Result,
    UsageError,
    add_option_arguments,
    add_output_argument,
    output,
    progress,
)
from animate.interfaces.progress import Eta

ANNOTATED = 2400  # longest side in pixels of the picture that `faces -o` draws
GESTURE = "what the face does: a name from `keepsake gestures`, or a card of your own; breath if none is given"
DATA = "the folder with clips.csv and stills.csv"


def _photo_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    movement = parser.add_mutually_exclusive_group()
    movement.add_argument("gesture", nargs="?", metavar="GESTURE", help=GESTURE)
    movement.add_argument("--driver", type=Path, metavar="VIDEO", help="take the movement from this video of a face")
    add_output_argument(parser, "OUT", "the clip: .mp4, .gif or .webp (default: NAME-keepsake.mp4 here)")
    words = "also write a picture, .png, that shows in colour what is painted rather than moved"
    parser.add_argument("--invention", type=Path, metavar="OUT", help=words)
    add_option_arguments(parser, (name for name, *_ in choices()))


def _photo(args: Namespace) -> Result:
    from animate import api
    from animate.core import memory

    memory.one_heap()
    options = Options(**{name: getattr(args, name) for name, *_ in choices()})
    driver = args.driver or args.gesture or "breath"
    out = output(args.output, f"{args.photo.stem}-keepsake.mp4", [args.photo, Path(driver)], force=args.force)
    shown_in = args.invention and _invention(args, [args.photo, Path(driver), out])
    pace = Eta()
    with progress("reading movement") as shown:
        clip = api.animate(args.photo, driver, options=options, on_frame=shown)
    with progress("animating") as shown:
        out = api.save(clip, out, quality=options.quality, threads=options.threads, on_frame=shown)
    if shown_in:
        api.save_synthesis_map(clip, shown_in)
    took, seconds = pace.elapsed(), clip.count / clip.fps
    size = {"width": clip.width, "height": clip.height}
    length = {"frames": clip.count, "fps": clip.fps, "seconds": round(seconds, 3), "took": round(took, 2)}
    done = {
        "gestures": {str(number): name for number, name in clip.provenance.gestures.items()},
        "invented": clip.provenance.invented,
        "notes": list(clip.provenance.notes),
    } | ({"invention": str(shown_in)} if shown_in else {})
    data = {"clip": str(out), "photo": str(args.photo), **size, **length, **done}
    painted = f", up to {clip.provenance.invented:.1f} % of the face painted" if clip.provenance.invented else ""
    line = f"{out}  {seconds:.1f} seconds, {clip.width} x {clip.height}{painted}, made in {took:.0f} s"
    return Result(data, (line, *([str(shown_in)] if shown_in else []), *clip.provenance.notes))


def _invention(args: Namespace, others: list[Path]) -> Path:
    """Where the picture of what is painted goes; raises OutputError, or OptionError where no such picture is made."""
    out = output(args.invention, f"{args.photo.stem}-invention.png", others, force=args.force)
    if out.suffix.lower() != ".png":
        raise OutputError(
            f"{out.name}: the picture of what is painted is a PNG", hint="give it a name that ends in .png"
        )
    if args.model != "keepsake":
        raise OptionError(
            f"{args.model} does not tell which part is painted", hint="leave --invention out, or use the model keepsake"
        )
    return out


def _faces_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photograph")
    add_output_argument(parser, "OUT", "also write the photograph with its faces outlined and numbered, as .png")
    add_option_arguments(parser, ("box", "finder"))


def _faces(args: Namespace) -> Result:
    from animate import api

    out = args.output and output(args.output, f"{args.photo.stem}-faces.png", [args.photo], force=args.force)
    photo = api.read_photo(args.photo)
    faces = [portrait.face for portrait in api.find_faces(photo, finder=args.finder, box=args.box)]
    boxes = [[round(side) for side in face.box] for face in faces]
    scores = [round(float(face.score), 3) for face in faces]
    listed = [
        {"number": n, "box": b, "score": s} for n, b, s in zip(range(1, len(faces) + 1), boxes, scores, strict=True)
    ]
    size = {"width": photo.width, "height": photo.height}
    data = {"photo": str(args.photo), **size, "faces": listed, "notes": list(photo.notes)}
    words = [f"{photo.width} x {photo.height} pixels; number and x,y,width,height of each face:"]
    words += [f"{number}  {','.join(map(str, box))}" for number, box in enumerate(boxes, 1)]
    if out:
        data["picture"] = str(_draw_faces(photo.pixels, boxes, out))
        words.append(data["picture"])
    return Result(data, (*words, *photo.notes))


def _draw_faces(pixels, boxes: list[list[int]], out: Path) -> Path:
    from animate.photo.preview import outline, preview, write_png

    small = preview(pixels, ANNOTATED)
    share = small.shape[1] / pixels.shape[1]
    return write_png(out, outline(small, [[side * share for side in box] for box in boxes]))


def _gestures(args: Namespace) -> Result:
    from animate import api

    keys = ("name", "title", "description", "seconds")
    found = [dict(zip(keys, gesture, strict=True)) for gesture in api.gestures()]
    wide = max((len(gesture["name"]) for gesture in found), default=0)
    words = (f"{gesture['name']:{wide}}  {gesture['seconds']:4.1f} s  {gesture['description']}" for gesture in found)
    return Result({"gestures": found}, tuple(words))


def _record_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="a video of one face")
    add_output_argument(parser, "CARD", "the motion card to write, NAME.card", required=True)


def _record(args: Namespace) -> Result:
    from animate import api

    out = output(args.output, f"{args.video.stem}.card", [args.video], force=args.force)
    with progress("reading movement") as shown:
        card = api.record_gesture(args.video, out, on_frame=shown)
    return Result({"card": str(card), "video": str(args.video)}, (f"{card}",))


def _weights_arguments(parser: ArgumentParser) -> None:
    actions = ("list", "get", "import")
    words = "list (default), get NAME, import FILE --as NAME"
    parser.add_argument("action", nargs="?", choices=actions, default="list", help=words)
    parser.add_argument("what", nargs="?", metavar="NAME or FILE", help="which to get, or the file to import")
    parser.add_argument("--as", dest="name", metavar="NAME", help="which weights the imported file is")
    parser.add_argument(
        "--config", type=Path, metavar="YAML", help="the configuration published with a checkpoint, for vox and vox-adv"
    )


def _weights(args: Namespace) -> Result:
    from animate.core import weights

    if args.action == "list":
        found = weights.status()
        return Result({"weights": found}, tuple(_weights_line(entry) for entry in found))
    if not args.what or (args.action == "import" and not args.name):
        hint = "keepsake weights get NAME, or keepsake weights import FILE --as NAME"
        raise UsageError(f"weights {args.action} needs more", hint)
    notes: tuple[str, ...] = ()
    if args.action == "import":
        path, notes = _import(Path(args.what), args.name, args.config)
    else:
        with progress(f"getting {args.what}") as shown:
            path = weights.get(args.what, on_bytes=shown)
    data = {"name": args.name or args.what, "path": str(path), "notes": list(notes)}
    return Result(data, (f"{path}", *notes))


def _import(file: Path, name: str, config: Path | None) -> tuple[Path, tuple[str, ...]]:
    """A file as it is, or the networks in a published checkpoint: where they lie now, and what was found."""
    from animate.core import weights
    from animate.fomm import animate

    if name in animate.NAMES:
        path = weights.place(name)
        return path, animate.import_weights(file, path, name, config)
    if config:
        raise UsageError(f"{name} has no configuration", "--config belongs to " + " and ".join(animate.NAMES))
    return weights.import_file(file, name), ()


def _weights_line(entry: dict) -> str:
    words = f"{entry['name']}  {entry['state']}  {entry['about']}"
    return f"{words}\n  {entry['hint']}" if entry["hint"] else words


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a clip or a picture, made by anyone")
    parser.add_argument("--photo", type=Path, metavar="PHOTO", help="also say whether it was made from this photograph")


def _verify(args: Namespace) -> Result:
    from animate import api
    from animate.provenance.verify import outcome

    verdict = api.verify(args.file, photo=args.photo)
    return Result(asdict(verdict), verdict.lines, outcome(verdict))


def _train_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=("keypoints", "shade", "motion", "fomm", "matte"), help="which network")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="sizes, steps and rates, as .toml")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help=DATA)
    parser.add_argument("--fresh", action="store_true", help="begin again instead of where the last run stopped")


def _train(args: Namespace) -> Result:
    from animate.train import trainer

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    path = trainer.train(args.kind, args.config, args.data, resume=not args.fresh, say=say)
    return Result({"weights": str(path), "kind": args.kind}, (f"{path}",))


def _bench_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help=DATA + "; without it only speed is measured")
    parser.add_argument("--quick", action="store_true", help="a small sample, for a first impression")
    parser.add_argument("--ablate", action="store_true", help="also ours without each of its parts")
    parser.add_argument(
        "--model",
        choices=("keepsake", "vox", "vox-adv"),
        default="keepsake",
        help="vox: the speed of the published model instead, with random weights",
    )
    parser.add_argument(
        "--marks",
        type=Path,
        metavar="DIR",
        help="instead: what the invisible mark survives, on the photographs in this folder",
    )


def _bench(args: Namespace) -> Result:
    if args.model != "keepsake":
        from animate.fomm.benchmark import measure

        found = measure()
        return Result({"fomm": found}, tuple(f"{name.replace('_', ' ')}  {value:.4g}" for name, value in found.items()))
    if args.marks:
        from animate.evaluate import watermark

        with progress("photographs") as shown:
            outcomes = watermark.bench(args.marks, most=4 if args.quick else 0, on_photo=shown)
        return Result({"marks": [asdict(outcome) for outcome in outcomes]}, (watermark.table(outcomes),))
    from animate.evaluate import bench

    figures = bench.bench(
        args.data, quick=args.quick, ablate=args.ablate, say=lambda words: print(words, file=sys.stderr, flush=True)
    )
    return Result(figures, (bench.table(figures),))


COMMANDS = (
    Command("photo", "animate a photograph", _photo_arguments, _photo),
    Command("faces", "list the faces of a photograph", _faces_arguments, _faces),
    Command("gestures", "list what a face can do", lambda parser: None, _gestures),
    Command("record", "make a motion card from a video of a face", _record_arguments, _record),
    Command("weights", "list, get or import the networks' files", _weights_arguments, _weights),
    Command(
        "verify",
        "say which marks a clip carries; exit code 0 marked, 1 no mark found, 2 something does not fit",
        _verify_arguments,
        _verify,
    ),
    Command("train", "train a network", _train_arguments, _train),
    Command("bench", "measure quality and speed against simple baselines", _bench_arguments, _bench),
)
