"""The committed example photographs are the ones that the script beside them makes."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from quick import slow

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("portrait.jpg", "old_print.jpg", "group.jpg")


@pytest.fixture(scope="module")
@slow
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    runpy.run_path(str(EXAMPLES / "make_photos.py"))["main"](folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_running_the_script_makes_the_committed_photographs_again(made, name):
    with Image.open(made / name) as new, Image.open(EXAMPLES / name) as committed:
        assert (committed.format, committed.mode, committed.size) == ("JPEG", "RGB", new.size)
        thumbnails = [np.asarray(image.resize((50, 50)), dtype=float) for image in (new, committed)]
    assert np.abs(thumbnails[0] - thumbnails[1]).mean() < 3


@pytest.mark.parametrize("name", NAMES)
def test_example_photographs_are_small_files_of_a_useful_size(name):
    assert (EXAMPLES / name).stat().st_size < 300_000
    with Image.open(EXAMPLES / name) as image:
        assert max(image.size) >= 1000
