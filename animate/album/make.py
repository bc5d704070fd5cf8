"""One photograph of an album: read, animated, saved, with a small still beside it for the page.

The networks are loaded once in a process.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from animate.album.plan import Job
from animate.album.record import FAILED, MADE, Entry
from animate.album.scans import POSTERS
from animate.core import files
from animate.core.errors import Cancelled, KeepsakeError, OutputError
from animate.core.protocols import ProgressCallback

if TYPE_CHECKING:
    from animate.core.options import Options
    from animate.photo.captions import Captions

POSTER = 640  # pixels of a still's longer side


def make(job: Job, on_frame: ProgressCallback) -> Entry:
    """What became of a photograph: made, or failed with a reason and a hint.

    Args:
        job: the photograph.
        on_frame: called with (done, total) after each frame; may raise Cancelled, which is passed on.
    """
    began = time.monotonic()
    try:
        entry = _make(job, on_frame)
    except Cancelled:
        raise
    except KeepsakeError as error:
        return failed(job, error, time.monotonic() - began)
    return replace(entry, took=round(time.monotonic() - began, 2), when=now())


def failed(job: Job, error: BaseException, took: float = 0.0, *, hint: str = "") -> Entry:
    """The entry of a photograph that could not be made because of `error`."""
    reason = " ".join(str(error).split()) or type(error).__name__
    hint = getattr(error, "hint", "") or hint
    return Entry(
        job.label,
        FAILED,
        job.sha256,
        job.settings(),
        reason=reason,
        hint=hint,
        kind=type(error).__name__,
        took=round(took, 2),
        when=now(),
    )


def now() -> str:
    """The time as it stands in the record."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _make(job: Job, on_frame: ProgressCallback) -> Entry:
    from animate import api
    from animate.photo.captions import read_captions
    from animate.photo.thumbnail import write_thumbnail

    path, poster = job.out / job.clip, _poster(job)
    over = claim(job)
    try:
        photo = api.read_photo(job.path, page=job.options.page)
        captions = read_captions(job.path)
        options = with_captions(job.options, captions)
        clip = api.clip(photo, job.gesture, model=_model(options.model), options=options, on_frame=on_frame)
        write_thumbnail(job.out / poster, (clip.photo or photo).pixels, POSTER)
        api.save(clip, path, overwrite=over, on_frame=on_frame)
    except OSError as error:
        raise _unmade(path, error) from error
    return Entry(
        job.label,
        MADE,
        photo.sha256 or job.sha256,
        job.settings(),
        clip=job.clip,
        poster=poster.as_posix(),
        title=options.title,
        names=options.names,
        date=captions.date,
        notes=clip.provenance.notes,
    )


def claim(job: Job) -> bool:
    """Whether a clip that lies at a job's place may be replaced; makes the folders, and what killed runs left goes.

    Raises:
        OutputError: what lies there is another photograph's clip, or nothing can be written there.
    """
    from animate import api

    path, stills = job.out / job.clip, (job.out / _poster(job)).parent
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stills.mkdir(parents=True, exist_ok=True)
        files.sweep(stills)
        over = job.replace or _of_same_photograph(path, job.sha256)
        api.check(path, overwrite=over)
    except OSError as error:
        raise _unmade(path, error) from error
    return over


def _poster(job: Job) -> Path:
    return Path(POSTERS) / f"{job.clip}.jpg"


def _unmade(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be made: {error.strerror or error}", hint="check the disk")


def with_captions(options: Options, captions: Captions) -> Options:
    """Options whose title, names and source, where a person gave none, are those of the scan."""
    dated = f"dated {captions.date}" if captions.date else ""
    found = {
        "title": captions.title,
        "names": captions.names,
        "source": "; ".join(filter(None, (captions.source, dated))),
    }
    return replace(options, **{name: value for name, value in found.items() if value and not getattr(options, name)})


def _of_same_photograph(path: Path, sha256: str) -> bool:
    """Whether the clip at `path`, which the record does not know, was made of this photograph: a killed run left it."""
    from animate.provenance import citation

    slip = citation.read(path)
    return bool(sha256) and slip.state == "readable" and slip.record.get("photo_sha256") == sha256


@cache
def _model(name: str):
    from animate import api

    return api.load(name)
