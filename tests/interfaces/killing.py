"""Runs the real command line again and again, each time in a process of its own, and kills it at a random moment.

    python tests/interfaces/killing.py PHOTO FOLDER TIMES [new | replaced | album]

new: every run has a clip of its own; replaced: all of them replace one clip by force; album: the same by an album.
Everything is imported once, before the processes are forked, so that most moments fall into the work itself. Prints
one JSON object: how many runs were killed, how many clips are there, how many were made anew, how many slips are alone,
what was wrong in the folder after any of them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from PIL import Image

import animate.api  # noqa: F401
from animate.core import files
from animate.interfaces.cli.main import main
from animate.provenance import citation

SIZE = ("--size", "64", "--seconds", "1", "--fps", "8", "--threads", "1")
FORCED = {"replaced": "first.mp4", "album": "a.mp4"}  # the clip that is replaced again and again


def run(photo: Path, folder: Path, name: str, mode: str) -> int:
    """The process number of a new run; `name` is its clip's, or where clips are replaced a part of their slip."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    once = ["photo", str(photo), "nod", "-o"]
    words = {
        "new": [*once, str(folder / f"{name}.mp4")],
        "replaced": [*once, str(folder / FORCED["replaced"]), "--force", "--source", name],
        "album": [
            "album",
            str(photo),
            "--gesture",
            "nod",
            "-o",
            str(folder),
            "--force",
            "--workers",
            "0",
            "--source",
            name,
        ],
    }
    os._exit(main([*words[mode], *SIZE]))


def wrong(folder: Path) -> list[str]:
    """Clips in `folder` that are not whole or whose slip is not theirs, and stills that are not whole."""
    found = []
    for clip in folder.glob("*.mp4"):
        json_slip, text_slip = citation.paths(clip)
        if not json_slip.exists() or not text_slip.exists():
            found.append(f"{clip.name} has no slip")
            continue
        digest = json.loads(json_slip.read_text("utf-8"))["clip"]["sha256"]
        if digest != citation.sha256(clip) or digest not in text_slip.read_text("utf-8"):
            found.append(f"{clip.name} is not what its slip names")
    for still in folder.glob("*/*.jpg"):
        with Image.open(still) as picture:
            picture.load()
    return found


def kill_often(photo: Path, folder: Path, times: int, mode: str) -> dict:
    """Kills `times` runs at random moments; looks at the folder after each."""
    began = time.monotonic()
    os.waitpid(run(photo, folder, "first", mode), 0)
    whole, killed, faults, digests = time.monotonic() - began, 0, [], set()
    chance = random.Random(11)
    for number in range(times):
        process = run(photo, folder, str(number), mode)
        time.sleep(chance.uniform(0, 1.1 * whole))
        os.kill(process, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
        faults += wrong(folder)
        hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
        faults += ["more than one run's leftovers"] if len(hidden) > 1 else []
        if mode in FORCED:
            files.sweep(folder)  # as the next run does
            clip = folder / FORCED[mode]
            faults += wrong(folder) if clip.exists() else [f"{clip.name} is lost"]
            digests |= {citation.sha256(clip)} if clip.exists() else set()
    clips = {path.name for path in folder.glob("*.mp4")}
    slips = sum(path.name.removesuffix(".json") not in clips for path in folder.glob("*.mp4.json"))
    os.waitpid(run(photo, folder, "last", mode), 0)
    faults += [f"{path.name} was left" for path in folder.iterdir() if path.name.startswith(".")] + wrong(folder)
    there = {"finished": len([*folder.glob("*.mp4")]), "replaced": len(digests), "slips alone": slips}
    return {"seconds": whole, "killed": killed, **there, "faults": faults}


if __name__ == "__main__":
    asked = sys.argv[4] if len(sys.argv) > 4 else "new"
    print(json.dumps(kill_often(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), asked)))
