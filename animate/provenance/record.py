"""What the marks record about the making of a clip, and the id that the invisible mark carries, computed from it.

Manifest and slip hold the same record, so that the id can be computed again from either. A record takes the options
listed here and no others: what a person typed about people (title, names, source, consent) belongs to the slip alone.
Keys are part of the format of manifests and slips and never change: the synthesized share is called "invented" there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from animate.core.types import Edit, FurtherPhoto, Provenance

OPTIONS = (
    "model", "mode", "adapt", "head", "expression", "gaze", "mouth", "teeth", "driver_face", "start", "end", "sound",
    "page", "box", "more_anyway", "finder", "enhance", "repair", "stagger", "seconds", "size", "frame", "fps",
    "quality", "end_card",
)  # fmt: skip
LEFT_OUT = (
    "title", "names", "source", "consent",  # typed by a person, about people
    "faces",  # may hold paths of driving videos; `gestures` says which face makes which movement
    "threads",  # says nothing about the clip
)  # fmt: skip
ILLUSTRATION = (
    "Illustration, not evidence: the movement was invented by a program, "
    "the person never moved like this before a camera."
)
_LONGEST = 2_000  # characters of any text
_JOINERS = "\u200c\u200d"  # not printable to Python, but part of the spelling of names in several scripts


def line(text: object) -> str:
    """`text` as one line without control characters, of at most 2,000 characters."""
    kept = (char if char.isprintable() or char in _JOINERS else " " for char in str(text)[:_LONGEST])
    return " ".join("".join(kept).split())


def as_mapping(provenance: Provenance) -> dict:
    """The record of a clip, ready for JSON."""
    return {
        "program": line(provenance.program),
        "model": line(provenance.model),
        "photo": line(provenance.photo),
        "photo_sha256": line(provenance.photo_sha256),
        "photo_size": list(provenance.photo_size),
        "gestures": {str(face): line(name) for face, name in provenance.gestures.items()},
        "options": {name: _plain(provenance.options[name]) for name in OPTIONS if name in provenance.options},
        "invented": round(provenance.synthesized, 2),
        "created": line(provenance.created),
        "notes": [line(note) for note in provenance.notes],
        **({"more": [_further(one) for one in provenance.more]} if provenance.more else {}),
        **({"edits": [_edit(edit) for edit in provenance.edits]} if provenance.edits else {}),
    }


def _edit(edit: Edit) -> dict:
    parameters = {line(name): _plain(value) for name, value in edit.parameters.items()}
    return {"kind": line(edit.kind), "description": line(edit.description), "parameters": parameters}


def identity(record: Mapping[str, object]) -> bytes:
    """The six bytes that the invisible mark of a clip carries: the start of a SHA-256 over parts of its record.

    These are the SHA-256 of the photograph and of further ones, the name of each face's movement, the options listed
    here, program and model: the same clip has the same id whenever, wherever and on however many processor cores it is
    made. A driving video counts by its file name only, and a photograph that never was a file has no hash; clips that
    differ in nothing else share an id. The record may come from a hostile file; anything gives an id.
    """
    parts = {
        **{key: _canonical(record.get(key, "")) for key in ("program", "model", "photo_sha256")},
        **{key: _canonical_mapping(record.get(key)) for key in ("gestures", "options")},
    }
    further = record.get("more")
    if isinstance(further, Sequence) and not isinstance(further, str) and further:  # records from before have none
        parts["more"] = {str(k): _canonical(_hash_of(one)) for k, one in enumerate(further)}
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).digest()[:6]


def _further(photo: FurtherPhoto) -> dict:
    """A further photograph without its name, which a person may have given it after somebody."""
    return {"sha256": line(photo.sha256), "percent": round(photo.percent, 2)}


def _hash_of(further: object) -> object:
    return further.get("sha256", "") if isinstance(further, Mapping) else ""


def _plain(value: object) -> object:
    if isinstance(value, (bool, int, float)):
        return value
    return line(value)


def _canonical_mapping(value: object) -> dict[str, str]:
    items = value.items() if isinstance(value, Mapping) else ()
    return {line(key): _canonical(item) for key, item in items}


def _canonical(value: object) -> str:
    """A text that stays the same when the value has been through JSON or CBOR, where 1.0 may come back as 1."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return f"{float(value):.6g}"
        except OverflowError:
            return "inf"
    return line(value)
