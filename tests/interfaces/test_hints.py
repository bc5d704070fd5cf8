"""Every command and option that a hint, the README or a document names is there."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

import pytest

from animate.interfaces.cli.main import build_parser

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"\bkeepsake ((?:--)?[a-z][a-z-]*)([^\n`|]*)")
PROSE = {"again", "for", "invisible"}  # that follow the program's name in sentences
DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")] if path.name != "CHANGELOG.md")


def parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands of a parser by name."""
    groups = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: inner for group in groups for name, inner in group.choices.items()}


def flags(parser: argparse.ArgumentParser) -> set[str]:
    """Every option of a parser and of the parsers inside it."""
    own = {flag for action in parser._actions for flag in action.option_strings}
    return own.union(*(flags(inner) for inner in parsers(parser).values()))


def wrong(text: str) -> list[str]:
    """Commands and options that `text` names and that are not there."""
    main, found = build_parser(), []
    for word, rest in COMMAND.findall(text):
        if word.startswith("--"):
            found += [word] if word not in flags(main) else []
        elif word not in parsers(main):
            found += [word] if word not in PROSE else []
        else:
            inner, action = parsers(main)[word], rest.split()[:1]
            found += [flag for flag in re.findall(r"(?<!\S)--[a-z][a-z-]+", rest) if flag not in flags(inner)]
            if action and re.fullmatch("[a-z]+", action[0]) and parsers(inner) and action[0] not in parsers(inner):
                found.append(f"{word} {action[0]}")
    return found


def literals(path: Path) -> str:
    """All string literals of a file, a line each."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.parametrize("path", sorted((ROOT / "animate").rglob("*.py")), ids=lambda path: path.stem)
def test_hints_name_commands_that_are_there(path):
    assert not wrong(literals(path))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_commands_that_are_there(path):
    assert not wrong(path.read_text("utf-8"))


def test_what_is_not_there_is_found():
    text = "`keepsake dance`, `keepsake photo a.jpg --sing`, `keepsake weights steal`, keepsake photo a.jpg --head 1"
    assert wrong(text) == ["dance", "--sing", "weights steal"]
