"""Uploaded files on their way to the disk: under a name that is safe, complete before anyone reads them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import BinaryIO

from animate.core.errors import OutputError

LONGEST_STEM = 100  # bytes of a file's name without its ending, so that those of clip and citations fit too
LONGEST_SUFFIX = 10
_KEPT = " ._-()"  # beside letters and digits


def safe_name(name: str | None, fallback: str) -> str:
    """The last part of a file's name without what means something to a disk; `fallback` if nothing is left."""
    last = re.split(r"[/\\]", name or "")[-1]
    kept = "".join(letter if letter.isalnum() or letter in _KEPT else "_" for letter in last).strip(" .")
    stem, suffix = os.path.splitext(kept)
    if len(suffix) > LONGEST_SUFFIX or not suffix.isascii():
        stem, suffix = kept, ""
    stem = stem.encode("utf-8", "ignore")[:LONGEST_STEM].decode("utf-8", "ignore").strip(" .")
    return f"{stem}{suffix}" if stem else f"{fallback}{suffix}"


def save(file: BinaryIO, folder: Path, name: str) -> Path:
    """Writes an upload as `name` into a new folder, down to the disk; raises OutputError."""
    path = folder / name
    try:
        folder.mkdir(parents=True)
        with path.open("xb") as out:
            shutil.copyfileobj(file, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        reason = f"{name} cannot be stored: {error.strerror or error}"
        raise OutputError(reason, hint="make room on the server's disk, then try again") from error
    return path
