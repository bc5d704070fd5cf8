"""A clip and its slips come into their places together, whatever happens meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animate.core.errors import OutputError
from animate.core.types import Clip, Photo, Provenance
from animate.pipeline.marks import ProvenanceMarks
from animate.provenance import citation
from animate.provenance.c2pa import manifest

PIXELS = np.full((48, 48, 3), 128, np.uint8)
KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from test_finish import finish
left, moves = int(sys.argv[3]), {name: getattr(os, name) for name in ("replace", "link", "rename")}

def counted(name):
    def move(*args, **names):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return moves[name](*args, **names)
    return move

for name in moves:
    setattr(os, name, counted(name))
finish(sys.argv[2], overwrite=sys.argv[4] == "over")
"""


def finish(folder, *, overwrite: bool = False, gesture: str = "smile") -> Path:
    """A still with the marks of a clip, saved as clip.png."""
    folder = Path(folder)
    about = Provenance("keepsake 1", "keepsake 1", "a.jpg", "ab" * 32, (48, 48), {1: gesture})
    marks = ProvenanceMarks(Clip(48, 48, 5.0, 1, lambda: iter([PIXELS]), about, Photo(PIXELS)))
    part = folder / ".part.png"
    Image.fromarray(next(marks.frames())).save(part)
    marks.finish(part, folder / "clip.png", overwrite=overwrite)
    return folder / "clip.png"


def test_a_clip_is_signed_and_has_its_slips(tmp_path):
    path = finish(tmp_path)
    assert manifest.read(path).unchanged and citation.read(path).sha256 == citation.sha256(path)
    assert {file.name for file in tmp_path.iterdir()} == {"clip.png", "clip.png.json", "clip.png.txt"}


@pytest.mark.parametrize("there", ["clip.png", "clip.png.json", "clip.png.txt"])
def test_nothing_that_is_there_is_lost_unasked(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        finish(tmp_path)
    assert (tmp_path / there).read_text() == "mine"
    assert {file.name for file in tmp_path.iterdir()} == {there, ".part.png"}
    assert citation.read(finish(tmp_path, overwrite=True)).state == "readable"


def test_a_clip_that_cannot_be_moved_leaves_no_slips(tmp_path):
    (tmp_path / "clip.png").mkdir()
    with pytest.raises(OutputError):
        finish(tmp_path, overwrite=True)
    assert {file.name for file in tmp_path.iterdir()} == {"clip.png", ".part.png"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("over", ["over", "new"])
@pytest.mark.parametrize("moves", range(5))
def test_killed_between_any_two_moves_no_clip_is_without_its_slip(tmp_path, moves, over):
    if over == "over":
        finish(tmp_path, gesture="blink")
    program = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path), str(moves), over]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    assert done.returncode == 0 or moves < 4
    clip = tmp_path / "clip.png"
    if clip.exists():
        assert all(path.stat().st_size for path in citation.paths(clip))
        assert manifest.read(clip).unchanged
        if over == "new" or done.returncode == 0:
            assert citation.read(clip).sha256 == citation.sha256(clip)
