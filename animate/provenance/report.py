"""The sentences of a verdict, in the order a person should read them: one for each state of docs/verification.md.

A sentence claims no more than its evidence bears: an account from an unknown signer and the invisible mark, whose key
is public, show what somebody says of a file, not what it is; and a missing mark shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from animate.provenance.findings import Findings
from animate.provenance.record import line

_ABSENCE = "That proves nothing about where it comes from: marks can be removed, and most programs leave none."
_COVERED = (
    "what the signature covers (all pictures, but not padding and the header that names the format) is unchanged since"
)

CONCLUSION = {
    "animation": "This is an animation made by a program from a photograph. It is not footage.",
    "claims": (
        "It says of itself that it is an animation made by a program from a photograph. Its marks can be copied "
        "onto other pictures by anyone, so that they show what somebody says of it, and not who."
    ),
    "badge": "It carries the visible sign of an animation made from a photograph. Anyone can draw that sign.",
    "altered": f"A signed account is inside that does not fit this file, and no other mark was found. {_ABSENCE}",
    "no pictures": f"No pictures could be taken from this file, so not much can be known. {_ABSENCE}",
    "uncertain": f"No mark of ours could be read for certain. {_ABSENCE}",
    "nothing": f"No mark of ours was found. {_ABSENCE}",
}
ACCOUNT = {
    "valid": (
        f"A signed account of its making is inside: “{{signer}}”, whom this computer trusts, signed it, and {_COVERED}."
    ),
    "untrusted": (
        f"A signed account of its making is inside, and {_COVERED}; but “{{signer}}”, who signed it, is not on "
        "this computer's list of trusted signers, and anyone can choose such a name."
    ),
    "expired": (
        f"A signed account of its making is inside, and {_COVERED}; but the certificate of “{{signer}}” is not "
        "valid on the date that this computer shows: it has expired, or the clock is wrong. So it is not known "
        "who signed, and anyone can choose such a name."
    ),
    "altered": (
        "A signed account is inside, but it does not fit this file: the file or the account was changed after it "
        "was signed, or the account was taken from another file. It cannot be relied on."
    ),
    "absent": "No signed account is inside. Sending or re-encoding a clip usually removes it.",
    "unreadable": (
        "If there is a signed account inside, it cannot be read or checked: the file is damaged, cut short, too "
        "large, or of a kind that is not read here."
    ),
}
MAKING = {
    "": "",
    "recorded": (
        "The account says: made from “{photo}” on {day} with {program}, movement “{movement}”, up to {invented} % "
        "of the moved face painted{further}."
    ),
    "foreign": "The account is another program's; it does not say that Keepsake made this.",
}
WATERMARK = {
    "found": (
        "The invisible mark is in the picture: id {id}, {share} % of its bits came through (chance of a false "
        "alarm below {alarm}). Its key is public."
    ),
    "other clip": (
        "The invisible mark is in the picture, but its id {id} is not the one that the account names ({named}): "
        "the two do not belong together, unless the photograph had that mark already."
    ),
    "not found": "No invisible mark was found in the picture.",
    "cannot tell": (
        "It cannot be known whether an invisible mark is there: too small or too large, too little picture, or too "
        "badly damaged."
    ),
}
BADGE = {
    "found": "The visible sign of an animation is in the picture.",
    "not found": "The visible sign is not in the bottom-left corner.",
    "cannot tell": "It cannot be known whether the visible sign is there.",
}
SLIP = {
    "matches": "The slip beside the file describes exactly this file, and agrees with the marks inside it.",
    "unconfirmed": (
        "The slip beside the file names exactly this file, but nothing inside confirms what it says. Anyone can "
        "write such a slip."
    ),
    "contradicts": (
        "The slip beside the file names exactly this file, but another mark, photograph or movement than the "
        "marks inside: it belongs to another clip, or somebody changed it."
    ),
    "same mark": (
        "The slip beside the file describes another file and names the same invisible mark: so does the slip of a "
        "clip that was changed or encoded anew, and so would one beside pictures onto which the mark was copied."
    ),
    "differs": "The slip beside the file describes another file, or this one before it was changed.",
    "unreadable": "The slip beside the file cannot be read.",
    "absent": "There is no slip beside the file.",
}
PHOTO = {
    "not asked": "",
    "matches, account": "It was made from the photograph you gave: the account names that very file.",
    "matches, mark": (
        "It says of itself that it was made from the photograph you gave: the record that names that very file "
        "gives the id of the invisible mark in these pictures."
    ),
    "claimed": "The account names the very photograph you gave; but who signed it is not known.",
    "alike, picture": (
        "Its first picture looks like the photograph you gave, compared coarsely; nothing inside names that very file."
    ),
    "alike, other file": (
        "Its first picture looks like the photograph you gave, compared coarsely; but the account names another file."
    ),
    "differs, picture": (
        "Its first picture does not look like the photograph you gave. A part of a photograph would not be recognised."
    ),
    "differs, other file": (
        "The account names another photograph file than the one you gave, and its first picture looks different. A "
        "part of a photograph would not be recognised."
    ),
    "differs, claim": (
        "The account names the very photograph you gave, but who signed it is not known, and its first picture "
        "does not look like that photograph."
    ),
    "cannot tell": "No picture could be taken from the file to compare with the photograph you gave.",
}


def states(findings: Findings) -> Iterator[tuple[dict[str, str], str]]:
    """The table and the state of each sentence, in order."""
    evidence = findings.evidence
    yield CONCLUSION, findings.conclusion
    yield ACCOUNT, evidence.manifest.state
    yield MAKING, findings.making
    yield WATERMARK, findings.watermark
    yield BADGE, evidence.badge
    yield SLIP, findings.slip
    yield PHOTO, findings.photo


def sentences(findings: Findings) -> Iterator[str]:
    """The verdict's lines: what the file is, then what each mark shows."""
    values = _values(findings)
    for table, state in states(findings):
        if table[state]:
            yield table[state].format_map(values)


def _further(photos: object) -> str:
    """What an account says of further photographs, as the end of a sentence; "" if it says nothing."""
    if not isinstance(photos, list) or not photos:
        return ""
    return f", parts of it taken from further photographs of the same person ({len(photos)} were given)"


def _values(findings: Findings) -> dict[str, str]:
    """What the sentences name; it comes from a file that anyone may have made, so it is cut short and cleaned."""
    account, mark = findings.evidence.manifest, findings.evidence.watermark
    record, gestures = account.record, account.record.get("gestures")
    movement = ", ".join(str(name) for name in gestures.values()) if isinstance(gestures, dict) else ""
    values = {
        "signer": account.signer or "someone without a name",
        "photo": record.get("photo", ""),
        "day": str(record.get("created", ""))[:10] or "an unknown day",
        "program": record.get("program", ""),
        "movement": movement,
        "invented": record.get("invented", "?"),
        "further": _further(record.get("more")),
        "id": mark.identity,
        "named": account.mark_id,
        "share": f"{100 * mark.confidence:.0f}",
        "alarm": f"{mark.false_alarm:.0e}",
    }
    return {name: line(value)[:300] for name, value in values.items()}
