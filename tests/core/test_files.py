"""Files appear whole or not at all, and leave nothing beside them."""

import pytest

from animate.core import files


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "a.mp4"
    with files.replacing(target) as part:
        part.write_bytes(b"half")
        assert not target.exists() and part.suffix == ".mp4" and part.name.startswith(".")
    assert target.read_bytes() == b"half" and [*tmp_path.iterdir()] == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    files.write_text(target, "old")
    with pytest.raises(RuntimeError), files.replacing(target) as part:
        part.write_text("new")
        raise RuntimeError
    assert target.read_text() == "old" and [*tmp_path.iterdir()] == [target]


def test_long_names_still_fit(tmp_path):
    files.write_bytes(tmp_path / ("x" * 250 + ".txt"), b"1")
    assert len([*tmp_path.iterdir()]) == 1
