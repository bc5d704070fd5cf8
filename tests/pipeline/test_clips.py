"""The sound of a driving video is noted when it is left out, and wanted from the first video only."""

from pathlib import Path

import pytest

from animate.core.options import Options
from animate.core.types import Driver, Soundtrack
from animate.media import sound
from animate.pipeline import clips
from animate.pipeline.driving import gesture_driver


@pytest.fixture
def drivers(monkeypatch):
    monkeypatch.setattr(sound, "has_sound", lambda path: path.name == "loud.mp4")
    motion = gesture_driver("nod").motion
    return {name: Driver(name, motion, Path(name)) for name in ("loud.mp4", "silent.mp4")} | {
        "nod": Driver("nod", motion)
    }


@pytest.mark.parametrize(
    ("names", "wanted", "notes", "track"),
    [
        (["nod"], "none", (), None),
        (["nod"], "keep", (), None),
        (["loud.mp4", "loud.mp4"], "none", ("the sound of loud.mp4 was left out",), None),
        (["silent.mp4"], "none", (), None),
        (["silent.mp4"], "keep", ("the driving video has no sound",), None),
        (["nod", "loud.mp4"], "keep", (), Soundtrack(Path("loud.mp4"), 1.0, 2.0)),
    ],
)
def test_sound_is_left_out_with_a_note_or_kept_as_it_was_asked(drivers, names, wanted, notes, track):
    chosen = {number: drivers[name] for number, name in enumerate(names, 1)}
    options = Options(sound=wanted, start=1.0, end=2.0)
    assert clips._silenced(chosen, options) == notes
    assert clips._soundtrack(chosen, options) == track
