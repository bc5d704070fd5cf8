"""The Dockerfile against the facts: what it copies and installs is there, its health check tells a server from none."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import http_serving
import pytest

from animate.interfaces.cli import serve
from animate.interfaces.cli.main import build_parser
from animate.interfaces.http.app import OPEN
from animate.interfaces.http.routes import HEALTH

ROOT = Path(__file__).parents[3]
PAGE_PORT = 7860  # gradio's first


def instructions() -> list[tuple[str, str]]:
    """(instruction, what follows) of the Dockerfile."""
    lines = [line for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def all_of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path of the top folder from the builder; the last line that fits decides."""
    kept_out = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch.fnmatch(path, pattern):
            kept_out = not line.startswith("!")
    return kept_out


def health_check() -> list[str]:
    return json.loads(all_of("HEALTHCHECK")[0].split("CMD", 1)[1])


def test_what_is_copied_is_there_and_goes_to_the_builder():
    copied = [rest.split()[:-1] for rest in all_of("COPY") if not rest.startswith("--from")]
    sources = {source for sources in copied for source in sources}
    assert sources == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "weights", "animate"}
    for source in sources:
        assert (ROOT / source).exists() and not ignored(source)


def test_what_the_build_needs_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {project["project"]["readme"], *project["project"]["license-files"]}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed |= {*wheel["packages"], *wheel["force-include"]}
    copied = " ".join(all_of("COPY")).split()
    assert needed <= set(copied)


@pytest.mark.parametrize("path", [".git", ".venv", "examples", "tests", "runs", "grandma.jpg", "key.pem", "docs"])
def test_nothing_else_goes_to_the_builder(path):
    assert ignored(path)


def test_extras_versions_and_index_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (install,) = [rest for rest in all_of("RUN") if "pip install" in rest]
    (extras,) = re.findall(r'"\.\[([\w,-]+)\]"', install)
    assert set(extras.split(",")) == {"app", "serve"} <= project["optional-dependencies"].keys()
    assert "--constraint constraints.txt" in install and '--extra-index-url "${TORCH_INDEX}"' in install
    arguments = dict(rest.split("=", 1) for rest in all_of("ARG"))
    assert arguments["TORCH_INDEX"] == "https://download.pytorch.org/whl/cpu"
    least = tuple(map(int, project["requires-python"].removeprefix(">=").split(".")))
    assert tuple(map(int, arguments["PYTHON"].split("."))) >= least
    names = {re.split(r"[><=]", wanted)[0].lower() for wanted in project["optional-dependencies"]["serve"]}
    exact = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert names <= exact


def test_it_runs_the_server_for_others_without_root():
    command = json.loads(all_of("ENTRYPOINT")[0]) + json.loads(all_of("CMD")[0])
    assert command[:2] == ["keepsake", "serve"]
    args = build_parser().parse_args(command[1:])
    assert args.host == "0.0.0.0" and not args.no_token and args.port == serve.PORT
    (volume,) = all_of("VOLUME")
    settings = dict(pair.split("=", 1) for rest in all_of("ENV") for pair in rest.split())
    folders = [str(args.folder), settings["KEEPSAKE_CONFIG"], settings["KEEPSAKE_CACHE"]]
    assert all(folder.startswith(f"{volume}/") for folder in folders)
    user = all_of("USER")[-1]
    assert user not in ("root", "0") and any(f" {user} " in f"{rest} " for rest in all_of("RUN") if "useradd" in rest)


def test_ports_are_those_of_the_server_and_the_page():
    assert {int(port) for port in all_of("EXPOSE")[0].split()} == {serve.PORT, PAGE_PORT}
    assert f"({serve.PORT}, '{HEALTH}'), ({PAGE_PORT}, '/')" in health_check()[2]
    assert HEALTH in OPEN


def test_the_health_check_tells_a_server_from_none(server):
    program, closed = health_check(), http_serving.free_port()
    assert program[:2] == ["python", "-c"]

    def code(port: int) -> int:
        words = program[2].replace(str(serve.PORT), str(port)).replace(str(PAGE_PORT), str(closed))
        return subprocess.run([sys.executable, "-c", words], timeout=60).returncode

    assert code(server.port) == 0
    assert code(closed) == 1
