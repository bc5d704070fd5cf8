"""Which files of the folders given are scans: sorted, without hidden files, links, and what an album itself wrote.

A scan's label is the name of its folder and its place in it, with "/"; it stands for the scan in the record.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from animate.core.errors import OptionError
from animate.core.file_type import detect_file

RECORD, POSTERS = "album.jsonl", "album-files"  # in the folder of the clips
_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif", ".bmp", ".jp2", ".psd", ".heic", ".jxl")


@dataclass(frozen=True)
class Scan:
    """One file: its path, its label, and the folder below which its clip keeps the structure."""

    path: Path
    label: str
    folder: PurePosixPath

    def state(self) -> tuple[int, int]:
        """(size, time of the last change in ns), (-1, 0) for a file that is gone."""
        try:
            status = self.path.stat()
        except OSError:
            return -1, 0
        return status.st_size, status.st_mtime_ns


def find_scans(sources: Sequence[Path], out: Path) -> tuple[Scan, ...]:
    """Every scan of files and folders, each once, in the order given and sorted within a folder.

    Args:
        sources: files and folders.
        out: the folder of the clips, which is left out.

    Raises:
        OptionError: for a source that is not there.
    """
    for source in sources:
        if not os.path.exists(source):
            raise OptionError(f"there is no file or folder {source}", hint="check the spelling and the folder")
    roots = _named_roots(sources)
    found: dict[Path, Scan] = {}
    for source in sources:
        root = _root(source)
        for path in _files(source, Path(os.path.realpath(out))):
            place = PurePosixPath(path.relative_to(root).as_posix())
            label = PurePosixPath(roots[root]) / place
            found.setdefault(path, Scan(path, str(label), (place if len(roots) == 1 else label).parent))
    return tuple(found.values())


def _root(source: Path) -> Path:
    source = source.resolve()
    return source if source.is_dir() else source.parent


def _named_roots(sources: Sequence[Path]) -> dict[Path, str]:
    """A name for each folder, that of another one with a number."""
    names: dict[Path, str] = {}
    for root in map(_root, sources):
        if root not in names:
            name, number = root.name or "scans", 1
            while (name if number == 1 else f"{name}-{number}") in names.values():
                number += 1
            names[root] = name if number == 1 else f"{name}-{number}"
    return names


def _files(source: Path, out: Path) -> Iterator[Path]:
    """The scans in a folder, without links and hidden names; a file that was named is taken as it is."""
    if not source.is_dir():
        yield source.resolve()
        return
    top = source.resolve()
    for folder, folders, names in os.walk(top):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _left_out(here / name, out))
        for name in sorted(names):
            path = here / name
            if not name.startswith(".") and not path.is_symlink() and _is_scan(path):
                yield path


def _left_out(folder: Path, out: Path) -> bool:
    """Hidden folders, links, and folders that an album wrote."""
    written = (
        folder == out or (folder / RECORD).exists() or folder.name == POSTERS and (folder.parent / RECORD).exists()
    )
    return folder.name.startswith(".") or folder.is_symlink() or written


def _is_scan(path: Path) -> bool:
    """A picture by its content, or, so that damage is reported, by its name."""
    try:
        if not path.is_file():
            return False
        kind = detect_file(path)
    except OSError:
        return path.suffix.lower() in _SUFFIXES
    return kind is not None and kind.family == "picture" or path.suffix.lower() in _SUFFIXES
