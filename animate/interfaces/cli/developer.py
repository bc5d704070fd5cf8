"""The commands of `keepsake` for developers: training and measuring. They are built like those in commands.py."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from animate.core.errors import OptionError
from animate.core.options import BUNDLED_MODEL, MODELS
from animate.interfaces.cli.arguments import Command, Result, progress

DATA = "the folder with clips.csv and stills.csv"


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _train_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=("keypoints", "shade", "motion", "matte", "fomm"), help="which network")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="sizes, steps and rates, as .toml")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help=DATA)
    parser.add_argument("--fresh", action="store_true", help="begin again instead of where the last run stopped")


def _train(args: Namespace) -> Result:
    from animate.train import trainer

    path = trainer.train(args.kind, args.config, args.data, resume=not args.fresh, report=_report)
    return Result({"weights": str(path), "kind": args.kind}, (f"{path}",))


def _bench_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help=DATA + "; without it only speed is measured")
    parser.add_argument("--quick", action="store_true", help="a small sample, for a first impression")
    parser.add_argument("--ablate", action="store_true", help="also ours without each of its parts")
    parser.add_argument(
        "--model",
        choices=MODELS,
        default=BUNDLED_MODEL,
        help="vox: the speed of the published model instead, with random weights",
    )
    parser.add_argument(
        "--marks",
        type=Path,
        metavar="DIR",
        help="instead: what the invisible mark survives, on the photographs in this folder",
    )
    parser.add_argument(
        "--layers",
        type=Path,
        metavar="DIR",
        help="instead: does the head move and the background stand still; a folder with source.png and driving.mp4",
    )
    parser.add_argument(
        "--prepare", action="store_true", help="instead: what --repair and --enhance do to photographs aged on purpose"
    )
    parser.add_argument(
        "--more",
        type=Path,
        metavar="DIR",
        help="instead: what further photographs of a person are worth; " + DATA,
    )


def _bench(args: Namespace) -> Result:
    from animate.core import process
    from animate.model.parallel import use_one_thread

    process.own()
    use_one_thread()
    if args.model != BUNDLED_MODEL:
        from animate.fomm.benchmark import measure

        speed = measure()
        return Result({"fomm": speed}, tuple(f"{name.replace('_', ' ')}  {value:.4g}" for name, value in speed.items()))
    if args.marks:
        from animate.evaluate import watermark

        with progress("photographs") as shown:
            outcomes = watermark.bench(args.marks, most=4 if args.quick else 0, on_photo=shown)
        return Result({"marks": [asdict(outcome) for outcome in outcomes]}, (watermark.table(outcomes),))
    if args.layers:
        from animate.evaluate import bench, layers

        measured = layers.bench(args.layers)
        return Result({"layers": measured}, (bench.layers_table(measured),))
    if args.prepare:
        return _bench_preparation(args)
    if args.more:
        return _bench_more(args.more, quick=args.quick)
    from animate.evaluate import bench

    figures = bench.bench(args.data, quick=args.quick, ablate=args.ablate, report=_report)
    return Result(figures, (bench.table(figures),))


def _bench_preparation(args: Namespace) -> Result:
    from animate.evaluate import bench, preparation

    if args.data is None:
        raise OptionError(
            "--prepare needs photographs", hint="name their folder: --data DIR, with clips.csv and stills.csv"
        )
    with progress("photographs") as shown:
        prepared = preparation.bench(args.data, quick=args.quick, on_photo=shown)
    return Result({"prepared": prepared}, (bench.preparation_table(prepared),))


def _bench_more(data: Path, *, quick: bool) -> Result:
    from animate.evaluate import bench, several

    _report("pictures of one person")
    measured = several.bench(data, most=4 if quick else 0)
    return Result({"more": measured}, (bench.more_table(measured),))


DEVELOPER_COMMANDS = (
    Command("train", "train a network", _train_arguments, _train),
    Command("bench", "measure quality and speed against simple baselines", _bench_arguments, _bench),
)
