"""Damages one format's seed for some seconds and prints what went wrong, one JSON object a line; see test_fuzz.py.

python worker.py SEED_NAME FIRST_NUMBER SECONDS FOLDER      # the file being read lies in FOLDER, should the process die
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from fuzz.mutations import mutate
from fuzz.readers import fault, readers
from fuzz.seeds import seed


def run(name: str, number: int, seconds: float, folder: Path) -> None:
    """Tries until `seconds` are over; prints every fault and at the end {"tries": count}."""
    end, tries = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for problem in attempt(name, number + tries, folder):
            print(json.dumps({"name": name, "number": number + tries, "problem": problem}), flush=True)
        tries += 1
    print(json.dumps({"tries": tries}), flush=True)


def attempt(name: str, number: int, folder: Path) -> list[str]:
    """The faults of all readers with mutation `number` of the seed called `name`; 0 is the seed itself."""
    data = seed(name)
    if number:
        data = mutate(name, data, np.random.default_rng([number, *name.encode()]))
    path = folder / f"{number}.{name}"
    path.write_bytes(data)
    found = [problem for reader in readers(name) if (problem := fault(reader, path))]
    if not found:
        path.unlink()
    return found


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
