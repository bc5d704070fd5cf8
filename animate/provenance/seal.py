"""Closes a finished file: the label that photo software reads, then, last of all, the signed manifest.

Called on the hidden file before it is moved into place, so that a file which exists is a signed file.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from animate.core.errors import OutputError
from animate.core.types import Provenance
from animate.provenance import xmp
from animate.provenance.c2pa import keys, manifest
from animate.provenance.citation import ILLUSTRATION


def identity(record: Provenance) -> bytes:
    """The six bytes that the invisible mark of a clip carries: of the record's SHA-256, so a clip made twice the same has one id."""
    said = [
        record.program,
        record.model,
        record.photo_sha256,
        sorted(record.gestures.items()),
        sorted(record.options.items()),
        record.created,
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).digest()[:6]


def sign(
    path: str | Path, record: Provenance, *, photo: np.ndarray | None = None, signer: keys.Signer | None = None
) -> tuple[str, ...]:
    """Labels and signs the finished file at `path`, in place; nothing may change it afterwards.

    photo   the photograph (H, W, 3) uint8, for a thumbnail in the manifest
    signer  None: the person's own or this installation's (`keys.signer()`)
    Returns, in plain words, what this container cannot hold. Raises OutputError for a file that is none of ours.
    """
    path = Path(path)
    kind = manifest.content_type(path)
    if not kind:
        raise OutputError(f"{path.name} is not an MP4, GIF, WebP, PNG or JPEG file", hint="name the clip .mp4")
    labelled = xmp.embed(path, kind, xmp.packet(record.program, ILLUSTRATION))
    manifest.sign(path, record, identity(record).hex(), signer or keys.signer(), photo=photo)
    return (
        ()
        if labelled
        else ("The file has no place for the label that photo software reads (IPTC digital source type).",)
    )
