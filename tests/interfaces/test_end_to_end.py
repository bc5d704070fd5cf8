"""The real command line in a process of its own: a photograph becomes a clip, and the clip is known again."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from skimage.io import imsave


def keepsake(folder, *arguments) -> dict:
    """The answer of a command that has to succeed."""
    command = [sys.executable, "-m", "animate", *map(str, arguments), "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_photograph_becomes_a_clip_that_is_known_again(photo, tmp_path):
    imsave(tmp_path / "grandma.png", photo.pixels, check_contrast=False)
    made = keepsake(tmp_path, "photo", "grandma.png", "Nod", "--seconds", "1", "--fps", "8", "--names", "Eileen")
    assert (made["clip"], made["frames"], made["gestures"]) == ("grandma-keepsake.mp4", 8, {"1": "nod"})
    names = {path.name for path in tmp_path.iterdir()}
    clip = made["clip"]
    assert names == {"grandma.png", clip, f"{clip}.json", f"{clip}.txt"}
    verdict = keepsake(tmp_path, "verify", clip, "--photo", "grandma.png")
    assert (verdict["manifest"], verdict["slip"], verdict["photo"]) == ("valid", "matches", "matches")
    assert "Eileen" in (tmp_path / f"{clip}.txt").read_text("utf-8")
    assert b"Eileen" not in (tmp_path / clip).read_bytes()
