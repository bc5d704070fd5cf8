"""The wording of a citation slip: the text for people, a footnote, and GEDCOM.

The snippet is GEDCOM 7.0 (FamilySearch, gedcom.io): a multimedia record with a note. A statement is the mapping that
`citation.content` makes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote


def as_text(statement: dict) -> str:
    """The slip for people."""
    photo, making, clip = statement["photograph"], statement["made"], statement["clip"]
    lines = [
        statement.get("title") or f"Animation made from {photo['file'] or 'a photograph'}",
        "",
        statement["statement"],
        "",
        *(f"{key.capitalize()}: {statement[key]}" for key in ("names", "source", "consent") if statement.get(key)),
        f"Photograph: {photo['file']}, {photo['width']} x {photo['height']} pixels",
        f"  SHA-256 {photo['sha256']}",
        *(row for one in statement.get("more_photographs", ()) for row in _further(one)),
        f"Clip: {clip['file']}",
        f"  SHA-256 {clip['sha256']}",
        f"  invisible mark {clip['mark']}",
        f"Made: {making['date']} with {making['program']}, model {making['model']}",
        f"Movement: {_gestures(making)}; {_strength(making)}",
        f"Painted rather than moved: at most {making['percent_invented']} % of the moved face",
        *_edits(making),
        *(note for note in making["notes"] if note not in {edit["description"] for edit in making.get("edits", ())}),
        "",
        "Footnote",
        "  " + statement["footnote"],
        "",
        "GEDCOM 7",
        *("  " + row for row in statement["gedcom"].splitlines()),
    ]
    return "\n".join(lines) + "\n"


def footnote(statement: dict) -> str:
    """One sentence to cite the clip by."""
    photo, making = statement["photograph"], statement["made"]
    parts = [
        f"“{statement['title']}”" if statement.get("title") else "",
        statement.get("names", ""),
        f"animation made from the photograph {photo['file'] or '(unnamed)'} (SHA-256 {photo['sha256'][:16]}…)",
        f"source of the photograph: {statement['source']}" if statement.get("source") else "",
        f"made on {making['date'][:10]}" if making["date"] else "",
        f"with {making['program']} (model {making['model']}), movement “{_gestures(making)}”",
        _others(statement.get("more_photographs", ())),
        f"up to {making['percent_invented']} % of the moved face painted by the program",
        "the photograph was edited first" if making.get("edits") else "",
    ]
    return ", ".join(part for part in parts if part) + ". Illustration, not evidence."


def gedcom(name: str, statement: dict) -> str:
    """A multimedia record for the clip whose file is called `name`, one line a row."""
    kind = statement["clip"]["type"]
    medium = "PHOTO" if kind in ("image/png", "image/jpeg") else "VIDEO"
    lines = ["0 @O1@ OBJE", f"1 FILE {quote(os.fsencode(name))}", f"2 FORM {kind}", f"3 MEDI {medium}"]
    lines.append(f"2 TITL {_payload(statement.get('title') or 'Animation made from a photograph')}")
    lines += [f"1 NOTE {_payload(statement['statement'])}", f"2 CONT {_payload(statement['footnote'])}"]
    return "\n".join(lines)


def _further(one: dict) -> tuple[str, str]:
    """The lines of one further photograph of the person."""
    gave = f"{one['percent_of_face']} % of the drawn face are from it"
    return f"Further photograph of the same person: {one['file'] or '(unnamed)'}, {gave}", f"  SHA-256 {one['sha256']}"


def _others(further: Sequence[dict]) -> str:
    """What further photographs gave, for a footnote; "" without any."""
    if not further:
        return ""
    share = sum(one["percent_of_face"] for one in further)
    names = ", ".join(f"{one['file'] or '(unnamed)'} (SHA-256 {one['sha256'][:16]}…)" for one in further)
    return f"{share:.1f} % of the drawn face taken from further photographs of the same person: {names}"


def _payload(text: str) -> str:
    return "@" + text if text.startswith("@") else text


def _edits(making: dict) -> list[str]:
    """What was done to the photograph before it was animated."""
    listed = [f"  {edit['description']}" for edit in making.get("edits", ())]
    return ["Edited before it was animated (the scan's file is as it was):", *listed] if listed else []


def _gestures(making: dict) -> str:
    gestures = making["gestures"]
    if len(gestures) == 1:
        return next(iter(gestures.values()))
    return ", ".join(f"face {face}: {gesture}" for face, gesture in gestures.items()) or "none"


def _strength(making: dict) -> str:
    named = [f"{key} {making['options'][key]}" for key in ("head", "expression", "gaze") if key in making["options"]]
    return "strength " + ", ".join(named) if named else "strength as recorded"
