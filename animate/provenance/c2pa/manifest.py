"""C2PA Content Credentials: a signed account of how a clip was made, inside the clip.

What it contains: the photograph was opened (parent ingredient with its hash and a small thumbnail), further ones of the
person were placed (component ingredients with their hashes and shares), edited with a trained model (digital source
type compositeWithTrainedAlgorithmicMedia, gesture, model), and watermarked; a soft binding names the invisible mark's
id, so that a clip whose manifest was lost can be matched to it. Its record holds listed options only (`record.py`):
title, names, source and consent that a person typed are not in it, nor are the names of further photographs' files;
they stay in the slip. Nothing here uses the network.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from animate.core.errors import OutputError
from animate.core.file_type import detect_file
from animate.core.files import replacing
from animate.core.types import Provenance
from animate.provenance import record as records
from animate.provenance.c2pa.signer import OFFLINE, Signer, whole_certificates
from animate.provenance.xmp import SOURCE_TYPE

BINDING = "org.keepsake.tile.1"  # our name for the invisible mark's algorithm
_RECORD = "org.keepsake.record"
_THUMBNAIL = 256  # pixels, longest side
_LARGEST = 4 * 1024**3  # bytes: larger files are not hashed
_WRITTEN = {"video/mp4", "image/gif", "image/webp", "image/png", "image/jpeg"}
_READ = {*_WRITTEN, "video/quicktime", "image/avif", "image/heic", "image/tiff", "video/x-msvideo"}
_WITHOUT = {"Matroska", "Ogg", "FLV", "ASF", "MPEG", "BMP", "PPM"}  # formats in which C2PA has no place for an account
_EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity", "timeStamp.outsideValidity"}
ALGORITHM = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
_EDITS = {  # kind of an edit -> action and source type
    "orientation": ("c2pa.orientation", ALGORITHM),
    "inverted": ("c2pa.color_adjustments", ALGORITHM),
    "tone": ("c2pa.color_adjustments", ALGORITHM),
    "grain": ("c2pa.filtered", ALGORITHM),
    "damage": ("c2pa.edited", ALGORITHM),
    "detail": ("c2pa.edited", SOURCE_TYPE),
}
_CREDENTIAL = "signingCredential."  # codes about who signed, not about what was signed


@dataclass(frozen=True)
class ManifestReport:
    """What the manifest in a file is worth.

    state    valid       unchanged since a trusted signer signed it
             untrusted   unchanged, the signer is not on the list
             expired     unchanged, the signer's certificate is not valid on the date this computer shows
             altered     file or manifest do not fit what was signed
             absent
             unreadable  damaged, too large, of a kind that is not read, or without what is needed to check it
    signer   the name in the certificate, mark_id 12 hexadecimal digits or ""
    record   what Keepsake recorded about the making (`record.as_mapping`), empty when nothing was
    """

    state: str
    signer: str = ""
    mark_id: str = ""
    record: Mapping[str, object] = field(default_factory=dict)

    @property
    def unchanged(self) -> bool:
        """True when the manifest belongs to this very file, whoever signed it."""
        return self.state in ("valid", "untrusted", "expired")


def content_type(path: str | Path) -> str:
    """MIME type of a file by its first bytes, "" for a kind that is not written here. Raises OSError."""
    kind = _kind(path)
    return kind if kind in _WRITTEN else ""


def sign(path: Path, record: Provenance, mark_id: str, signer: Signer, *, photo: np.ndarray | None = None) -> None:
    """Puts the manifest into the finished file at `path`, all at once; nothing may change the file afterwards.

    Args:
        path: an MP4, GIF, WebP, PNG or JPEG file.
        mark_id: the invisible mark's id, 12 hexadecimal digits.
        photo: (H, W, 3) uint8 RGB, for the thumbnail.

    Raises:
        OutputError: the file cannot be signed.
    """
    import c2pa

    kind = content_type(path)
    resources = {} if photo is None else {"photo.jpg": _small(photo)}
    try:
        with replacing(path) as signed, open(path, "rb") as source, open(signed, "w+b") as target:
            signer.sign(definition(record, mark_id, kind, thumbnail=photo is not None), kind, source, target, resources)
    except (c2pa.C2paError.Io, OSError) as problem:
        hint = "check the space on the disk and that the folder may be written to"
        reason = getattr(problem, "strerror", None) or problem
        raise OutputError(f"{path.name} could not be signed: {reason}", hint=hint) from problem
    except c2pa.C2paError as problem:
        hint = "the file may be damaged, or the signer's certificates are not what C2PA asks for"
        raise OutputError(f"{path.name} could not be signed: {problem}", hint=hint) from problem


def definition(record: Provenance, mark_id: str, kind: str, *, thumbnail: bool) -> dict:
    """The manifest as C2PA's builder takes it."""
    content = records.as_mapping(record)
    name, _, version = content["program"].partition(" ")
    agent = {"name": name, "version": version}
    return {
        "claim_generator_info": [agent],
        "title": f"Animation made from {content['photo'] or 'a photograph'}",
        "format": kind,
        "ingredients": [_parent(content, thumbnail), *_further(content)],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(content, agent)}},
            {"label": "c2pa.soft-binding", "data": {"alg": BINDING, "blocks": [{"scope": {}, "value": mark_id}]}},
            {"label": _RECORD, "data": content},
        ],
    }


def _actions(content: dict, agent: dict) -> list[dict]:
    placed = [one["label"] for one in _further(content)]
    return [
        {"action": "c2pa.opened", "softwareAgent": agent, "parameters": {"ingredientIds": ["photo"]}},
        *({"action": "c2pa.placed", "softwareAgent": agent, "parameters": {"ingredientIds": [one]}} for one in placed),
        *(_edit(edit, agent) for edit in content.get("edits", ())),
        {
            "action": "c2pa.edited",
            "softwareAgent": agent,
            "digitalSourceType": SOURCE_TYPE,
            "description": "A still photograph was animated; the movement is invented.",
            "parameters": {
                "org.keepsake.model": content["model"],
                "org.keepsake.gestures": ", ".join(content["gestures"].values()),
            },
        },
        {"action": "c2pa.watermarked.bound", "softwareAgent": agent},
    ]


def _edit(edit: dict, agent: dict) -> dict:
    """A change of the photograph as an action of C2PA 2.2; fine detail from a network counts as invented."""
    action, source = _EDITS.get(edit["kind"], ("c2pa.edited", ALGORITHM))
    return {
        "action": action,
        "softwareAgent": agent,
        "digitalSourceType": source,
        "description": edit["description"],
        "parameters": {f"org.keepsake.{name}": value for name, value in edit["parameters"].items()},
    }


def read(path: str | Path, anchors: bytes = b"") -> ManifestReport:
    """The manifest in a file, checked against the file; `anchors` are the authorities (PEM) that are trusted, of which
    those that are damaged are passed over."""
    import c2pa

    try:
        found, size = detect_file(path), os.path.getsize(path)
    except OSError:
        return ManifestReport("unreadable")
    if found and found.name in _WITHOUT:
        return ManifestReport("absent")
    kind = found.mime if found else ""
    if kind not in _READ or size > _LARGEST:
        return ManifestReport("unreadable")
    settings: dict = {"verify": dict(OFFLINE)}
    if trusted := whole_certificates(anchors):
        settings["trust"] = {"trust_anchors": trusted.decode("ascii")}
    try:
        context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
        with open(path, "rb") as file, c2pa.Reader(kind, file, context=context) as reader:
            return _report(str(reader.get_validation_state()), json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return ManifestReport("absent")
    except (c2pa.C2paError, OSError, ValueError, RecursionError):
        return ManifestReport("unreadable")


def _kind(path: str | Path) -> str:
    kind = detect_file(path)
    return kind.mime if kind else ""


def _report(summary: str, report: dict) -> ManifestReport:
    active = report.get("manifests", {}).get(report.get("active_manifest"), {})
    assertions = {assertion.get("label"): assertion.get("data") for assertion in active.get("assertions", [])}
    record = assertions.get(_RECORD)
    results = report.get("validation_results", {}).get("activeManifest", {})
    success, failure = ({str(entry.get("code")) for entry in results.get(key, [])} for key in ("success", "failure"))
    return ManifestReport(
        state=_state(summary, success, failure),
        signer=records.line(active.get("signature_info", {}).get("common_name", ""))[:200],
        mark_id=_bound(assertions.get("c2pa.soft-binding")),
        record=record if isinstance(record, dict) else {},
    )


def _state(summary: str, success: set[str], failure: set[str]) -> str:
    """C2PA's summary, taken apart by its status codes where it is "Invalid": an expired certificate changes no file.

    Codes: C2PA Technical Specification 2, section "Validation", "Returning validation results".
    """
    if summary in ("Trusted", "Valid"):
        return "valid" if summary == "Trusted" else "untrusted"
    if any(code.endswith(".mismatch") for code in failure):
        return "altered"
    others = {code for code in failure if not code.startswith(_CREDENTIAL)} - _EXPIRED
    checked = "claimSignature.validated" in success and any(code.endswith("Hash.match") for code in success)
    if others or not checked:
        return "unreadable"
    return "expired" if failure & _EXPIRED else "untrusted"


def _bound(binding: object) -> str:
    """The mark's id in a soft binding of ours, "" in any other."""
    if not isinstance(binding, dict) or binding.get("alg") != BINDING:
        return ""
    blocks = binding.get("blocks")
    value = blocks[0].get("value") if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict) else None
    return value if isinstance(value, str) and len(value) == 12 else ""


def _parent(content: dict, thumbnail: bool) -> dict:
    parent = {
        "title": content["photo"] or "photograph",
        "relationship": "parentOf",
        "label": "photo",
        "instance_id": f"sha256:{content['photo_sha256']}",
        "description": f"SHA-256 of the photograph: {content['photo_sha256']}",
    }
    if thumbnail:
        parent["thumbnail"] = {"format": "image/jpeg", "identifier": "photo.jpg"}
    return parent


def _further(content: dict) -> list[dict]:
    """The further photographs that gave something as ingredients, by number and hash; files' names stay in the slip."""
    return [
        {
            "title": f"further photograph {number}",
            "relationship": "componentOf",
            "label": f"further{number}",
            "instance_id": f"sha256:{one['sha256']}",
            "description": f"SHA-256 of a further photograph of the same person: {one['sha256']}; "
            f"{one['percent']} % of the drawn face are from it",
        }
        for number, one in enumerate(content.get("more", ()), 1)
        if one["percent"] > 0
    ]


def _small(photo: np.ndarray) -> bytes:
    from PIL import Image

    picture = Image.fromarray(photo)
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()
