"""The structure of the package in figures: python tests/structure.py [PACKAGE]. Exit code 1 if the rooms form a circle.

A room is a folder or a loose file directly in `animate/`; an arrow is a pair of rooms of which one imports the other,
anywhere in its files; a circle is a group of rooms that reach each other; a floor is one step of the longest way down.
`__init__.py` is the front door: it loads by name at run time and is not counted.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "animate"
COLUMNS = 120


@dataclass(frozen=True)
class Structure:
    """What `measure` counts; longest_file and longest_function are (lines, name)."""

    rooms: frozenset[str]
    arrows: frozenset[tuple[str, str]]
    circles: tuple[frozenset[str], ...]
    floors: int
    wide_lines: tuple[str, ...]
    longest_file: tuple[int, str]
    longest_function: tuple[int, str]


def room_of(path: Path, package: Path) -> str:
    """The folder or loose file directly inside `package` to which a file belongs."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def imports(path: Path, package: Path) -> frozenset[str]:
    """Full names of all modules that a file imports, anywhere in it; `from animate import x` counts as animate.x."""
    return _imports(path.read_text("utf-8"), path.relative_to(package.parent).parts)


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """The syntax tree of a file's text, its root first, flat."""
    return tuple(ast.walk(ast.parse(text)))


@cache
def _imports(text: str, place: tuple[str, ...]) -> frozenset[str]:
    modules: set[str] = set()
    for node in nodes(text):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(place[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            modules |= {f"{module}.{alias.name}" for alias in node.names} if module == place[0] else {module}
    return frozenset(modules)


def rooms_imported(path: Path, package: Path) -> set[str]:
    """The rooms of the package that a file imports, its own among them."""
    inside = (module.split(".") for module in imports(path, package))
    return {parts[1] for parts in inside if parts[0] == package.name and len(parts) > 1}


def measure(package: Path = PACKAGE) -> Structure:
    """Counts rooms, arrows, circles, floors and lengths of a package."""
    files = [path for path in sorted(package.rglob("*.py")) if path != package / "__init__.py"]
    rooms = frozenset(room_of(path, package) for path in files)
    arrows = frozenset(
        (room_of(path, package), other)
        for path in files
        for other in rooms_imported(path, package) & rooms
        if other != room_of(path, package)
    )
    circles = _circles(rooms, arrows)
    texts = {path: path.read_text("utf-8") for path in files}
    return Structure(
        rooms,
        arrows,
        circles,
        _floors(rooms, arrows, circles),
        tuple(
            f"{path.relative_to(package)}:{number}"
            for path, text in texts.items()
            for number, line in enumerate(text.splitlines(), 1)
            if len(line) > COLUMNS
        ),
        max((len(text.splitlines()), str(path.relative_to(package))) for path, text in texts.items()),
        max(function for path, text in texts.items() for function in function_lengths(text, path.stem)),
    )


def function_lengths(text: str, name: str) -> list[tuple[int, str]]:
    """(lines without the docstring, "file.function") of every function; (0, file) for a file without any."""
    functions = (node for node in nodes(text) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(_lines(node), f"{name}.{node.name}") for node in functions] or [(0, name)]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    described = ast.get_docstring(function) is not None
    return function.end_lineno - function.lineno + 1 - described * (first.end_lineno - first.lineno + 1)


def _reached(room: str, arrows: frozenset[tuple[str, str]]) -> set[str]:
    """All rooms that can be reached from a room by one or more arrows."""
    reached: set[str] = set()
    ahead = [room]
    while ahead:
        at = ahead.pop()
        new = {other for one, other in arrows if one == at} - reached
        reached |= new
        ahead += new
    return reached


def _circles(rooms: frozenset[str], arrows: frozenset[tuple[str, str]]) -> tuple[frozenset[str], ...]:
    reached = {room: _reached(room, arrows) for room in rooms}
    groups = {
        frozenset(other for other in reached[room] if room in reached[other]) for room in rooms if room in reached[room]
    }
    return tuple(sorted(groups, key=sorted))


def _floors(rooms: frozenset[str], arrows: frozenset[tuple[str, str]], circles: tuple[frozenset[str], ...]) -> int:
    """Rooms on the longest way down; a circle stands on one floor."""
    home = {room: min(circle) for circle in circles for room in circle}
    below: dict[str, set[str]] = {home.get(room, room): set() for room in rooms}
    for one, other in arrows:
        if home.get(one, one) != home.get(other, other):
            below[home.get(one, one)].add(home.get(other, other))
    height: dict[str, int] = {}
    for room in TopologicalSorter(below).static_order():
        height[room] = 1 + max((height[other] for other in below[room]), default=0)
    return max(height.values())


def main(package: str | Path = PACKAGE) -> int:
    found = measure(Path(package))
    print(
        f"{len(found.rooms)} rooms, {found.floors} floors, {len(found.arrows)} arrows, {len(found.circles)} circles; "
        f"{len(found.wide_lines)} lines over {COLUMNS} columns"
    )
    for name, (lines, where) in (("file", found.longest_file), ("function", found.longest_function)):
        print(f"longest {name}: {where}, {lines} lines")
    for circle in found.circles:
        print("circle: " + ", ".join(sorted(circle)))
    return int(bool(found.circles))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
