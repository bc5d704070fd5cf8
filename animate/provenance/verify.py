"""Says what can be known about a file: which of the four marks it carries, in plain words, with what each of them is worth.

It never says that something is "real": marks can be removed, and most programs leave none, so that their absence proves
nothing. Frames come from outside (`open_frames`), because this room does not read video.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from animate.core.budget import PHOTO
from animate.core.errors import KeepsakeError, UnreadableVideo
from animate.core.file_type import detect_file
from animate.core.types import Photo, Verdict
from animate.provenance import badge as icon
from animate.provenance import citation as slip
from animate.provenance.c2pa import keys, manifest
from animate.provenance.report import sentences
from animate.provenance.watermark import detect

_ALIKE = 0.9  # correlation of two pictures that show the same photograph
_STILLS = {"image/png", "image/jpeg"}
_LONGEST_STILL = 4096  # pixels of the longer side; nothing that is made here is longer
_ICON_FRAMES = 3


@dataclass(frozen=True)
class Findings:
    """Everything that was found, before it is put into words."""

    manifest: manifest.Found
    invisible: detect.Reading
    icon: str
    slip: str
    photo: str
    how: str  # what `photo` rests on: "hash", "looks" or ""
    seen: bool  # pictures could be taken from the file


def verify(
    path: str | Path,
    open_frames: Callable[[Path], Iterable[np.ndarray]],
    *,
    photo: Photo | None = None,
    anchors: bytes | None = None,
) -> Verdict:
    """What the file at `path` says about itself.

    open_frames  gives the frames (H, W, 3) uint8 of a video, with `.fps` if it knows it; may raise any KeepsakeError
    photo        the photograph that the clip may have been made from
    anchors      authorities (PEM) whose signatures are trusted; None: this installation's own and those in its `trusted` folder
    Raises UnreadableVideo when there is no such file; anything else that is wrong with it is part of the answer.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableVideo(f"there is no file {path}", hint="check the name and the folder")
    account = manifest.read(path, keys.anchors() if anchors is None else anchors)
    slipped, slip_photo = slip.check(path)
    invisible, first, sign = _look(path, open_frames)
    hashes = {str(account.record.get("photo_sha256", "")), slip_photo} - {""}
    match, how = _compare(photo, hashes, first)
    parts = Findings(account, invisible, sign, slipped, match, how, first is not None)
    return Verdict(
        file=path.name,
        manifest=account.state,
        invisible=_word(invisible.found),
        mark_id=invisible.identity,
        confidence=invisible.confidence,
        icon=sign,
        slip=slipped,
        photo=match,
        lines=tuple(sentences(parts)),
    )


def outcome(verdict: Verdict) -> int:
    """Exit code: 0 marked and nothing speaks against it, 1 no mark found or it cannot be told, 2 something does not fit
    (manifest altered, slip or photograph of something else)."""
    if verdict.manifest == "altered" or verdict.slip == "differs" or verdict.photo == "differs":
        return 2
    marked = verdict.manifest in ("valid", "untrusted") or verdict.invisible == "found" or verdict.icon == "found"
    return 0 if marked else 1


def _look(path: Path, open_frames: Callable) -> tuple[detect.Reading, np.ndarray | None, str]:
    """What the pictures say: the reading, the first picture (None when there is none), and the icon."""
    try:
        frames = _open(path, open_frames)
        kept: list[np.ndarray] = []
        found = detect.read(_keeping(frames, kept), float(getattr(frames, "fps", 25.0)))
    except (KeepsakeError, OSError, ValueError):
        return detect.Reading(None), None, "cannot tell"
    if not kept:
        return detect.Reading(None), None, "cannot tell"
    return found, kept[0], _word(any(icon.find(frame) > icon.THRESHOLD for frame in kept))


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
    for frame in islice(stream, _ICON_FRAMES):
        kept.append(frame)
        yield frame
    yield from stream


def _compare(photo: Photo | None, hashes: set[str], first: np.ndarray | None) -> tuple[str, str]:
    """("matches" | "differs" | "not asked", "hash" | "looks" | "")."""
    if photo is None:
        return "not asked", ""
    if photo.sha256 and photo.sha256 in hashes:
        return "matches", "hash"
    if first is not None and _alike(photo.pixels, first):
        return "matches", "looks"
    return "differs", "hash" if hashes else "looks"


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Do two pictures of about the same proportions look the same, in grey and coarsely?"""
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


def _word(found: bool | None) -> str:
    return {True: "found", False: "not found", None: "cannot tell"}[found]
