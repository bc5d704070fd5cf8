"""Gesture files by name or path: the bundled ones and those that people record; their bytes are in gesture_codec.py."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from animate.core import files
from animate.core.errors import BadGestureFile
from animate.core.types import Motion
from animate.motion.gesture_codec import MOST_BYTES, GestureFile, pack, read_header, unpack

SUFFIX = ".card"


def list_gestures() -> tuple[tuple[str, str, str, float], ...]:
    """(name, title, description, seconds) of every bundled gesture, by rank: "classic" first."""
    heads = [read_header(path.read_bytes(), path.name)[0] for path in _bundled().values()]
    heads.sort(key=lambda head: (head["rank"], head["name"]))
    return tuple((head["name"], head["title"], head["description"], head["frames"] / head["fps"]) for head in heads)


def load_gesture(name: str | Path) -> Motion:
    """The motion of a bundled gesture, or of the gesture file at a path ending in .card; raises BadGestureFile."""
    return read_gesture(name).motion


def read_gesture(name: str | Path) -> GestureFile:
    """A bundled gesture by name, or the gesture file at a path ending in .card; raises BadGestureFile."""
    known = _bundled()
    if str(name) in known:
        return unpack(known[str(name)].read_bytes(), str(name))
    path = Path(name)
    if path.suffix != SUFFIX:
        raise BadGestureFile(f"there is no gesture called {name}", hint="known gestures: " + ", ".join(known))
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadGestureFile(
            f"{path} cannot be read: {error.strerror}", hint="check the path of the gesture file"
        ) from error
    return unpack(data, path.name)


def save_gesture(
    path: str | Path,
    motion: Motion,
    *,
    name: str,
    title: str,
    description: str = "",
    credit: str = "",
    licence: str = "",
    rank: int = 100,
    mouth: float = 0.0,
) -> Path:
    """Write `motion` as a gesture file, all of it or nothing; raises BadGestureFile if it is too long for one."""
    path = Path(path)
    data = pack(GestureFile(name, title, description, credit, licence, rank, motion, mouth))
    files.write_bytes(path, data)
    return path


def _bundled() -> dict[str, resources.abc.Traversable]:
    folder = resources.files("animate").joinpath("assets", "cards")
    return {
        path.name.removesuffix(SUFFIX): path
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(SUFFIX)
    }
