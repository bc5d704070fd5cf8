"""A clip on the disk: everything checked first, rendered out of sight, the citation slip in place before the clip.

Part of the pipeline: it joins media and provenance. A clip that is there is whole, marked and has its slip.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core import files
from animate.core.errors import OptionError, OutputError
from animate.core.protocols import ProgressCallback
from animate.core.types import Clip

if TYPE_CHECKING:
    from animate.pipeline.marks import ProvenanceMarks

LEAST_FREE = 5_000_000  # bytes that a clip needs at least, with what is made on the way
PER_PIXEL = 0.004  # bytes of a pixel of a frame: of 100 frames of a grainy scan of 2000 x 1500 as MP4, 1.2 MB
_LONGEST_NAME = 255  # bytes of a file's name on ordinary disks
_SPACE = "make room on the disk, or choose another folder"


def outputs(path: str | Path) -> tuple[Path, ...]:
    """Every file that saving a clip as `path` writes: its two slips, then the clip."""
    from animate.provenance import citation

    return (*citation.paths(path), Path(path))


def check(path: str | Path, *, overwrite: bool = False, size: float = 0.0, sound: bool = False) -> None:
    """Everything about saving a clip as `path` that can be known before it is rendered; what killed runs left goes.

    Args:
        path: the clip; its ending names the format.
        overwrite: a clip and slips that are there may be replaced.
        size: pixels of all frames, for the space on the disk.
        sound: the clip is to have sound.

    Raises:
        OutputError: for an ending, name or folder that cannot be written, a file that is there, or a full disk.
        OptionError, KeepsakeError: for a signing key that cannot be used.
    """
    from animate.media.write import check_target
    from animate.provenance.c2pa import keys

    path = Path(path)
    check_target(path)
    if sound and path.suffix.lower() != ".mp4":
        raise OutputError(f"{path.name} cannot hold sound", hint="name it .mp4, or leave the sound out")
    files.sweep(path.parent)
    for file in outputs(path):
        check_name(file)
        if not overwrite and os.path.lexists(file):
            raise _taken(file)
    try:
        with files.staging(path.parent):
            free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise _unwritable(path, error) from error
    needed = max(LEAST_FREE, size * PER_PIXEL)
    if free < needed:
        raise OutputError(
            f"{path.parent.resolve()} has room for {free / 1e6:.0f} MB, the clip needs at least {needed / 1e6:.0f}",
            hint=_SPACE,
        )
    keys.check()


def save(
    clip: Clip,
    path: str | Path,
    *,
    quality: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    on_frame: ProgressCallback | None = None,
) -> Path:
    """As `api.save`; `on_frame` is called once more before the clip takes its place."""
    from animate.pipeline.marks import ProvenanceMarks

    path = Path(path)
    marks = ProvenanceMarks(clip)
    size = clip.width * clip.height * marks.count
    check(path, overwrite=overwrite, size=size, sound=clip.sound is not None)
    with files.staging(path.parent) as folder:
        with _named_by_its_place(folder):
            marks.cite(_write(clip, folder / path.name, marks, quality, threads, on_frame))
        if on_frame:
            on_frame(marks.count, marks.count)
        _place_all(folder, outputs(path), overwrite=overwrite)
    return path


def save_synthesis_map(clip: Clip, path: str | Path) -> Path:
    """Write, as .png, the photograph in grey and in one strong colour over it what is painted in any frame, not moved.

    Raises:
        OptionError: for a clip of a published model.
        OutputError: when it cannot be written there.
    """
    from animate.photo.preview import write_png
    from animate.pipeline.render import RenderJob
    from animate.pipeline.settings import settings
    from animate.pipeline.synthesis import synthesis_picture

    job = clip.render
    if not isinstance(job, RenderJob):
        raise OptionError(
            "the published models do not tell which part is painted", hint="use the model keepsake for such a picture"
        )
    with settings(job.threads):
        return write_png(path, synthesis_picture(job.photo, job.parts))


@contextmanager
def _named_by_its_place(hidden: Path) -> Iterator[None]:
    """An OutputError names the files that a person will see, not the hidden folder in which they are made."""
    try:
        yield
    except OutputError as error:
        raise OutputError(str(error).replace(str(hidden), str(hidden.parent)), hint=error.hint) from error


def _write(
    clip: Clip,
    hidden: Path,
    marks: ProvenanceMarks,
    quality: int | None,
    threads: int | None,
    on_frame: ProgressCallback | None,
) -> Path:
    from animate.media.sound import lay_under
    from animate.media.write import write_clip

    def finish(part: Path) -> None:
        if clip.sound:
            lay_under(part, clip.sound.path, start=clip.sound.start, end=clip.sound.end)
        marks.sign(part)

    return write_clip(
        hidden,
        marks.frames(),
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        count=marks.count,
        quality=clip.quality if quality is None else quality,
        threads=clip.threads if threads is None else threads,
        on_frame=on_frame,
        finish=finish,
    )


def _place_all(folder: Path, final: tuple[Path, ...], *, overwrite: bool) -> None:
    """Moves the slips, then the clip, out of the hidden folder: all of them, or what was there stays as it was."""
    try:
        files.place_all(folder, [path.name for path in final], overwrite=overwrite)
    except FileExistsError as error:
        raise _taken(Path(error.filename)) from error
    except OSError as error:
        raise _unwritable(Path(error.filename or final[-1]), error) from error


def check_name(file: Path) -> None:
    """Raises OutputError for a name that is longer than its folder's disk can hold."""
    length = len(os.fsencode(file.name))
    try:
        most = os.pathconf(file.parent, "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):
        most = _LONGEST_NAME
    if length > most:
        raise OutputError(
            f"the name {file.name[:40]}... has {length} bytes, {most} fit", hint="give the clip a shorter name"
        )


def _taken(file: Path) -> OutputError:
    return OutputError(f"{file} is already there", hint="give the clip another name, or allow it to be replaced")


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written: {error.strerror or error}",
        hint="check that there is room and that the folder may be written to",
    )
