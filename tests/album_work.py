"""Stand-ins for `animate.album.make.make`, importable by worker processes; what a scan's name says happens to it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from animate.album.make import failed
from animate.album.record import MADE, Entry
from animate.core.errors import NoFace
from animate.interfaces.cli.main import main

PICTURE = b"\x89PNG\r\n\x1a\n"


def scan(path: Path, text: str = "") -> Path:
    """A file that begins like a picture; its content is its name, or `text`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PICTURE + (text or str(path)).encode())
    return path


def work(job, on_frame) -> Entry:
    """Kills its process for a "killer", finds no face in a "wall", takes its time for a "slow" one."""
    if "killer" in job.label:
        os.kill(os.getpid(), signal.SIGKILL)
    if "wall" in job.label:
        return failed(job, NoFace("no face was found", hint="draw a box around one"))
    for number in range(200 if "slow" in job.label else 1):
        on_frame(number, 200)
        time.sleep(0.02)
    path = job.out / job.clip
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as clip:  # a second time would be seen
        clip.write(b"made\n")
    return Entry(job.label, MADE, job.sha256, job.settings(), clip=job.clip, title=job.path.stem)


def named(job, on_frame) -> Entry:
    """As `work`, and says in which process."""
    return replace(work(job, on_frame), names=str(os.getpid()))


def announced(job, on_frame) -> Entry:
    """As `named`, and writes the number of its process into the folder "at work" among the scans before it begins."""
    file = job.path.parent / "at work" / job.path.stem
    file.parent.mkdir(exist_ok=True)
    file.write_text(str(os.getpid()))
    return named(job, on_frame)


def quick(job, on_frame) -> Entry:
    """As `work`, in no time; a clip that is there is replaced."""
    (job.out / job.clip).unlink(missing_ok=True)
    return work(replace(job, label=job.label.replace("slow", "")), on_frame)


if __name__ == "__main__":
    import sys

    from animate.interfaces.cli import album

    album.work_or_report = work
    sys.exit(main(sys.argv[1:]))
