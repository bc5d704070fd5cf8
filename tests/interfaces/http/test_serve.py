"""`keepsake serve` as a command: tokens, addresses, folders, what is missing."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

import pytest

from animate.interfaces.cli import serve
from animate.interfaces.cli.main import main


@pytest.fixture
def launched(monkeypatch):
    """The settings with which a server would start."""
    from animate.interfaces.http import server

    found = []
    monkeypatch.setattr(server, "launch", lambda settings, announce: (found.append(settings), announce("http://x:1")))
    monkeypatch.delenv(serve.TOKEN, raising=False)
    return found


def test_a_server_is_for_this_computer_with_a_new_token_each_time(launched, tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_CACHE", str(tmp_path))
    assert main(["serve"]) == main(["serve"]) == 0
    one, other = launched
    assert (one.host, one.port, one.folder) == ("127.0.0.1", 8000, tmp_path / "serve")
    assert (one.keep, one.largest, one.rate, one.workers, one.threads) == (24.0, 300, 120, 1, 0)
    assert len(one.token) >= 32 and one.token != other.token


def test_a_token_comes_from_the_argument_or_the_environment(launched, monkeypatch):
    monkeypatch.setenv(serve.TOKEN, "from-the-environment")
    main(["serve"])
    main(["serve", "--token", "from-the-argument"])
    main(["serve", "--no-token", "--host", "::1"])
    assert [settings.token for settings in launched] == ["from-the-environment", "from-the-argument", ""]


def test_what_was_started_is_said_to_people_and_to_programs(launched, capsys):
    assert main(["serve", "--token", "0123456789abcdef"]) == 0
    assert capsys.readouterr().out == "Keepsake serves at http://x:1   (Ctrl-C stops it)\nToken: 0123456789abcdef\n"
    assert main(["serve", "--token", "0123456789abcdef", "--json"]) == main(["--json", "serve", "--no-token"]) == 0
    one, other = map(json.loads, capsys.readouterr().out.splitlines())
    assert one == {"address": "http://x:1", "token": "0123456789abcdef"}
    assert other == {"address": "http://x:1", "token": None}


@pytest.mark.parametrize(
    "token", ["", "short", "with a space in it", "ümlaut-ümlaut-ümlaut", "line\nline-line-line-line"]
)
def test_a_token_that_protects_nothing_is_refused(launched, capsys, token):
    assert main(["serve", "--token", token]) == 1
    assert not launched and "--token" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "archive.local"])
def test_nobody_else_is_served_without_a_token(launched, capsys, host):
    assert main(["serve", "--no-token", "--host", host]) == 1
    assert not launched and "a token is needed" in capsys.readouterr().err
    assert main(["serve", "--host", host]) == 0 and launched[0].token


@pytest.mark.parametrize(
    "words",
    [["--port", "65536"], ["--port", "x"], ["--keep", "0"], ["--keep", "nan"], ["--workers", "0"], ["--largest", "0"],
     ["--rate", "0"], ["--threads", "65"], ["--token", "0123456789abcdef", "--no-token"]],
)  # fmt: skip
def test_what_makes_no_sense_is_wrong_usage(launched, words):
    assert main(["serve", *words]) == 2
    assert not launched


@pytest.mark.slow
@pytest.mark.parametrize("name", ["huey", "fastapi", "uvicorn", "limits"])
def test_what_is_not_installed_is_named(name):
    program = f"import sys; sys.modules[{name!r}] = None; from animate.interfaces.cli.main import main; main(['serve'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert f"the server needs {name}, which is not installed" in done.stderr and "keepsake[serve]" in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--folder", str(tmp_path / "serve")]) == 1
    error = capsys.readouterr().err
    assert re.search(f"127.0.0.1 port {port} cannot be used", error) and "--port" in error
