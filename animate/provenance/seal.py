"""Closes a finished file: the label that photo software reads, then, last of all, the signed manifest.

Called on the hidden file before it is moved into place, so that a file which exists is a signed file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from animate.core.errors import OutputError
from animate.core.types import Provenance
from animate.provenance import record as records
from animate.provenance import xmp
from animate.provenance.c2pa import keys, manifest
from animate.provenance.record import ILLUSTRATION


def identity(provenance: Provenance) -> bytes:
    """The six bytes that the invisible mark of a clip carries, see `record.identity`."""
    return records.identity(records.as_mapping(provenance))


def sign(
    path: str | Path, record: Provenance, *, photo: np.ndarray | None = None, signer: keys.Signer | None = None
) -> tuple[str, ...]:
    """Labels and signs the finished file at `path`, in place; nothing may change it afterwards.

    Args:
        path: an MP4, GIF, WebP, PNG or JPEG file.
        photo: the photograph (H, W, 3) uint8 RGB, for a thumbnail in the manifest.
        signer: default the person's own or this installation's (`keys.signer()`).

    Returns:
        What this container cannot hold, in plain sentences.

    Raises:
        OutputError: the file is of another kind or cannot be signed.
    """
    path = Path(path)
    kind = manifest.content_type(path)
    if not kind:
        raise OutputError(f"{path.name} is not an MP4, GIF, WebP, PNG or JPEG file", hint="name the clip .mp4")
    labelled = xmp.embed(path, kind, xmp.packet(record.program, ILLUSTRATION))
    manifest.sign(path, record, identity(record).hex(), signer or keys.signer(), photo=photo)
    if labelled:
        return ()
    return ("The file has no place for the label that photo software reads (IPTC digital source type).",)
