"""The networks' files: from a name in the registry to a path whose content is checked.

`weights/registry.json` lists every file: name, file, sha256 (all of it; the first ten digits where the publisher
states no more; "" for a file that is made here of what is imported and that its reader checks), bytes (null if
unknown), licence, about (what it is for), source and, where they apply, url, home and group. source "bundled" comes
with the program; "url" is downloaded when asked for; "cache" is only ever brought by hand. Files that are not bundled
lie in the cache folder, or, with home "torch-hub", where torch-hub and the library that reads them look for them.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO

from animate.core.budget import WEIGHTS
from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.core.files import replacing

_CHUNK = 1 << 20
_PATIENCE = 30.0  # seconds without a byte from the network


def path(name: str) -> Path:
    """Where the file called `name` lies, its content checked; raises WeightsMissing or WeightsDamaged."""
    row = _row(name)
    file = _file(row)
    if not file.is_file():
        raise WeightsMissing(f"the weights {name!r} are not on this computer: {file} is missing", hint=_remedy(row))
    _check(row, file)
    return file


def digest(*names: str) -> str:
    """The whole sha256 of the file called so, or of the digests of several files, 64 hexadecimal digits; raises like
    `path`."""
    found = [_digest(*_identity(path(name))) for name in names]
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


def get(name: str, on_bytes: Callable[[int, int], None] | None = None) -> Path:
    """The path of `name`, downloaded if it is not here yet; for a group, all its files and the path of their folder.

    on_bytes(done, total) is called as bytes arrive, total 0 if unknown; what it raises stops the download, and nothing
    is left. Raises WeightsMissing if there is no network or nowhere to get it from, WeightsDamaged if something else
    arrives.
    """
    rows = _rows(name)
    for row in rows:
        if not _file(row).is_file() or not _fits(row, _file(row)):
            _download(row, on_bytes)
    return path(rows[0]["name"]) if len(rows) == 1 else _file(rows[0]).parent


def import_file(source: Path, name: str) -> Path:
    """Where a file brought by hand now lies: it is copied into the cache if it is exactly the file that `name` names.

    For a group, whichever of its files it is. Raises WeightsMissing if `source` is not a file, WeightsDamaged if it is
    another one.
    """
    source = Path(source)
    rows = _rows(name)
    if not os.path.isfile(source):
        raise WeightsMissing(f"there is no file {source}", hint="give the path of the file itself")
    WEIGHTS.check_bytes(source.stat().st_size, source.name)
    fitting = [row for row in rows if row["sha256"] and _fits(row, source)]
    if not fitting:
        wanted = ", ".join(f"{row['file']} (sha256 {row['sha256'][:10]}...)" for row in rows)
        raise WeightsDamaged(
            f"{source.name} is not {wanted}", hint="download it again, from the place that published it"
        )
    home = _home(fitting[0])
    with source.open("rb") as stream, _new_file(home / fitting[0]["file"]) as part:
        while chunk := stream.read(_CHUNK):
            part.write(chunk)
    return path(fitting[0]["name"])


def place(name: str) -> Path:
    """Where the file called `name` lies or will lie, in a folder that is there now."""
    file = _file(_row(name))
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def status() -> list[dict]:
    """One dict a file: name, state (ready, missing, damaged), bytes (0 if unknown), path, licence, about, hint ("")."""
    found = []
    for row in _registry():
        file = _file(row)
        state = "missing" if not file.is_file() else "ready" if _fits(row, file) else "damaged"
        size = file.stat().st_size if file.is_file() else row["bytes"] or 0
        hint = "" if state == "ready" else _remedy(row)
        about = {"licence": row["licence"], "about": row["about"], "hint": hint}
        found.append({"name": row["name"], "state": state, "bytes": size, "path": str(file), **about})
    return found


def register(registry_path: Path, name: str, file: Path, **about: object) -> dict:
    """The row for a bundled `file`, written to the registry beside it in place of any older row of that name.

    `about` gives licence, about (what it is for) and anything else worth keeping; what it leaves out stays as it was.
    Raises ValueError if the file does not lie in the registry's folder or has no licence or purpose.
    """
    registry_path, file = Path(registry_path), Path(file)
    if file.resolve().parent != registry_path.resolve().parent:
        raise ValueError(f"{file} does not lie beside {registry_path}")
    rows = json.loads(registry_path.read_text("utf-8")) if registry_path.is_file() else []
    known: dict = next((row for row in rows if row["name"] == name), {})
    facts = {"file": file.name, "sha256": _digest(*_identity(file)), "bytes": file.stat().st_size, "source": "bundled"}
    row = {"name": name, **known, **about, **facts}
    if not row.get("licence") or not row.get("about"):
        raise ValueError(f"the row of {name} needs a licence and what it is about")
    rows = [row if other is known else other for other in rows] if known else [*rows, row]
    with _new_file(registry_path) as part:
        part.write((json.dumps(rows, indent=2, ensure_ascii=False) + "\n").encode())
    return row


def cache_folder() -> Path:
    """Where downloaded and imported files are kept: KEEPSAKE_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("KEEPSAKE_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("keepsake", appauthor=False)


def bundled_folder() -> Path:
    """Where the files lie that come with the program: inside the installed package, or weights/ in the repository."""
    here = Path(__file__).resolve().parents[1]
    installed, repository = here / "weights_data", here.parent / "weights"
    for folder in (installed, repository):
        if (folder / "registry.json").is_file():
            return folder
    missing = installed / "registry.json"
    raise WeightsMissing(
        f"this installation has no list of weights: {missing} is missing", hint="install keepsake again"
    )


def _registry() -> list[dict]:
    return json.loads((bundled_folder() / "registry.json").read_text("utf-8"))


def _rows(name: str) -> list[dict]:
    """The row called `name`, or all rows of the group called so; raises WeightsMissing if there are none."""
    registry = _registry()
    rows = [row for row in registry if row["name"] == name] or [row for row in registry if row.get("group") == name]
    if not rows:
        known = sorted({row.get("group") or row["name"] for row in registry})
        raise WeightsMissing(f"there are no weights called {name!r}", hint="known weights: " + ", ".join(known))
    return rows


def _row(name: str) -> dict:
    rows = _rows(name)
    if len(rows) > 1:
        raise WeightsMissing(
            f"{name!r} names several files", hint="name one: " + ", ".join(row["name"] for row in rows)
        )
    return rows[0]


def _home(row: dict) -> Path:
    """The folder into which a file is downloaded or imported."""
    if row.get("home") != "torch-hub":
        return cache_folder()
    cache_home = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", Path(cache_home) / "torch")).expanduser() / "hub" / "checkpoints"


def _file(row: dict) -> Path:
    """Where a row's file lies or should lie; a bundled file that is missing may have been imported into the cache."""
    kept = _home(row) / row["file"]
    if row["source"] != "bundled":
        return kept
    bundled = bundled_folder() / row["file"]
    return kept if kept.is_file() and not bundled.is_file() else bundled


def _remedy(row: dict) -> str:
    """What to do about a file that is missing or damaged."""
    if row["source"] == "url":
        return f"keepsake weights get {row.get('group') or row['name']}"
    if row["source"] == "cache":
        return f"keepsake weights import FILE --as {row['name']}"
    return "install keepsake again"


def _fits(row: dict, file: Path) -> bool:
    """Whether a file is the one that the row describes; its size is asked first, because that is cheap."""
    if row["bytes"] is not None and file.stat().st_size != row["bytes"]:
        return False
    return not row["sha256"] or _digest(*_identity(file)).startswith(row["sha256"])


def _check(row: dict, file: Path) -> None:
    if not _fits(row, file):
        raise WeightsDamaged(f"{file} is not {row['name']!r} as listed: its size or sha256 differs", hint=_remedy(row))


def _identity(file: Path) -> tuple[Path, int, int]:
    about = file.stat()
    return file.resolve(), about.st_size, about.st_mtime_ns


@cache
def _digest(file: Path, _size: int, _changed: int) -> str:
    """The file's sha256, read once as long as its size and time of change stay."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(row: dict, on_bytes: Callable[[int, int], None] | None) -> None:
    if not row.get("url"):
        raise WeightsMissing(f"the weights {row['name']!r} cannot be downloaded from anywhere", hint=_remedy(row))
    file = _home(row) / row["file"]
    by_hand = f"or bring the file from {row['url']} by hand: keepsake weights import FILE --as {row['name']}"
    try:
        request = urllib.request.Request(row["url"], headers={"User-Agent": "keepsake"})
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer, _new_file(file) as part:
            total = int(answer.headers.get("Content-Length") or row["bytes"] or 0)
            arrived = _receive(answer, part, total, on_bytes)
            if not arrived.startswith(row["sha256"]):
                message = f"what came is not {row['file']}: its sha256 starts with {arrived[:10]}"
                raise WeightsDamaged(message, hint=f"try again later, {by_hand}")
    except (OSError, HTTPException) as problem:
        reason = getattr(problem, "reason", problem)
        raise WeightsMissing(
            f"{row['file']} could not be downloaded: {reason}", hint=f"try again online, {by_hand}"
        ) from problem


def _receive(answer: BinaryIO, part: BinaryIO, total: int, on_bytes: Callable[[int, int], None] | None) -> str:
    """The sha256 of all that was written."""
    content, done = hashlib.sha256(), 0
    while chunk := answer.read(_CHUNK):
        done += len(chunk)
        WEIGHTS.check_bytes(done, "what is being downloaded")
        part.write(chunk)
        content.update(chunk)
        if on_bytes:
            on_bytes(done, max(total, done))
    return content.hexdigest()


@contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `file`, in a folder that may be new too, when all went well."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as part, part.open("wb") as stream:
        yield stream
