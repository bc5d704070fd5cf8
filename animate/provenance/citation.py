"""The citation slip: two small files beside a clip about its making, for people (.txt) and for programs (.json).

`anna.mp4` gets `anna.mp4.json` and `anna.mp4.txt`. Title, names, source and consent stand here and nowhere else, as
the person entered them. No control characters are in them, wherever a text came from. The snippet is GEDCOM 7.0
(FamilySearch, gedcom.io): a multimedia record with a note.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from animate.core.errors import OutputError
from animate.core.files import write_text
from animate.core.types import Provenance
from animate.provenance import record as records
from animate.provenance.record import ILLUSTRATION, line

_EXTRA = ("title", "names", "source", "consent")
_LIMIT = 1_000_000  # bytes of a slip that is read


@dataclass(frozen=True)
class Slip:
    """What a slip contains that can be compared with its clip; anyone can write one, so that it proves nothing itself.

    state is readable, absent or unreadable; sha256 that of the clip it describes, mark_id its invisible mark's id;
    record the parts of the record that `record.identity` needs.
    """

    state: str
    sha256: str = ""
    mark_id: str = ""
    record: dict = field(default_factory=dict)


def paths(clip: str | Path) -> tuple[Path, Path]:
    """Where the slips of a clip are: (.json, .txt)."""
    clip = Path(clip)
    return clip.with_name(clip.name + ".json"), clip.with_name(clip.name + ".txt")


def write(clip: str | Path, record: Provenance, mark_id: str, content_type: str) -> tuple[Path, Path]:
    """Writes both slips beside the finished clip, over older ones; OutputError when they cannot be written."""
    clip = Path(clip)
    with placed(clip, content(clip.name, sha256(clip), record, mark_id, content_type)):
        return paths(clip)


def check(clip: str | Path, *, overwrite: bool = True) -> None:
    """Finds out before a clip is rendered whether its slips can have their names.

    Raises:
        OutputError: a name is too long, or one of them is there and may not be replaced.
    """
    for path in paths(clip):
        try:
            os.lstat(path)
        except FileNotFoundError:
            continue
        except OSError as problem:
            raise _not_written(path, problem) from problem
        if path.is_dir() or not overwrite:
            raise _not_written(path, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))


@contextmanager
def placed(clip: Path, statement: dict, *, overwrite: bool = True) -> Iterator[None]:
    """Writes both slips of `clip`, complete or not at all, then runs the block, which may move the clip into its place.

    Args:
        clip: the clip's final name; it need not be there yet.
        statement: see `content`.
        overwrite: slips that are there may be replaced.

    Raises:
        OutputError: they cannot be written, or one is there and may not be replaced. Slips that are new are taken back
            then, and also when the block raises.
    """
    texts = (json.dumps(statement, indent=2, ensure_ascii=False) + "\n", as_text(statement))
    with ExitStack() as undo:
        for path, text in zip(paths(clip), texts, strict=True):
            try:
                before = os.path.lexists(path)
                _write(path, text, overwrite)
            except OSError as problem:
                raise _not_written(path, problem) from problem
            if not before:
                undo.callback(path.unlink, missing_ok=True)
        yield
        undo.pop_all()


def content(name: str, digest: str, provenance: Provenance, mark_id: str, content_type: str) -> dict:
    """The slip as a mapping, ready for JSON.

    Args:
        name: the clip's file name.
        digest: the clip's SHA-256, hexadecimal.
        mark_id: the invisible mark's id, 12 hexadecimal digits.
        content_type: the clip's MIME type.
    """
    record = records.as_mapping(provenance)
    typed = {key: line(provenance.extra[key]) for key in _EXTRA if provenance.extra.get(key)}
    statement = {
        "keepsake_slip": 1,
        "statement": ILLUSTRATION,
        "clip": {"file": line(name), "sha256": digest, "type": content_type, "mark": mark_id},
        "photograph": {
            "file": record["photo"],
            "sha256": record["photo_sha256"],
            "width": record["photo_size"][0],
            "height": record["photo_size"][1],
        },
        "made": {
            "date": record["created"],
            "program": record["program"],
            "model": record["model"],
            "gestures": record["gestures"],
            "options": record["options"],
            "percent_invented": round(provenance.invented, 1),
            "notes": record["notes"],
        },
        **typed,
    }
    statement["footnote"] = _footnote(statement)
    statement["gedcom"] = _gedcom(name, statement)
    return statement


def as_text(statement: dict) -> str:
    """The slip for people."""
    photo, making, clip = statement["photograph"], statement["made"], statement["clip"]
    lines = [
        statement.get("title") or f"Animation made from {photo['file'] or 'a photograph'}",
        "",
        statement["statement"],
        "",
        *(f"{key.capitalize()}: {statement[key]}" for key in _EXTRA[1:] if statement.get(key)),
        f"Photograph: {photo['file']}, {photo['width']} x {photo['height']} pixels",
        f"  SHA-256 {photo['sha256']}",
        f"Clip: {clip['file']}",
        f"  SHA-256 {clip['sha256']}",
        f"  invisible mark {clip['mark']}",
        f"Made: {making['date']} with {making['program']}, model {making['model']}",
        f"Movement: {_gestures(making)}; {_strength(making)}",
        f"Painted rather than moved: at most {making['percent_invented']} % of the moved face",
        *making["notes"],
        "",
        "Footnote",
        "  " + statement["footnote"],
        "",
        "GEDCOM 7",
        *("  " + row for row in statement["gedcom"].splitlines()),
    ]
    return "\n".join(lines) + "\n"


def read(clip: str | Path) -> Slip:
    """The slip beside a clip; what cannot be read is unreadable, never an error."""
    path = paths(clip)[0]
    if not path.is_file():
        return Slip("absent")
    try:
        with open(path, "rb") as file:
            statement = json.loads(file.read(_LIMIT))
        about, photo, making = statement["clip"], statement["photograph"], statement.get("made", {})
        parts = {key: making.get(key, "") for key in ("program", "model", "gestures", "options")}
        return Slip(
            "readable",
            str(about["sha256"])[:64],
            str(about.get("mark", ""))[:12],
            {"photo_sha256": str(photo["sha256"])[:64], **parts},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Slip("unreadable")


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str, overwrite: bool) -> None:
    if overwrite:
        write_text(path, text)
        return
    part = path.with_name(f".{secrets.token_hex(6)}.slip")
    try:
        part.write_text(text, encoding="utf-8")
        os.link(part, path)  # unlike a move, this never replaces a file
    except FileExistsError:
        raise
    except (PermissionError, NotImplementedError):  # a disk without links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(part, path)
    finally:
        part.unlink(missing_ok=True)


def _not_written(path: Path, problem: OSError) -> OutputError:
    if isinstance(problem, FileExistsError):
        return OutputError(f"{path} is there already", hint="choose another name for the clip, or move that file away")
    hint = "check the space on the disk and that the folder may be written to"
    if problem.errno == errno.ENAMETOOLONG:
        hint = "choose a shorter name for the clip"
    return OutputError(f"the slip {path} cannot be written: {(problem.strerror or str(problem)).lower()}", hint=hint)


def _footnote(statement: dict) -> str:
    photo, making = statement["photograph"], statement["made"]
    parts = [
        f"“{statement['title']}”" if statement.get("title") else "",
        statement.get("names", ""),
        f"animation made from the photograph {photo['file'] or '(unnamed)'} (SHA-256 {photo['sha256'][:16]}…)",
        f"source of the photograph: {statement['source']}" if statement.get("source") else "",
        f"made on {making['date'][:10]}" if making["date"] else "",
        f"with {making['program']} (model {making['model']}), movement “{_gestures(making)}”",
        f"up to {making['percent_invented']} % of the moved face painted by the program",
    ]
    return ", ".join(part for part in parts if part) + ". Illustration, not evidence."


def _gedcom(name: str, statement: dict) -> str:
    kind = statement["clip"]["type"]
    medium = "PHOTO" if kind in ("image/png", "image/jpeg") else "VIDEO"
    lines = ["0 @O1@ OBJE", f"1 FILE {quote(os.fsencode(name))}", f"2 FORM {kind}", f"3 MEDI {medium}"]
    lines.append(f"2 TITL {_payload(statement.get('title') or 'Animation made from a photograph')}")
    lines += [f"1 NOTE {_payload(statement['statement'])}", f"2 CONT {_payload(statement['footnote'])}"]
    return "\n".join(lines)


def _payload(text: str) -> str:
    return "@" + text if text.startswith("@") else text


def _gestures(making: dict) -> str:
    gestures = making["gestures"]
    if len(gestures) == 1:
        return next(iter(gestures.values()))
    return ", ".join(f"face {face}: {gesture}" for face, gesture in gestures.items()) or "none"


def _strength(making: dict) -> str:
    named = [f"{key} {making['options'][key]}" for key in ("head", "expression", "gaze") if key in making["options"]]
    return "strength " + ", ".join(named) if named else "strength as recorded"
