"""What became of each photograph: `album.jsonl` in the folder of the clips, one JSON object a line, only ever appended.

A later line on the same photograph replaces an earlier one. A line that was torn by a power cut is passed over. The
record is locked while an album is at work.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from animate.core.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MADE, SKIPPED, FAILED = "made", "skipped", "failed"


@dataclass(frozen=True)
class Entry:
    """One line.

    photo     the scan's label
    state     made, skipped (the same photograph is there already) or failed
    sha256    of the photograph's file
    settings  movement and options that count for the clip
    clip      its path below the folder of the clips, with "/"; poster likewise; "" for none
    reason, hint, kind   of a failure: what came, what to do, the name of the error
    title, names, date   from the scan, for the page
    notes     on the clip
    took      seconds
    when      ISO time
    """

    photo: str
    state: str
    sha256: str = ""
    settings: dict = field(default_factory=dict)
    clip: str = ""
    poster: str = ""
    reason: str = ""
    hint: str = ""
    kind: str = ""
    title: str = ""
    names: str = ""
    date: str = ""
    notes: tuple[str, ...] = ()
    took: float = 0.0
    when: str = ""


class Record:
    """The entries of a folder of clips; a context that holds the file open and locked."""

    def __init__(self, path: Path):
        self._path, self._file = path, -1
        self.entries: dict[str, Entry] = {}

    def __enter__(self) -> Record:
        """Raises OutputError where it cannot be written, or where another album is at work."""
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        try:
            self._lock()
            self.entries = {entry.photo: entry for entry in read(self._path)}
            self._end_line()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def add(self, entry: Entry) -> None:
        """Appends a line and waits until it is on the disk; raises OutputError."""
        kept = {key: value for key, value in asdict(entry).items() if value not in ("", 0.0, (), {})}
        line = json.dumps(kept, ensure_ascii=False) + "\n"
        try:
            os.write(self._file, line.encode("utf-8", "surrogateescape"))
            os.fsync(self._file)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        self.entries[entry.photo] = entry

    def _lock(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                f"another album is at work in {self._path.parent}", hint="wait for it, or choose another folder"
            ) from error
        except OSError:  # a disk without locks
            return

    def _end_line(self) -> None:
        """What comes next begins on a line of its own."""
        size = os.fstat(self._file).st_size
        if size:
            with self._path.open("rb") as file:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    os.write(self._file, b"\n")


def read(path: Path) -> Iterable[Entry]:
    """All entries of a record, oldest first; what is no entry is passed over."""
    with path.open("rb") as file:
        for line in file:
            entry = _entry(line)
            if entry:
                yield entry


def _entry(line: bytes) -> Entry | None:
    try:
        values: Any = json.loads(line.decode("utf-8", "surrogateescape"))
        known = {name: values[name] for name in Entry.__dataclass_fields__ if name in values}
        entry = Entry(**known | {"notes": tuple(known.get("notes", ()))})
    except (ValueError, TypeError):
        return None
    texts = (value for name, value in asdict(entry).items() if name not in ("settings", "notes", "took"))
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.settings, dict):
        return None
    return entry if _inside(entry.clip) and _inside(entry.poster) else None


def _inside(place: str) -> bool:
    """Whether a path leads nowhere out of the folder of the clips."""
    return not Path(place).is_absolute() and ".." not in Path(place).parts


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written: {error.strerror or error}",
        hint="check that there is room and that the folder may be written to",
    )
