"""Law: whatever happens to a file's bytes, a reader gives a result or an error with a hint, within time and memory.

A few mutations of every format always; for many, KEEPSAKE_FUZZ_MINUTES=20 pytest tests/fuzz (`make fuzz`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fuzz.mutations import mutate, parts
from fuzz.seeds import SEEDS, seed
from fuzz.worker import attempt

TESTS = Path(__file__).resolve().parents[1]
MINUTES = float(os.environ.get("KEEPSAKE_FUZZ_MINUTES", 0))
FEW = 6


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_a_few_mutations(name, tmp_path):
    for number in range(FEW):
        assert attempt(name, number, tmp_path) == []


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "avi", "mp4", "avif", "pages.tif", "animated.gif", "webm"])
def test_chunks_are_found_and_damaged(name):
    import numpy as np

    data = seed(name)
    assert len(parts(name.rsplit(".", 1)[-1], data)) >= 3
    damaged = {mutate(name, data, np.random.default_rng(k)) for k in range(30)}
    assert len(damaged - {data}) > 25


@pytest.mark.skipif(not MINUTES, reason="for many mutations set KEEPSAKE_FUZZ_MINUTES")
def test_many_mutations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    share, faults, tries = 60 * MINUTES / len(SEEDS), [], 0
    for name in SEEDS:
        count, found = _work(name, share, folder)
        tries += count
        faults += found
        print(f"{name}: {count} tries, {len(found)} faults", flush=True)
    print(f"{tries} tries in all; files that went wrong are in {folder}", flush=True)
    assert not faults


def _work(name: str, seconds: float, folder: Path) -> tuple[int, list]:
    """Tries and faults of a process of its own; a new one goes on where one died."""
    number, tries, faults, end = int(time.time()), 0, [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        done = subprocess.run(
            [sys.executable, "-m", "fuzz.worker", name, str(number), str(left), str(folder)],
            capture_output=True,
            text=True,
            cwd=TESTS.parent,
            env={**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}", "OMP_NUM_THREADS": "1"},
        )
        reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        tries += sum(report.get("tries", 0) for report in reports)
        faults += [report for report in reports if "problem" in report]
        if done.returncode == 0:
            break
        faults.append({"name": name, "problem": f"the process ended with {done.returncode}: {done.stderr[-2000:]}"})
        number += 1_000_000
    for report in faults:
        print(report, flush=True)
    return tries, faults
