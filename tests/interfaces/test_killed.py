"""A run that is killed at any moment leaves no half file, no clip without its slip, and no old one lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from skimage.io import imsave

TIMES = int(os.environ.get("KEEPSAKE_KILLS", "4"))  # 200 for the long run


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("mode", ["new", "replaced", "album"])
def test_a_killed_run_leaves_nothing_half_done(photo, tmp_path, mode):
    imsave(tmp_path / "a.png", photo.pixels, check_contrast=False)
    folder = tmp_path / "clips"
    folder.mkdir()
    program = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [
            sys.executable,
            str(program),
            str(tmp_path / "a.png"),
            str(folder),
            str(TIMES if mode == "new" else (TIMES + 1) // 2),
            mode,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    print(mode, found)
    assert not found["faults"], found
    assert found["killed"] and found["finished"] >= (2 if mode == "new" else 1), found
