"""Files appear whole or not at all, and leave nothing beside them."""

import subprocess
import sys

import pytest

from animate.core import files


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "a.mp4"
    with files.replacing(target) as part:
        part.write_bytes(b"half")
        assert not target.exists() and part.suffix == ".mp4" and part.parent.name.startswith(".")
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


def test_a_file_made_meanwhile_is_not_replaced_unasked(tmp_path):
    target = tmp_path / "a.mp4"
    with pytest.raises(FileExistsError), files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"ours")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs" and [*tmp_path.iterdir()] == [target]


def test_a_disk_without_links_is_written_too(tmp_path, monkeypatch):
    def none(*_):
        raise PermissionError

    monkeypatch.setattr(files.os, "link", none)
    target = tmp_path / "a.mp4"
    with files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"1")
    with pytest.raises(FileExistsError), files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"2")
    assert target.read_bytes() == b"1" and [*tmp_path.iterdir()] == [target]


HOLDING = """
import sys
from animate.core import files
with files.staging(sys.argv[1]) as folder:
    (folder / "a.part").write_bytes(b"half")
    print(folder, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_stays(tmp_path):
    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return process, tmp_path / process.stdout.readline().strip()

    (killed, left), (living, held) = start(), start()
    (tmp_path / ".keepsake-notes").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"dear")
    killed.kill()
    killed.communicate()
    files.sweep(tmp_path)
    assert not left.exists() and (held / "a.part").exists()
    living.communicate("\n")
    assert {path.name for path in tmp_path.iterdir()} == {".keepsake-notes", "photo.jpg"}
