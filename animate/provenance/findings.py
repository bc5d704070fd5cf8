"""What the evidence in and beside a file amounts to: the marks compared with each other and with a photograph.

No frames are read here and no sentences written: `verify.py` gathers the evidence, `report.py` phrases the
states, which are listed in docs/verification.md.

The invisible mark's id is computed from the record of the making (`record.identity`), the photograph's hash included.
A record that gives the id which is in the pixels therefore belongs to this picture's mark, wherever the record was
kept; to write another record that gives the same id takes about 2^48 trials. Who put the mark there is not known: its
key is public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from animate.core.types import Photo
from animate.provenance import record as records
from animate.provenance.c2pa.manifest import ManifestReport
from animate.provenance.citation import Slip
from animate.provenance.watermark.detect import Detection

_ALIKE = 0.9  # correlation of two pictures that show the same photograph
MARKED = ("animation", "claims", "badge")  # conclusions for which `outcome` is 0


@dataclass(frozen=True)
class Evidence:
    """What was read from a file and from beside it; sha256 is the file's, first its first picture or None."""

    sha256: str
    manifest: ManifestReport
    watermark: Detection
    badge: str  # found | not found | cannot tell
    slip: Slip
    first: np.ndarray | None


@dataclass(frozen=True)
class Findings:
    """The evidence with its states, each a row of docs/verification.md."""

    evidence: Evidence
    conclusion: str
    making: str
    watermark: str
    slip: str
    photo: str

    @property
    def contradictions(self) -> tuple[str, ...]:
        """The marks that do not fit the file, each other, or the photograph that was given."""
        wrong = {
            "manifest": self.evidence.manifest.state == "altered",
            "invisible": self.watermark == "other clip",
            "slip": self.slip in ("differs", "same mark", "contradicts", "unreadable"),
            "photo": self.photo.startswith("differs"),
        }
        return tuple(name for name, is_wrong in wrong.items() if is_wrong)


def findings(evidence: Evidence, photo: Photo | None = None) -> Findings:
    """The states of all marks, and of `photo` where one was given."""
    return Findings(
        evidence,
        conclusion=_conclusion(evidence),
        making=_making(evidence.manifest),
        watermark=_watermark(evidence),
        slip=_slip(evidence),
        photo=_photo(evidence, photo),
    )


def presence(found: bool | None) -> str:
    """ "found", "not found" or "cannot tell"."""
    return {True: "found", False: "not found", None: "cannot tell"}[found]


def _conclusion(evidence: Evidence) -> str:
    account = evidence.manifest
    if account.state == "valid" and account.record:
        return "animation"
    if evidence.watermark.found or (account.unchanged and account.record):
        return "claims"
    if evidence.badge == "found":
        return "badge"
    if evidence.first is None:
        return "no pictures"
    if account.state == "altered":
        return "altered"
    return "uncertain" if evidence.watermark.found is None else "nothing"


def _making(account: ManifestReport) -> str:
    if not account.unchanged:
        return ""
    return "recorded" if account.record else "foreign"


def _watermark(evidence: Evidence) -> str:
    named = evidence.manifest.mark_id
    if evidence.watermark.found and named and named != evidence.watermark.identity:
        return "other clip"
    return presence(evidence.watermark.found)


def _slip(evidence: Evidence) -> str:
    slip, account, mark = evidence.slip, evidence.manifest, evidence.watermark
    if slip.state != "readable":
        return slip.state
    if slip.sha256 != evidence.sha256:
        return "same mark" if mark.found and slip.mark_id == mark.identity else "differs"
    recorded = account.unchanged and bool(account.record)
    if recorded and (slip.mark_id != account.mark_id or not _same_making(slip.record, account.record)):
        return "contradicts"
    if mark.found and slip.mark_id != mark.identity:
        return "contradicts"
    return "matches" if recorded or (mark.found and _gives(slip.record, mark.identity)) else "unconfirmed"


def _same_making(one: Mapping, other: Mapping) -> bool:
    keys = ("photo_sha256", "gestures", "options", "program", "model")
    return records.identity({key: one.get(key) for key in keys}) == records.identity(
        {key: other.get(key) for key in keys}
    )


def _gives(record: Mapping, identity: str) -> bool:
    return bool(record) and records.identity(record).hex() == identity


def _photo(evidence: Evidence, photo: Photo | None) -> str:
    """The state, and after a comma what it rests on."""
    if photo is None:
        return "not asked"
    account, mark = evidence.manifest, evidence.watermark
    named = str(account.record.get("photo_sha256", "")) if account.unchanged else ""
    if photo.sha256 and named == photo.sha256 and account.state == "valid":
        return "matches, account"
    if account.state != "valid" and photo.sha256 and mark.found:
        kept = [record for record in (account.record, evidence.slip.record) if _gives(record, mark.identity)]
        if any(record.get("photo_sha256") == photo.sha256 for record in kept):
            return "matches, mark"
    alike = None if evidence.first is None else _alike(photo.pixels, evidence.first)
    if photo.sha256 and named == photo.sha256:
        return "differs, claim" if alike is False else "claimed"
    if alike is None:
        return "cannot tell"
    return f"{'alike' if alike else 'differs'}, {'other file' if named and photo.sha256 else 'picture'}"


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """True when two pictures of about the same proportions agree in grey and coarsely."""
    shapes = [picture.shape[1] / picture.shape[0] for picture in (one, other)]
    if abs(np.log(shapes[0] / shapes[1])) > 0.03:
        return False
    from PIL import Image

    small = [
        np.asarray(Image.fromarray(picture).convert("L").resize((48, 48), Image.Resampling.BOX), dtype=np.float64)
        for picture in (one, other)
    ]
    a, b = (grey - grey.mean() for grey in small)
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return bool(scale > 0 and (a * b).sum() / scale > _ALIKE)
