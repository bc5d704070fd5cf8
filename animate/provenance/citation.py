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
from dataclasses import dataclass, field
from pathlib import Path

from animate.core.errors import OutputError
from animate.core.files import write_text
from animate.core.types import Provenance
from animate.provenance import citation_text
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


def write(clip: str | Path, statement: dict) -> None:
    """Writes both slips of a clip, each complete or not at all, over older ones.

    Args:
        clip: the clip, whose name they get; it is not read.
        statement: see `content`.

    Raises:
        OutputError: they cannot be written.
    """
    texts = json.dumps(statement, indent=2, ensure_ascii=False) + "\n", citation_text.as_text(statement)
    for path, text in zip(paths(clip), texts, strict=True):
        try:
            write_text(path, text)
        except OSError as problem:
            hint = "check the space on the disk and that the folder may be written to"
            if problem.errno == errno.ENAMETOOLONG:
                hint = "choose a shorter name for the clip"
            raise OutputError(
                f"the slip {path} cannot be written: {problem.strerror or problem}", hint=hint
            ) from problem


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
            "percent_invented": round(provenance.synthesized, 1),
            "notes": record["notes"],
        }
        | ({"edits": record["edits"]} if "edits" in record else {}),
        **({"more_photographs": _further(provenance)} if provenance.more else {}),
        **typed,
    }
    statement["footnote"] = citation_text.footnote(statement)
    statement["gedcom"] = citation_text.gedcom(name, statement)
    return statement


def _further(provenance: Provenance) -> list[dict]:
    """The further photographs of the person, with their files' names."""
    return [
        {"file": line(one.name), "sha256": line(one.sha256), "percent_of_face": round(one.percent, 2)}
        for one in provenance.more
    ]


def read(clip: str | Path) -> Slip:
    """The slip beside a clip; what cannot be read is unreadable, never an error."""
    path = paths(clip)[0]
    if not os.path.isfile(path):
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
            {"photo_sha256": str(photo["sha256"])[:64], **parts, "more": statement.get("more_photographs", [])},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Slip("unreadable")


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
