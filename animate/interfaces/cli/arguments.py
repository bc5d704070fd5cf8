"""What every command of the command line shares: its answer, its progress, its choices, where it may write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from animate.core.errors import OptionError, OutputError
from animate.core.options import check, choices
from animate.interfaces.progress import Progress


class UsageError(Exception):
    """A command line that cannot be understood; `hint` says where help is."""

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Result:
    """What a command has to say: `data` for a program, `words` (lines) for a person, and the exit code."""

    data: dict
    words: tuple[str, ...]
    code: int = 0


@dataclass(frozen=True)
class Command:
    """One command of the command line."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Result]


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A Progress on stderr that is taken away again at the end, whatever happens."""
    shown = Progress(label, sys.stderr)
    try:
        yield shown
    finally:
        shown.clear()


def add_option_arguments(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """Adds an option for each of these choices of Options, with its range, its default and its help."""
    wanted = set(names)
    for name, kind, default, about in choices():
        if name in wanted:
            words = f"{about['help']} (default: {default if default != '' else 'none'})".replace("%", "%%")
            among = about["among"] or None
            shown = None if among else name.upper()
            parser.add_argument(
                f"--{name}", type=_reader(name, kind), default=default, choices=among, metavar=shown, help=words
            )


def add_output_argument(parser: argparse.ArgumentParser, shown: str, words: str, *, required: bool = False) -> None:
    """Adds -o and --force."""
    parser.add_argument("-o", "--output", type=Path, metavar=shown, required=required, help=words)
    parser.add_argument("--force", action="store_true", help="replace what is already there")


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


def output(wanted: Path | None, name: str, sources: list[Path], *, force: bool) -> Path:
    """Where to write: `wanted`, or `name` inside it if it is a folder, or `name` here; raises OutputError rather
    than lose a file."""
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
