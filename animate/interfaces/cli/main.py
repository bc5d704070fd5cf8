"""The command line: reads what was asked, runs the command, prints the answer or what went wrong.

Conventions: answers go to stdout (text, or one JSON object with --json), progress and errors to stderr. Exit codes: 0
done, 1 an error, 2 a command that was asked wrongly, 128 and the signal's number (130, 143, 129) when it was stopped.
Nothing heavy is imported.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from animate.core.errors import Cancelled, KeepsakeError
from animate.interfaces.cli import signals
from animate.interfaces.cli.arguments import UsageError, hint_of, spelled_out
from animate.interfaces.cli.commands import COMMANDS
from animate.interfaces.cli.developer import DEVELOPER_COMMANDS

EXAMPLES = """examples:
  keepsake photo grandma.jpg                       the largest face, the gentlest gesture
  keepsake photo wedding.jpg smile --faces all     everybody smiles
  keepsake photo grandma.jpg --driver me.mp4       movement taken from a video of a face
  keepsake faces wedding.jpg -o faces.png          which face has which number
"""
NAMED = 80  # characters of a name in a message
SURPRISE = "this should not happen; KEEPSAKE_DEBUG=1 shows where it did, please report it"


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises UsageError where the original prints and exits."""

    def error(self, message: str):
        raise UsageError(message, f"{self.prog} --help shows what can be asked")


class Version(argparse.Action):
    """Prints the version; read only when asked for, because that takes longer than the rest of the parser."""

    def __call__(self, parser, namespace, values, option_string=None):
        import animate

        number = animate.__version__
        print(json.dumps({"version": number}) if namespace.json else f"keepsake {number}")
        parser.exit()


def build_parser() -> Parser:
    """The parser of every command, those for developers in a group of their own."""
    groups = {"commands": COMMANDS, "for developers": DEVELOPER_COMMANDS}
    wide = max(len(command.name) for group in groups.values() for command in group)
    listed = "\n\n".join(
        "\n".join([f"{title}:", *(f"  {command.name:{wide}}  {command.help}" for command in group)])
        for title, group in groups.items()
    )
    parser = Parser(
        prog="keepsake",
        description=f"Animates the people in old photographs, on your own computer.\n\n{listed}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser, help=argparse.SUPPRESS)
    for command in (*COMMANDS, *DEVELOPER_COMMANDS):
        inner = commands.add_parser(
            command.name, description=command.help[0].upper() + command.help[1:] + ".", allow_abbrev=False
        )
        command.arguments(inner)
        inner.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON object")
        inner.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code; only --help and --version leave through SystemExit."""
    with signals.handled():
        try:
            return _answer(list(sys.argv[1:] if argv is None else argv))
        except BrokenPipeError:  # the reader of a pipe went away; Python would complain once more as it closes stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except KeyboardInterrupt:  # while something else was being reported
            return signals.exit_code()


def _answer(argv: list[str]) -> int:
    """Runs a command and prints its answer or its error."""
    as_json = "--json" in argv
    try:
        args = build_parser().parse_args(spelled_out(argv))
        answer = args.run(args)
        if answer.data or answer.lines:
            print(json.dumps(answer.data, ensure_ascii=False) if as_json else "\n".join(answer.lines), flush=True)
        return answer.code
    except UsageError as error:
        return _failed(error, error.hint, 2, as_json)
    except (KeyboardInterrupt, Cancelled):
        return _stopped(as_json)
    except KeepsakeError as error:
        return _failed(error, hint_of(error), 1, as_json)
    except BrokenPipeError:
        raise
    except OSError as error:
        if signals.came():
            return _stopped(as_json)
        if os.environ.get("KEEPSAKE_DEBUG"):
            raise
        return _failed(_of_the_disk(error), "check the name, the folder and the space on the disk", 1, as_json)
    except Exception as error:
        if signals.came():  # a library turned the interruption into an error of its own
            return _stopped(as_json)
        if os.environ.get("KEEPSAKE_DEBUG"):
            raise
        return _failed(error, SURPRISE, 1, as_json)


def _of_the_disk(error: OSError) -> OSError:
    """What the system says of a file, in words."""
    named = str(error.filename or "")
    named = f"{named[:NAMED]}..." if len(named) > NAMED else named
    return type(error)(": ".join(filter(None, (named, error.strerror or str(error)))))


def _stopped(as_json: bool) -> int:
    with suppress(OSError):  # of a terminal that is gone
        _failed(Cancelled("stopped"), "nothing was left half written", signals.exit_code(), as_json)
    return signals.exit_code()


def _failed(error: Exception, hint: str, code: int, as_json: bool) -> int:
    """Prints what went wrong in one line and a hint, also as JSON if asked for, and returns the code."""
    message = " ".join(str(error).split()) or type(error).__name__
    print(f"keepsake: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    if as_json:
        print(
            json.dumps({"error": message, "hint": hint, "kind": type(error).__name__}, ensure_ascii=False), flush=True
        )
    return code
