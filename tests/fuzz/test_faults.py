"""Every file that once went wrong, where the folder of them lies beside the checkout: under 1.5 GB and 10 seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FAULTS = next((p / "shared/data/faults" for p in REPOSITORY.parents if (p / "shared/data/faults").is_dir()), None)
MOST_MB, MOST_SECONDS = 1500, 10  # CPU seconds of one thread

MEASURE = """
import json, sys, time
from pathlib import Path
import animate.api as api
import torch, av, scipy.ndimage
from animate.core import memory
from animate.core.errors import KeepsakeError
from animate.fomm.checkpoint import import_checkpoint
from animate.media.read import open_video
from animate.photo.captions import read_captions
from animate.photo.read import read_photo
from animate.pipeline.photo_check import findings, turned_faces

torch.set_num_threads(1)
def drive(path):
    for _, pixels in zip(range(50), open_video(path, longest=640, threads=1), strict=False):
        pass
def check(path):
    photo = read_photo(path)
    findings(photo, turned_faces(photo, api.find_faces)[0])
def load(path):
    import_checkpoint(Path(path))
readers = {"photo": read_photo, "driver": drive, "verify": api.verify, "weights": load}
readers |= {"check": check, "captions": read_captions}
for line in sys.stdin:
    reader, path = json.loads(line)
    Path("/proc/self/clear_refs").write_text("5")
    begin, outcome, hint = time.process_time(), "read", "-"
    try:
        readers[reader](path)
    except KeepsakeError as error:
        outcome, hint = f"{type(error).__name__}: {error}", error.hint
    except Exception as error:
        outcome, hint = f"FAULT {type(error).__name__}: {error}", ""
    memory.trim()
    print(json.dumps([reader, path, outcome, hint, memory.peak(), time.process_time() - begin]), flush=True)
"""


BOMBS = ("100k_big.gif", "13k_rgb.png", "14k.webp", "chain5000.tiff")


def _readers(name: str) -> tuple[str, ...]:
    if name == "README.md":
        return ()
    if ".pth" in name:
        return ("weights",)
    return ("photo", "driver", "verify", "captions", *["check"] * (name in BOMBS))


@pytest.mark.slow
@pytest.mark.skipif(FAULTS is None, reason="the folder of faulty files is not beside this checkout")
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is reset through /proc")
def test_faulty_files_are_read_or_refused_within_the_budget(tmp_path):
    jobs = [[reader, str(path)] for path in sorted(FAULTS.iterdir()) for reader in _readers(path.name)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input="".join(json.dumps(job) + "\n" for job in jobs),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=600,
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result[:2] for result in results] == jobs, done.stderr
    over = [r for r in results if r[2].startswith("FAULT") or not r[3] or r[4] > MOST_MB or r[5] > MOST_SECONDS]
    assert not over
    assert "Warning" not in done.stderr
