"""Writes docs/cli.md from the parser and docs/python.md from the docstrings: python docs/generate.py (or make docs).

`tests/test_docs.py` fails while a page is not what this would write.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
WIDTH = 100  # of a signature on one line
NOTE = "<!-- Written by docs/generate.py (make docs); changes made here are lost. -->"


def command_line() -> str:
    """The page on the command line: every command with its arguments, options, ranges and defaults."""
    from animate.interfaces.cli.main import build_parser

    parser = build_parser()
    intro = (
        "Answers go to stdout (text, or one JSON object with `--json`), progress and errors to stderr. "
        "Exit codes: 0 done, 1 error, 2 wrong usage, 130 stopped; `keepsake verify` has its own, below."
    )
    lines = [NOTE, "", "# The command line", "", intro, ""]
    for name, inner, about in _commands(parser):
        lines += _command(f"keepsake {name}", inner, about)
    return "\n".join(lines)


def python_api() -> str:
    """The page on the Python interface: the names in `animate.__all__`, with signatures and docstrings."""
    import animate

    lines = [NOTE, "", "# From Python", "", *_paragraphs(inspect.getdoc(animate) or ""), ""]
    names = [name for name in animate.__all__ if not name.startswith("_")]
    for name in sorted(names, key=lambda name: (_kind(getattr(animate, name)), name)):
        lines += _entry(name, getattr(animate, name))
    return "\n".join(lines)


def _kind(value: object) -> int:
    """Verbs first, then values, then errors."""
    return 0 if not inspect.isclass(value) else 2 if issubclass(value, Exception) else 1


PAGES: dict[str, Callable[[], str]] = {"cli.md": command_line, "python.md": python_api}


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """(name, parser, help) of each command of a parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, inner in action.choices.items():
                yield name, inner, (about.get(name) or inner.description or "").rstrip(".")


def _command(title: str, parser: argparse.ArgumentParser, about: str) -> list[str]:
    actions = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    rows = [_row(action) for action in actions if action.help != argparse.SUPPRESS and action.dest != "help"]
    about = about[:1].upper() + about[1:] + "." * bool(about)
    lines = [f"## {title}", "", about, ""]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    for name, inner, what in _commands(parser):
        lines += ["#" + line if line.startswith("## ") else line for line in _command(f"{title} {name}", inner, what)]
    return lines


def _row(action: argparse.Action) -> str:
    metavar = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    value = "" if action.nargs == 0 else " ".join(metavar) if isinstance(metavar, tuple) else metavar
    if value and action.nargs in ("*", "+"):
        value += " ..."
    names = ", ".join(action.option_strings)
    value = f"[{value}]" if names and action.nargs == "?" else value
    shown = (f"{names} {value}" if names else f"[{value}]" if action.nargs in ("?", "*") else value).strip()
    help_text = (action.help or "").replace("%%", "%")
    cells = (f"`{shown}`".replace("|", "\\|"), help_text.replace("|", "\\|") + " (required)" * _must(action))
    return "| " + " | ".join(cells) + " |"


def _must(action: argparse.Action) -> bool:
    return bool(action.option_strings) and action.required


def _entry(name: str, value: object) -> list[str]:
    """A heading, the signature and the docstring of one public name, and of a class's public methods."""
    lines = [f"## {name}", "", *_signature(f"animate.{name}", value), *_paragraphs(inspect.getdoc(value) or ""), ""]
    if inspect.isclass(value) and not issubclass(value, Exception):
        for method, function in vars(value).items():
            if inspect.isfunction(function) and not method.startswith("_") and function.__doc__:
                first, *rest = _paragraphs(inspect.getdoc(function) or "")
                parameters, returns = _parts(function)
                lines += [
                    f"- `.{method}({', '.join(parameters)}){returns}`: {first}",
                    *(f"  {line}".rstrip() for line in rest),
                ]
        lines += [""] * (lines[-1] != "")
    return lines


def _signature(name: str, value: object) -> list[str]:
    if not callable(value) or (inspect.isclass(value) and issubclass(value, Exception)):
        return []
    parameters, returns = _parts(value)
    call = f"{name}({', '.join(parameters)}){returns}"
    if len(call) > WIDTH:
        call = "\n    ".join([f"{name}(", *(f"{parameter}," for parameter in parameters)]) + f"\n){returns}"
    return ["```python", call, "```", ""]


def _parts(function: Callable) -> tuple[list[str], str]:
    """A call's parameters without `self`, and " -> what it returns", without the quotes of deferred annotations."""
    parameters: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        if name != "self":
            parameters.append(_plain(str(parameter)))
    returns = inspect.signature(function).return_annotation
    silent = inspect.isclass(function) or returns in (inspect.Signature.empty, None, "None")
    return parameters, "" if silent else f" -> {_plain(str(returns))}"


def _plain(text: str) -> str:
    """A parameter or type as it is written in the source."""
    text = re.sub(r"^(\*{0,2}\w+: )'(.*?)'(?= =|$)", r"\1\2", text).replace("'", '"')
    return re.sub(r"(\w+)\(.*=.*\)$", r"\1()", re.sub(r"<factory>|mappingproxy\(\{\}\)", "{}", text))


def _paragraphs(text: str) -> list[str]:
    """A docstring as Markdown lines: its sections (Args, Returns, Raises) in bold, what they indent as lists."""
    lines: list[str] = []
    for line in text.splitlines():
        if re.fullmatch(r"(Args|Returns|Raises|Yields|Attributes):", line):
            lines += [f"**{line[:-1]}**", ""]
        elif re.match(r" {4}\w+[\w., ]*: ", line):
            item, about = line.strip().split(": ", 1)
            lines.append(f"- `{item}`: {about}")
        else:
            lines.append(re.sub(r"^ {8}", "  ", line) if line.startswith(" " * 8) else line)
    return lines


def main() -> int:
    for name, page in PAGES.items():
        (DOCS / name).write_text(page().rstrip() + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
