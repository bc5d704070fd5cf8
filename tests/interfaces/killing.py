"""Runs the real command line again and again, each time in a process of its own, and kills it at a random moment.

    python tests/interfaces/killing.py PHOTO FOLDER TIMES

Everything is imported once, before the processes are forked, so that most moments fall into the work itself. Prints
one JSON object: how many runs were killed, how many had finished, what was wrong in the folder after any of them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import animate.api  # noqa: F401
from animate.interfaces.cli.main import main
from animate.provenance import citation

SIZE = ("--size", "64", "--seconds", "1", "--fps", "8", "--threads", "1")


def run(photo: Path, out: Path, *, force: bool = False) -> int:
    """The process number of a new run."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    os._exit(main(["photo", str(photo), "nod", "-o", str(out), *SIZE, *["--force"] * force]))


def wrong(folder: Path) -> list[str]:
    """Clips in `folder` that are not whole or whose slip is not theirs."""
    found = []
    for clip in folder.glob("*.mp4"):
        json_slip, text_slip = citation.paths(clip)
        if not json_slip.exists() or not text_slip.exists():
            found.append(f"{clip.name} has no slip")
        elif json.loads(json_slip.read_text("utf-8"))["clip"]["sha256"] != citation.sha256(clip):
            found.append(f"{clip.name} is not what its slip names")
    return found


def kill_often(photo: Path, folder: Path, times: int) -> dict:
    """Kills `times` runs at random moments; looks at the folder after each."""
    began = time.monotonic()
    os.waitpid(run(photo, folder / "first.mp4"), 0)
    whole, killed, faults, slips = time.monotonic() - began, 0, [], 0
    chance = random.Random(11)
    for number in range(times):
        process = run(photo, folder / f"{number}.mp4")
        time.sleep(chance.uniform(0, 1.1 * whole))
        os.kill(process, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
        faults += wrong(folder)
        hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
        faults += ["more than one run's leftovers"] if len(hidden) > 1 else []
        clips = {path.name for path in folder.glob("*.mp4")}
        slips = sum(path.name.removesuffix(".json") not in clips for path in folder.glob("*.mp4.json"))
    os.waitpid(run(photo, folder / "last.mp4"), 0)
    faults += [f"{path.name} was left" for path in folder.iterdir() if path.name.startswith(".")]
    finished = len([*folder.glob("*.mp4")])
    return {"seconds": whole, "killed": killed, "finished": finished, "slips alone": slips, "faults": faults}


if __name__ == "__main__":
    print(json.dumps(kill_often(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
