"""C2PA Content Credentials: a signed account of how a clip was made, inside the clip.

What it says: the photograph was opened (parent ingredient with its hash and a small thumbnail), edited with a trained model (digital
source type compositeWithTrainedAlgorithmicMedia, gesture, model), and watermarked; a soft binding names the invisible
mark's id, so that a clip whose manifest was lost can be matched to it. Names, sources and consent that a person typed in are
not in it: they stay in the slip. Nothing here uses the network.
"""

from __future__ import annotations

import io
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from animate.core.errors import OutputError
from animate.core.types import Provenance
from animate.provenance.c2pa.keys import Signer
from animate.provenance.xmp import SOURCE_TYPE

BINDING = "org.keepsake.tile.1"  # our name for the invisible mark's algorithm
_RECORD = "org.keepsake.record"
_THUMBNAIL = 256  # pixels, longest side
_LARGEST = 4 * 1024**3  # bytes: larger files are not hashed
_OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
_SIGNING = {"builder": {"thumbnail": {"enabled": False}}, "verify": _OFFLINE}  # else a picture as large as a short clip


@dataclass(frozen=True)
class Found:
    """state is valid, untrusted, altered, absent or unreadable; signer the certificate's name; mark_id 12 hexadecimal digits or "";
    record what was said about the making (see `account`), empty when nothing was."""

    state: str
    signer: str = ""
    mark_id: str = ""
    record: Mapping[str, object] = field(default_factory=dict)


def content_type(path: str | Path) -> str:
    """MIME type by the first bytes, "" for a file that none of ours looks like. Raises OSError."""
    with open(path, "rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    starts = {
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
    }
    return next((kind for start, kind in starts.items() if head.startswith(start)), "")


def sign(path: Path, record: Provenance, mark_id: str, signer: Signer, *, photo: np.ndarray | None = None) -> None:
    """Puts the manifest into the finished file at `path`, all at once; `photo` (H, W, 3) uint8 makes the thumbnail.

    Nothing may change the file afterwards. Raises OutputError when it cannot be signed.
    """
    import c2pa

    kind = content_type(path)
    signed = path.with_name(f".{secrets.token_hex(6)}.signed")
    info = c2pa.C2paSignerInfo(
        alg=signer.algorithm.encode(), sign_cert=signer.chain, private_key=signer.key, ta_url=None
    )
    claim = json.dumps(account(record, mark_id, kind, thumbnail=photo is not None))
    try:
        context = c2pa.Context(settings=c2pa.Settings.from_dict(_SIGNING))
        with c2pa.Signer.from_info(info) as hand, c2pa.Builder.from_json(claim, context=context) as builder:
            if photo is not None:
                builder.add_resource("photo.jpg", io.BytesIO(_small(photo)))
            with open(path, "rb") as source, open(signed, "w+b") as target:
                builder.sign(hand, kind, source, target)
        os.replace(signed, path)
    except (c2pa.C2paError, OSError) as problem:
        raise OutputError(
            f"{path.name} could not be signed: {problem}", hint="check the signing key and the space on the disk"
        ) from problem
    finally:
        signed.unlink(missing_ok=True)


def account(record: Provenance, mark_id: str, kind: str, *, thumbnail: bool) -> dict:
    """The manifest as C2PA's builder takes it."""
    name, _, version = record.program.partition(" ")
    agent = {"name": name, "version": version}
    said = {
        "program": record.program,
        "model": record.model,
        "photo": record.photo,
        "photo_sha256": record.photo_sha256,
        "photo_size": list(record.photo_size),
        "gestures": {str(face): gesture for face, gesture in record.gestures.items()},
        "options": {key: _plain(value) for key, value in record.options.items()},
        "invented": round(record.invented, 2),
        "created": record.created,
        "notes": list(record.notes),
    }
    actions = [
        {"action": "c2pa.opened", "softwareAgent": agent, "parameters": {"ingredientIds": ["photo"]}},
        {
            "action": "c2pa.edited",
            "softwareAgent": agent,
            "digitalSourceType": SOURCE_TYPE,
            "description": "A still photograph was animated; the movement is invented.",
            "parameters": {
                "org.keepsake.model": record.model,
                "org.keepsake.gestures": ", ".join(record.gestures.values()),
            },
        },
        {"action": "c2pa.watermarked.bound", "softwareAgent": agent},
    ]
    return {
        "claim_generator_info": [agent],
        "title": f"Animation made from {record.photo or 'a photograph'}",
        "format": kind,
        "ingredients": [_parent(record, thumbnail)],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": "c2pa.soft-binding", "data": {"alg": BINDING, "blocks": [{"scope": {}, "value": mark_id}]}},
            {"label": _RECORD, "data": said},
        ],
    }


def read(path: str | Path, anchors: bytes = b"") -> Found:
    """The manifest in a file, checked against the file; `anchors` are the authorities (PEM) that are trusted."""
    import c2pa

    try:
        kind, size = content_type(path), os.path.getsize(path)
    except OSError:
        return Found("unreadable")
    if not kind:
        return Found("absent")
    if size > _LARGEST:
        return Found("unreadable")
    settings: dict = {"verify": dict(_OFFLINE)}
    if anchors:
        settings["trust"] = {"trust_anchors": anchors.decode("ascii", "replace")}
    try:
        context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
        with open(path, "rb") as file, c2pa.Reader(kind, file, context=context) as reader:
            return _found(str(reader.get_validation_state()), json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return Found("absent")
    except (c2pa.C2paError, OSError, ValueError, RecursionError):
        return Found("unreadable")


def _found(state: str, report: dict) -> Found:
    active = report.get("manifests", {}).get(report.get("active_manifest"), {})
    said = {assertion.get("label"): assertion.get("data") for assertion in active.get("assertions", [])}
    record = said.get(_RECORD)
    return Found(
        state={"Trusted": "valid", "Valid": "untrusted"}.get(state, "altered"),
        signer=str(active.get("signature_info", {}).get("common_name", ""))[:200],
        mark_id=_bound(said.get("c2pa.soft-binding")),
        record=record if isinstance(record, dict) else {},
    )


def _bound(binding: object) -> str:
    """The mark's id in a soft binding of ours, "" in any other."""
    if not isinstance(binding, dict) or binding.get("alg") != BINDING:
        return ""
    blocks = binding.get("blocks")
    value = blocks[0].get("value") if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict) else None
    return value if isinstance(value, str) and len(value) == 12 else ""


def _parent(record: Provenance, thumbnail: bool) -> dict:
    parent = {
        "title": record.photo or "photograph",
        "relationship": "parentOf",
        "label": "photo",
        "instance_id": f"sha256:{record.photo_sha256}",
        "description": f"SHA-256 of the photograph: {record.photo_sha256}",
    }
    if thumbnail:
        parent["thumbnail"] = {"format": "image/jpeg", "identifier": "photo.jpg"}
    return parent


def _small(photo: np.ndarray) -> bytes:
    from PIL import Image

    picture = Image.fromarray(photo)
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool)) else str(value)
