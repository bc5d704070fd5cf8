"""What every command of the command line shares: its answer, its progress, its choices, where it may write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from animate.core.errors import KeepsakeError, OptionError, OutputError
from animate.core.options import Options, choices, parse, text
from animate.interfaces.cli import signals
from animate.interfaces.progress import Progress

_SPELLED_OUT = (  # part of a hint of the program -> the same in terms of the command line
    ("a box around the face, x, y, width and height in pixels", "--box x,y,width,height around the face, in pixels"),
    ("are given apart from it", "follow --more"),
    ("another can be chosen", "--page N takes another"),
    ("(more_anyway)", "(--more-anyway yes)"),
    ("leave the number of the face out", "leave --driver-face out"),
)


class UsageError(Exception):
    """A command line that cannot be understood; `hint` says where help is."""

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Result:
    """The answer of a command: `data` for a program, `lines` for a person, and the exit code."""

    data: dict
    lines: tuple[str, ...]
    code: int = 0


@dataclass(frozen=True)
class Command:
    """One command of the command line."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Result]


def hint_of(error: KeepsakeError) -> str:
    """What to do about an error, in terms of the command line."""
    hint = error.hint
    for general, here in _SPELLED_OUT:
        hint = hint.replace(general, here)
    return hint


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress line on stderr that is cleared at the end, whatever happens; drawing it stops after a signal."""
    shown = Progress(label, sys.stderr)

    def draw(done: int, total: int) -> None:
        signals.raise_pending()
        shown(done, total)

    try:
        yield draw
    finally:
        shown.clear()


def add_option_arguments(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """Adds an argument for each of these choices of Options, with its range, its default and its help."""
    wanted = set(names)
    for name, kind, default, about in choices():
        if name in wanted:
            usual = {True: "yes", False: "no", "": "none"}.get(default, default) if kind in (bool, str) else default
            among = ("yes", "no") if kind is bool else about["among"] or None
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                dest=name,
                type=_reader(name, kind),
                default=default,
                choices=None if kind is bool else among,
                metavar="{yes,no}" if kind is bool else None if among else name.upper(),
                **({} if about["bare"] is None else {"nargs": "?", "const": about["bare"]}),
                help=f"{about['help']} (default: {usual})".replace("%", "%%"),
            )


def spelled_out(argv: Sequence[str]) -> list[str]:
    """A command line in which a choice that may stand alone, as `--enhance PHOTO`, has its value beside it."""
    alone = {f"--{name.replace('_', '-')}": (name, about["bare"]) for name, _, _, about in choices()}
    spelled = []
    for word, after in zip(argv, [*argv[1:], ""], strict=True):
        name, bare = alone.get(word, ("", None))
        spelled.append(word if bare is None or _is_value(name, after) else f"{word}={text(bare)}")
    return spelled


def _is_value(name: str, word: str) -> bool:
    try:
        parse(name, word)
    except (OptionError, ValueError):
        return False
    return True


def local_file(text: str) -> Path:
    """Reads an argument that names a file to be opened; nothing is fetched from the web."""
    if "://" in text:
        raise argparse.ArgumentTypeError(
            f"{text} is an address on the web; save it to a file first, nothing is fetched"
        )
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return Path(text)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Reads an argument that is a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"a number from {low} to {high}")
        return int(text)

    return read


def options_of(args: argparse.Namespace) -> Options:
    """The options that a command line names."""
    return Options(**{name: getattr(args, name) for name, *_ in choices() if hasattr(args, name)})


def add_output_argument(parser: argparse.ArgumentParser, shown: str, help: str, *, required: bool = False) -> None:
    """Adds -o and --force."""
    parser.add_argument("-o", "--output", type=Path, metavar=shown, required=required, help=help)
    parser.add_argument("--force", action="store_true", help="replace what is already there")


def _reader(name: str, kind: type) -> Callable[[str], object]:
    """Turns the text of an argument into its value; argparse shows what is wrong with one that does not fit."""

    def read(text: str):
        try:
            return parse(name, text)
        except OptionError as error:
            raise argparse.ArgumentTypeError("; ".join(filter(None, (str(error), error.hint)))) from error

    read.__name__ = {float: "number", int: "whole number"}.get(kind, "text")
    return read


def output(
    wanted: Path | None,
    name: str,
    sources: list[Path],
    *,
    force: bool,
    others: Callable[[Path], Iterable[Path]] = lambda out: (),
) -> Path:
    """Where to write, checked so that no file is lost.

    Args:
        wanted: the file, or the folder to put `name` into; None puts it here.
        name: the file's name unless a person gave one.
        sources: files that are read and must not be written, not even by force.
        force: what is there may be replaced.
        others: further files that will be written beside it.

    Raises:
        OutputError: with a hint.
    """
    from animate.pipeline.saving import check_name

    out = Path(name) if wanted is None else wanted / name if os.path.isdir(wanted) else wanted
    for file in (out, *others(out)):
        if any(same_file(file, source) for source in sources):
            raise OutputError(f"{file} is what the clip is made from", hint="give the result another name with -o")
        if os.path.lexists(file) and not force:
            raise OutputError(f"{file} is already there", hint="--force replaces it, -o gives the new one another name")
        check_name(file)
    if not os.path.isdir(out.parent):
        raise OutputError(f"there is no folder {out.parent}", hint="make it first, or choose another with -o")
    return out


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, which need not be there."""
    there = os.path.exists(one) and os.path.exists(other)
    return os.path.realpath(one) == os.path.realpath(other) or (there and os.path.samefile(one, other))
