"""A run that is killed at any moment leaves no half file and no clip without its slip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from skimage.io import imsave

TIMES = int(os.environ.get("KEEPSAKE_KILLS", "5"))  # 200 for the long run


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_run_leaves_nothing_half_done(photo, tmp_path):
    imsave(tmp_path / "a.png", photo.pixels, check_contrast=False)
    folder = tmp_path / "clips"
    folder.mkdir()
    program = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "a.png"), str(folder), str(TIMES)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert not found["faults"], found
    assert found["killed"] and found["finished"] >= 2, found
