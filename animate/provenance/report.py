"""The sentences of a verdict, in the order a person should read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animate.provenance.verify import Findings

_ABSENCE = "That proves nothing about where it comes from: marks can be removed, and most programs leave none."
_MANIFEST = {
    "valid": "A signed account of its making is inside, and the file has not changed since it was signed by “{signer}”, whom this computer trusts.",
    "untrusted": "A signed account of its making is inside, and the file has not changed since; but “{signer}”, who signed it, is not on "
    "this computer's list of trusted signers, and anyone can choose such a name.",
    "altered": "A signed account is inside, but the file or the account was changed after it was signed, so the account cannot be relied on.",
    "absent": "No signed account is inside. Sending or re-encoding a clip usually removes it.",
    "unreadable": "If there is a signed account inside, it cannot be read: the file is damaged, cut short or too large.",
}
_ICON = {
    "found": "The visible sign of an animation is in the picture.",
    "not found": "The visible sign is not in the bottom-left corner.",
    "cannot tell": "Whether the visible sign is there cannot be told.",
}
_SLIP = {
    "matches": "The slip beside the file describes exactly this file.",
    "differs": "The slip beside the file describes another file, or this one before it was changed.",
    "absent": "There is no slip beside the file.",
}
_PHOTO = {
    ("matches", "hash"): "It was made from the photograph you gave: the account names that very file.",
    (
        "matches",
        "looks",
    ): "It shows the photograph you gave, judged by the looks of the first picture; no account names that very file.",
    (
        "differs",
        "hash",
    ): "It was made from another photograph file than the one you gave, and its first picture looks different.",
    ("differs", "looks"): "Its first picture does not look like the photograph you gave.",
}


def sentences(parts: Findings) -> Iterator[str]:
    """The verdict's lines: what it is, then what each mark says."""
    yield _what_it_is(parts)
    yield _MANIFEST[parts.manifest.state].format(signer=_clean(parts.manifest.signer) or "someone without a name")
    yield from _making(parts)
    yield from _mark(parts)
    yield _ICON[parts.icon]
    yield _SLIP[parts.slip]
    if (parts.photo, parts.how) in _PHOTO:
        yield _PHOTO[parts.photo, parts.how]


def _what_it_is(parts: Findings) -> str:
    told = bool(parts.manifest.record) and parts.manifest.state in ("valid", "untrusted")
    if parts.invisible.found or told:
        return "This is an animation made by a program from a photograph. It is not footage."
    if parts.icon == "found":
        return "It carries the sign of an animation made from a photograph."
    if not parts.seen:
        return "No pictures could be taken from this file, so not much can be told. " + _ABSENCE
    if parts.invisible.found is None:
        return "No mark of ours could be read for certain. " + _ABSENCE
    return "No mark of ours was found. " + _ABSENCE


def _making(parts: Findings) -> Iterator[str]:
    record = parts.manifest.record
    if parts.manifest.state not in ("valid", "untrusted"):
        return
    if not record:
        yield "The account is another program's; it does not say that Keepsake made this."
        return
    gestures = record.get("gestures")
    movement = ", ".join(str(gesture) for gesture in gestures.values()) if isinstance(gestures, dict) else ""
    yield _clean(
        f"The account says: made from “{record.get('photo', '')}” on {str(record.get('created', ''))[:10] or 'an unknown day'} "
        f"with {record.get('program', '')}, movement “{movement}”, up to {record.get('invented', '?')} % of the moved face painted."
    )


def _mark(parts: Findings) -> Iterator[str]:
    reading = parts.invisible
    if reading.found:
        yield (
            f"The invisible mark is in the picture: id {reading.identity}, {100 * reading.confidence:.0f} % of its bits came through "
            f"(chance of a false alarm below {reading.false_alarm:.0e})."
        )
        if parts.manifest.mark_id and parts.manifest.mark_id != reading.identity:
            yield f"It names another clip than the signed account does ({parts.manifest.mark_id}): the two do not belong together."
    elif reading.found is None:
        yield "Whether an invisible mark is there cannot be told: too small, too little picture, or too badly damaged."
    else:
        yield "No invisible mark was found in the picture."


def _clean(text: str) -> str:
    """Printable and not endless: it comes from a file that anyone may have made."""
    return "".join(c if c.isprintable() else " " for c in text[:600])
