"""What runs on a node of a cluster: one photograph, from and into folders that the node sees, or out of a parcel.

A parcel holds the bytes of the scan and of gesture files; what is made of it goes back as bytes by path.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path

from animate.album.make import claim
from animate.album.plan import Job
from animate.album.record import MADE, Entry
from animate.album.scans import POSTERS
from animate.album.workers import Make
from animate.core import files, process
from animate.core.errors import OptionError, OutputError

FOLDER, STORE = "folder", "store"
TRANSPORTS = (FOLDER, STORE)

Made = tuple[Entry, dict[str, bytes]]  # and the files of the clip, by their paths below the folder of the clips


@dataclass(frozen=True)
class Shared:
    """What all tasks of an album share: the function that makes one photograph, the program's version, the folder in
    which the album was started and the name of a folder that is in that of the clips while it runs."""

    make: Make
    version: str
    home: Path
    sign: str


@dataclass(frozen=True)
class Parcel:
    """A job with the bytes of its scan and of the gesture files it names."""

    job: Job
    scan: bytes
    gestures: Mapping[str, bytes]


def version() -> str:
    """Of the installed program."""
    return metadata.version("keepsake")


def make_here(shared: Shared, job: Job) -> Made:
    """Make a photograph whose folders this node sees; raises OptionError where it does not."""
    _ready(shared.version)
    for folder, known in ((job.path.parent, job.path.parent), (job.out, job.out / shared.sign)):
        if not known.is_dir():
            hint = "share it under the same path with every node, or let Ray carry the files: --transport store"
            raise OptionError(f"{platform.node()} does not see the folder {folder}", hint=hint)
    if shared.home.is_dir():  # for gesture files that are named from there
        os.chdir(shared.home)
    return shared.make(job, _go_on), {}


def make_parcel(shared: Shared, parcel: Parcel) -> Made:
    """Make a photograph out of its bytes; raises OutputError where this node's disk is full."""
    _ready(shared.version)
    try:
        files.sweep(tempfile.gettempdir())
        with files.staging(tempfile.gettempdir()) as folder:
            job = _unpacked(parcel, folder)
            entry = shared.make(job, _go_on)
            paths = [path for path in job.out.rglob("*") if path.is_file()] if entry.state == MADE else []
            return entry, {path.relative_to(job.out).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        where = f"{tempfile.gettempdir()} of {platform.node()}"
        raise OutputError(f"{where} cannot be used: {error.strerror or error}", hint="make room there") from error


def packed(job: Job) -> Parcel:
    """The parcel of a job.

    Raises:
        OutputError: its clip cannot be written, or the scan cannot be read.
    """
    claim(job)
    try:
        gestures = {name: Path(name).read_bytes() for name in _movements(job) if Path(name).is_file()}
        return Parcel(job, job.path.read_bytes(), gestures)
    except OSError as error:
        raise OutputError(f"{job.label} cannot be read: {error.strerror or error}", hint="check the disk") from error


def unpack(job: Job, made: Mapping[str, bytes]) -> None:
    """Put the files of a clip into the folder of the clips, the clip last; raises OutputError."""
    if not made:
        return
    over = claim(job)
    clip = job.out / job.clip
    posters = {name for name in made if name.startswith(f"{POSTERS}/")}
    try:
        for name in sorted(posters):
            files.write_bytes(job.out / name, made[name])
        with files.staging(clip.parent) as folder:
            beside = sorted(made.keys() - posters, key=lambda name: name == job.clip)
            for name in beside:
                (folder / Path(name).name).write_bytes(made[name])
            files.place_all(folder, [Path(name).name for name in beside], overwrite=over)
    except OSError as error:
        raise OutputError(
            f"{job.out / job.clip} cannot be written: {error.strerror or error}", hint="check the disk"
        ) from error


def _unpacked(parcel: Parcel, folder: Path) -> Job:
    """The job of a parcel whose files lie in `folder` now."""
    job, scan = parcel.job, folder / "scan" / parcel.job.path.name
    scan.parent.mkdir()
    scan.write_bytes(parcel.scan)
    there: dict[object, str] = {}
    for number, (name, data) in enumerate(parcel.gestures.items()):
        path = folder / f"gestures-{number}" / Path(name).name
        path.parent.mkdir()
        path.write_bytes(data)
        there[name] = str(path)
    faces = job.options.faces
    if isinstance(faces, Mapping):
        faces = {number: there.get(name, name) for number, name in faces.items()}
    options = replace(job.options, faces=faces)
    gesture = there.get(job.gesture, job.gesture)
    return replace(job, path=scan, out=folder / "clips", gesture=gesture, options=options, replace=False)


def _movements(job: Job) -> list[str]:
    faces = job.options.faces
    return [job.gesture, *(faces.values() if isinstance(faces, Mapping) else ())]


def _go_on(done: int, total: int) -> None:
    """Ray stops a task by itself."""


@cache
def _ready(wanted: str) -> None:
    """Readies a worker process, once."""
    if version() != wanted:
        hint = "install the same version everywhere"
        raise OptionError(f"{platform.node()} has keepsake {version()}, not {wanted}", hint=hint)
    process.own()
