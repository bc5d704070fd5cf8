"""The command line: reads what was asked, runs the command, says the answer or what went wrong.

Conventions: answers go to stdout (words, or one JSON object with --json), progress and errors to stderr. Exit codes: 0 for
done, 1 for an error, 2 for a command that was asked wrongly, 130 when a person stopped it. Nothing heavy is imported.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import metadata

from animate.core.errors import Cancelled, KeepsakeError
from animate.interfaces.cli.arguments import UsageError
from animate.interfaces.cli.commands import COMMANDS

EXAMPLES = """examples:
  keepsake photo grandma.jpg                       the largest face, the gentlest gesture
  keepsake photo wedding.jpg smile --faces all     everybody smiles
  keepsake photo grandma.jpg --driver me.mp4       movement taken from a video of a face
  keepsake faces wedding.jpg -o faces.png          which face has which number
"""


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises UsageError where the original prints and exits."""

    def error(self, message: str):
        raise UsageError(message, f"{self.prog} --help shows what can be asked")


class Version(argparse.Action):
    """Prints the version; looked up only when asked for, because that takes longer than the rest of the parser."""

    def __call__(self, parser, namespace, values, option_string=None):
        number = metadata.version("keepsake")
        print(json.dumps({"version": number}) if namespace.json else f"keepsake {number}")
        parser.exit()


def build_parser() -> Parser:
    """The parser of every command in COMMANDS."""
    parser = Parser(
        prog="keepsake",
        description="Animates the people in old photographs, on your own computer.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--version", action=Version, nargs=0, help="say the version and stop")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for command in COMMANDS:
        inner = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help[0].upper() + command.help[1:] + ".",
            allow_abbrev=False,
        )
        command.arguments(inner)
        inner.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON object")
        inner.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code; only --help and --version leave through SystemExit."""
    try:
        return _answer(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:  # the reader of a pipe went away; Python would complain once more while it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _answer(argv: list[str]) -> int:
    """Runs a command and says its answer or its error."""
    as_json = "--json" in argv
    try:
        args = build_parser().parse_args(argv)
        answer = args.run(args)
        print(json.dumps(answer.data, ensure_ascii=False) if as_json else "\n".join(answer.words), flush=True)
        return answer.code
    except UsageError as error:
        return _failed(error, error.hint, 2, as_json)
    except (KeyboardInterrupt, Cancelled):
        return _failed(Cancelled("stopped"), "nothing was left half written", 130, as_json)
    except KeepsakeError as error:
        return _failed(error, error.hint, 1, as_json)
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("KEEPSAKE_DEBUG"):
            raise
        return _failed(
            error, "this should not happen; KEEPSAKE_DEBUG=1 shows where it did, please report it", 1, as_json
        )


def _failed(error: Exception, hint: str, code: int, as_json: bool) -> int:
    """Says what went wrong in one line and a hint, also as JSON if asked for, and returns the code."""
    message = " ".join(str(error).split()) or type(error).__name__
    print(f"keepsake: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    if as_json:
        print(
            json.dumps({"error": message, "hint": hint, "kind": type(error).__name__}, ensure_ascii=False), flush=True
        )
    return code
