"""The citation slip: two small files beside a clip that say what it is, for people (.txt) and for programs (.json).

`anna.mp4` gets `anna.mp4.json` and `anna.mp4.txt`. Names, source and consent stand here and nowhere else, as the person entered
them. The snippet is GEDCOM 7.0 (FamilySearch, gedcom.io): a multimedia record with a note.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from urllib.parse import quote

from animate.core.errors import OutputError
from animate.core.types import Provenance

ILLUSTRATION = "Illustration, not evidence: the movement was invented by a program, the person never moved like this before a camera."
_EXTRA = ("title", "names", "source", "consent")
_LONGEST = 2_000  # characters of anything a person entered
_LIMIT = 1_000_000  # bytes of a slip that is read


def paths(clip: str | Path) -> tuple[Path, Path]:
    """Where the slips of a clip are: (.json, .txt)."""
    clip = Path(clip)
    return clip.with_name(clip.name + ".json"), clip.with_name(clip.name + ".txt")


def write(clip: str | Path, record: Provenance, mark_id: str, content_type: str) -> tuple[Path, Path]:
    """Writes both slips for the finished clip, each complete or not at all; OutputError when they cannot be written."""
    clip = Path(clip)
    said = account(clip.name, sha256(clip), record, mark_id, content_type)
    for path, text in zip(
        paths(clip), (json.dumps(said, indent=2, ensure_ascii=False) + "\n", readable(said)), strict=True
    ):
        part = path.with_name(f".{secrets.token_hex(6)}.slip")
        try:
            part.write_text(text, encoding="utf-8")
            os.replace(part, path)
        except OSError as problem:
            part.unlink(missing_ok=True)
            raise OutputError(
                f"the slip {path} could not be written: {problem.strerror}",
                hint="check the space on the disk and that the folder may be written to",
            ) from problem
    return paths(clip)


def account(name: str, digest: str, record: Provenance, mark_id: str, content_type: str) -> dict:
    """What the slip says, ready for JSON; `digest` is the clip's SHA-256."""
    extra = {key: _line(record.extra[key]) for key in _EXTRA if record.extra.get(key)}
    said = {
        "keepsake_slip": 1,
        "statement": ILLUSTRATION,
        "clip": {"file": name, "sha256": digest, "type": content_type, "mark": mark_id},
        "photograph": {
            "file": record.photo,
            "sha256": record.photo_sha256,
            "width": record.photo_size[0],
            "height": record.photo_size[1],
        },
        "made": {
            "date": record.created,
            "program": record.program,
            "model": record.model,
            "gestures": {str(face): gesture for face, gesture in record.gestures.items()},
            "options": {
                key: value if isinstance(value, (str, int, float, bool)) else str(value)
                for key, value in record.options.items()
            },
            "percent_invented": round(record.invented, 1),
            "notes": list(record.notes),
        },
        **extra,
    }
    said["footnote"] = _footnote(said)
    said["gedcom"] = _gedcom(said)
    return said


def readable(said: dict) -> str:
    """The slip in plain words."""
    photo, made, clip = said["photograph"], said["made"], said["clip"]
    lines = [said.get("title") or f"Animation made from {photo['file'] or 'a photograph'}", "", said["statement"], ""]
    lines += [f"{key.capitalize()}: {said[key]}" for key in _EXTRA[1:] if said.get(key)]
    lines += [
        f"Photograph: {photo['file']}, {photo['width']} x {photo['height']} pixels",
        f"  SHA-256 {photo['sha256']}",
        f"Clip: {clip['file']}",
        f"  SHA-256 {clip['sha256']}",
        f"  invisible mark {clip['mark']}",
        f"Made: {made['date']} with {made['program']}, model {made['model']}",
        f"Movement: {_gestures(made)}; {_strength(made)}",
        f"Painted rather than moved: at most {made['percent_invented']} % of the moved face",
        *made["notes"],
        "",
        "Footnote",
        "  " + said["footnote"],
        "",
        "GEDCOM 7",
        *("  " + line for line in said["gedcom"].splitlines()),
    ]
    return "\n".join(lines) + "\n"


def check(clip: str | Path) -> tuple[str, str]:
    """("matches" | "differs" | "absent", the photograph's SHA-256 that the slip names or ""): is the slip about this very file?

    A slip that cannot be read counts as different.
    """
    path = paths(clip)[0]
    if not path.is_file():
        return "absent", ""
    try:
        with open(path, "rb") as file:
            said = json.loads(file.read(_LIMIT))
        same = said["clip"]["sha256"] == sha256(clip)
        return ("matches" if same else "differs"), str(said["photograph"]["sha256"])[:64]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "differs", ""


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _footnote(said: dict) -> str:
    photo, made = said["photograph"], said["made"]
    parts = [
        f"“{said['title']}”" if said.get("title") else "",
        said.get("names", ""),
        f"animation made from the photograph {photo['file'] or '(unnamed)'} (SHA-256 {photo['sha256'][:16]}…)",
        f"source of the photograph: {said['source']}" if said.get("source") else "",
        f"made on {made['date'][:10]}" if made["date"] else "",
        f"with {made['program']} (model {made['model']}), movement “{_gestures(made)}”",
        f"up to {made['percent_invented']} % of the moved face painted by the program",
    ]
    return ", ".join(part for part in parts if part) + ". Illustration, not evidence."


def _gedcom(said: dict) -> str:
    clip = said["clip"]
    medium = "PHOTO" if clip["type"] in ("image/png", "image/jpeg") else "VIDEO"
    lines = ["0 @O1@ OBJE", f"1 FILE {quote(clip['file'])}", f"2 FORM {clip['type']}", f"3 MEDI {medium}"]
    lines.append(f"2 TITL {_payload(said.get('title') or 'Animation made from a photograph')}")
    lines += [f"1 NOTE {_payload(said['statement'])}", f"2 CONT {_payload(said['footnote'])}"]
    return "\n".join(lines)


def _payload(text: str) -> str:
    return "@" + text if text.startswith("@") else text


def _gestures(made: dict) -> str:
    gestures = made["gestures"]
    if len(gestures) == 1:
        return next(iter(gestures.values()))
    return ", ".join(f"face {face}: {gesture}" for face, gesture in gestures.items()) or "none"


def _strength(made: dict) -> str:
    named = [f"{key} {made['options'][key]}" for key in ("head", "expression", "gaze") if key in made["options"]]
    return "strength " + ", ".join(named) if named else "strength as recorded"


def _line(text: object) -> str:
    """One line of ordinary characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)[:_LONGEST]).split())
