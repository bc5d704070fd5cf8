"""The example scripts do what they say, run as a person runs them."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animate import api

pytestmark = pytest.mark.slow  # makes whole clips

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(("script", "clip"), [("quickstart.py", "out.mp4"), ("group_photo.py", "group.mp4")])
def test_a_script_writes_its_clip_and_says_where(script, clip, tmp_path, monkeypatch, capsys):
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    assert capsys.readouterr().out.strip() == clip
    assert api.verify(tmp_path / clip).icon == "found"


def test_the_picture_of_the_readme_shows_the_photograph_and_moved_faces(tmp_path, monkeypatch):
    module = runpy.run_path(str(EXAMPLES / "make_result.py"))
    monkeypatch.setitem(module["main"].__globals__, "MOMENTS", (("smile", 48),))
    with Image.open(module["main"](tmp_path / "docs" / "result.jpg")) as image:
        pixels = np.asarray(image).astype(int)
    half = (pixels.shape[1] - 8) // 2
    assert pixels.shape[0] == module["HEIGHT"]
    assert np.abs(pixels[:, :half] - pixels[:, half + 8 : 2 * half + 8]).mean() > 1
