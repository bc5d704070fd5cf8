"""Every movement on one sheet."""

from __future__ import annotations

import json

import fakes
import numpy as np
import pytest
from skimage import io

from animate.interfaces.cli import main as door
from animate.interfaces.cli.sheet import SHEET, strongest, together
from animate.photo import contact_sheet
from animate.photo.preview import write_png


@pytest.fixture
def photo(tmp_path):
    return write_png(tmp_path / "grandma.png", fakes.PIXELS)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    if not any(command.name == "sheet" for command in door.COMMANDS):
        monkeypatch.setattr(door, "COMMANDS", (*door.COMMANDS, SHEET))


def test_a_still_sheet_shows_every_movement(fake, photo, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert door.main(["--json", "sheet", str(photo), "-o", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["gestures"] == [name for name, *_ in fakes.GESTURES]
    pixels = io.imread(out)
    assert pixels.shape[:2] == contact_sheet.blank(["a"] * 3).shape[:2]
    assert [call[2] for call in fake.calls if call[0] == "clip"] == [name for name, *_ in fakes.GESTURES]


def test_a_moving_sheet_is_a_clip(fake, photo, tmp_path):
    out = tmp_path / "sheet.mp4"
    assert door.main(["sheet", str(photo), "-o", str(out)]) == 0
    assert out.read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(("more", "words"), [(["--face", "3"], "no face 3"), (["-o", "sheet.bmp"], "unknown kind")])
def test_what_cannot_be_is_said(fake, photo, capsys, more, words):
    assert door.main(["sheet", str(photo), *more]) == 1
    assert words in capsys.readouterr().err


def test_a_movement_that_has_ended_rests(fake):
    short, long = (fake.clip(fake.read_photo("a.png"), "breath") for _ in range(2))
    object.__setattr__(short, "render", lambda: iter([np.zeros((2, 2, 3), np.uint8)]))
    object.__setattr__(short, "count", 1)
    frames = list(together([short, long]))
    assert len(frames) == 50 and frames[-1][0].max() == 0 and frames[-1][1].max() == 199


def test_the_strongest_frame_is_the_one_farthest_from_rest(fake):
    assert strongest(fake.clip(fake.read_photo("a.png"), "breath")).max() == 199


def test_pictures_keep_their_squares():
    red = np.full((20, 40, 3), (255, 0, 0), np.uint8)
    sheet = contact_sheet.blank(list("abcde"), columns=2, side=40)
    contact_sheet.fill(sheet, [red] * 5, columns=2, side=40)
    assert sheet.shape[0] % 2 == 0 and (sheet == (255, 0, 0)).all(-1).sum() == 5 * 800
    assert not (sheet[: contact_sheet.GAP + 10] == (255, 0, 0)).all(-1).any()
