"""Finds out what can be known about a file: which of the four marks it carries, in plain sentences, with what each is
worth.

It never says that something is "real": marks can be removed, and most programs leave none, so that their absence proves
nothing. Frames come from outside (`open_frames`), because this room does not read video.
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from animate.core.budget import PHOTO
from animate.core.errors import KeepsakeError, UnreadableVideo
from animate.core.file_type import detect_file
from animate.core.types import Photo, Verdict
from animate.provenance import badge, citation, findings, report
from animate.provenance.c2pa import keys, manifest
from animate.provenance.watermark import detect

_STILLS = {"image/png", "image/jpeg"}
_LONGEST_STILL = 4096  # pixels of the longer side; nothing that is made here is longer
_BADGE_FRAMES = 3


def verify(
    path: str | Path,
    open_frames: Callable[[Path], Iterable[np.ndarray]],
    *,
    photo: Photo | None = None,
    anchors: bytes | None = None,
) -> Verdict:
    """What the file at `path` says about itself, and what that is worth.

    Args:
        open_frames: gives the frames (H, W, 3) uint8 RGB of a video, with `.fps` if it knows it; may raise any
            KeepsakeError.
        photo: the photograph that the clip may have been made from.
        anchors: authorities (PEM) whose signatures are trusted; default this installation's own and those in its
            `trusted` folder.

    Raises:
        UnreadableVideo: there is no such file; anything else that is wrong with it is part of the answer.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise UnreadableVideo(f"{path} is a folder, not a clip or a picture", hint="name one file in it")
    if not os.path.isfile(path):
        raise UnreadableVideo(f"there is no file {path}", hint="check the name and the folder")
    evidence = _gather(path, open_frames, keys.anchors() if anchors is None else anchors)
    result = findings.findings(evidence, photo)
    return Verdict(
        file=path.name,
        manifest=evidence.manifest.state,
        invisible=findings.presence(evidence.watermark.found),
        mark_id=evidence.watermark.identity,
        confidence=evidence.watermark.confidence,
        icon=evidence.badge,
        slip=result.slip,
        photo=result.photo.split(",")[0],
        lines=tuple(report.sentences(result)),
        conclusion=result.conclusion,
        contradictions=result.contradictions,
    )


def outcome(verdict: Verdict) -> int:
    """Exit code: 0 marked and nothing speaks against it, 1 no mark found or it cannot be known, 2 something does not
    fit (an altered manifest, marks that contradict each other, slip or photograph of something else)."""
    if verdict.contradictions:
        return 2
    return 0 if verdict.conclusion in findings.MARKED else 1


def _gather(path: Path, open_frames: Callable, anchors: bytes) -> findings.Evidence:
    account, slip = manifest.read(path, anchors), citation.read(path)
    try:
        digest = citation.sha256(path) if slip.state == "readable" else ""
    except OSError:
        digest = ""
    mark, sign, first = _examine(path, open_frames)
    return findings.Evidence(digest, account, mark, sign, slip, first)


def _examine(path: Path, open_frames: Callable) -> tuple[detect.Detection, str, np.ndarray | None]:
    """What the pictures show: the invisible mark, the badge, and the first picture (None when there is none)."""
    kept: list[np.ndarray] = []
    try:
        frames = _open(path, open_frames)
        mark = detect.read(_keeping(frames, kept), float(getattr(frames, "fps", 25.0)))
    except (KeepsakeError, OSError, ValueError):
        return detect.Detection(None), "cannot tell", None
    if not kept:
        return detect.Detection(None), "cannot tell", None
    return mark, findings.presence(any(badge.find(frame) > badge.THRESHOLD for frame in kept)), kept[0]


def _open(path: Path, open_frames: Callable) -> Iterable[np.ndarray]:
    """The pictures in the file at `path`; a still one no longer than `_LONGEST_STILL`, as marks need no more."""
    kind = detect_file(path)
    if kind is None or kind.mime not in _STILLS:
        return open_frames(path)
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[kind.name]) as picture:
                PHOTO.check_size(*picture.size, path.name)
                picture.thumbnail((_LONGEST_STILL, _LONGEST_STILL), Image.Resampling.BOX)
                return [np.asarray(picture.convert("RGB"))]
    except (Image.DecompressionBombError, SyntaxError, EOFError, struct.error, zlib.error) as problem:
        raise ValueError(f"{path.name} cannot be read") from problem


def _keeping(frames: Iterable[np.ndarray], kept: list[np.ndarray]) -> Iterable[np.ndarray]:
    """The frames; the first few also go into `kept`."""
    stream = iter(frames)
    for frame in islice(stream, _BADGE_FRAMES):
        kept.append(frame)
        yield frame
    yield from stream
