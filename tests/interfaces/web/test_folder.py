"""The page's folder: gone with the page, and with the next one if the page was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from quick import slow

from animate.interfaces.web import folder

RUNS = (
    "import sys, time; from animate.interfaces.web.folder import page_folder\n"
    "with page_folder() as path: (path / 'grandma.jpg').write_bytes(b'x'); print(path, flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
@slow
def other(temporary):
    """A page of another process and its folder."""
    with subprocess.Popen([sys.executable, "-c", RUNS], stdout=subprocess.PIPE, text=True,
                          env=os.environ | {"TMPDIR": str(temporary)}) as process:  # fmt: skip
        yield process, temporary / os.path.basename(process.stdout.readline().strip())
        process.kill()


def test_the_folder_is_gone_with_the_page(temporary):
    with folder.page_folder() as path:
        (path / "photo.png").write_bytes(b"x")
    assert not list(temporary.iterdir())


def test_what_a_killed_page_left_is_deleted_by_the_next(temporary, other):
    process, path = other
    assert (path / "grandma.jpg").is_file()
    with folder.page_folder():
        assert path.is_dir(), "another page runs: its folder stays"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with folder.page_folder() as own:
        assert list(temporary.iterdir()) == [own]


def test_a_folder_without_a_lock_is_deleted_once_it_is_old(temporary):
    path = temporary / f"{folder.PREFIX}old"
    path.mkdir()
    assert folder.clean() == []
    os.utime(path, (time.time() - 3600,) * 2)
    assert folder.clean() == [path]
    assert not path.exists()


def test_links_and_other_folders_are_left_alone(temporary):
    (temporary / "kept").mkdir()
    (temporary / "kept" / "letter").write_text("Dear Anna")
    (temporary / f"{folder.PREFIX}link").symlink_to(temporary / "kept")
    (temporary / "keepsake-other").mkdir()
    assert folder.clean() == []
    assert (temporary / "kept" / "letter").is_file()
