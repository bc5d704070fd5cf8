"""The example clients against real servers: one makes a real clip, one asks the cheap pipeline."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import http_serving
import pytest

from animate import api

EXAMPLES = Path(__file__).parents[3] / "examples"


def run(served, folder: Path, *command: str) -> subprocess.CompletedProcess:
    """The outcome of a client that works in `folder`."""
    folder.mkdir()
    environment = os.environ | {"KEEPSAKE_URL": served.address, "KEEPSAKE_TOKEN": http_serving.TOKEN}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def python(served, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return run(served, folder, sys.executable, str(EXAMPLES / "http_client.py"), *arguments)


def shell(served, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return run(served, folder, "bash", str(EXAMPLES / "http_client.sh"), *arguments)


@pytest.mark.slow
def test_the_python_client_brings_home_a_marked_clip(tmp_path):
    small = ("size=96", "seconds=1", "fps=4", "names=Anna")
    with http_serving.serving(tmp_path / "server", "--threads", "1", program="animate") as served:
        done = python(served, tmp_path / "here", str(EXAMPLES / "old_print.jpg"), "nod", *small)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "old_print-keepsake.mp4"
    clip = tmp_path / "here" / "old_print-keepsake.mp4"
    verdict = api.verify(clip, photo=EXAMPLES / "old_print.jpg")
    assert (verdict.manifest, verdict.icon, verdict.slip, verdict.photo) == ("valid", "found", "matches", "matches")
    assert "Anna" in clip.with_name(f"{clip.name}.txt").read_text("utf-8")
    assert not list((tmp_path / "server" / "serve" / "jobs").iterdir())


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
def test_the_shell_client_brings_home_clip_and_citations(server, tmp_path):
    done = shell(server, tmp_path / "here", str(EXAMPLES / "group.jpg"), "smile")
    assert done.returncode == 0, done.stderr
    names = ["group-keepsake.mp4", "group-keepsake.mp4.json", "group-keepsake.mp4.txt"]
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == names
    assert (tmp_path / "here" / names[0]).read_bytes() == b"a clip"


@pytest.mark.parametrize("client", [python, shell])
def test_a_client_says_what_the_server_says(server, tmp_path, client):
    if client is shell and not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("needs curl and bash")
    refused = client(server, tmp_path / "refused", str(EXAMPLES / "group.jpg"), "dance")
    assert refused.returncode != 0 and "no gesture called 'dance'" in refused.stdout + refused.stderr
    (tmp_path / "letter.txt").write_text("a letter")
    failed = client(server, tmp_path / "failed", str(tmp_path / "letter.txt"), "smile")
    assert failed.returncode != 0 and "letter.txt is not a picture" in failed.stdout + failed.stderr
