"""The page in a process of its own, sealed from the network, and a browser before it.

As a program it serves: `python pages.py PORT SEALED fake|real [EXAMPLE]`.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import fakes
import sealed

import animate

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
READY = "body[data-ready]"  # every request of the page is answered (requests.js)
PATIENCE = 60_000  # milliseconds; a busy machine is slow


def wait(ready, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not ready() and time.monotonic() < until:
        time.sleep(0.1)
    assert ready()


@contextlib.contextmanager
def serving(folder: Path, *more: str, pipeline: str = "fake", **environment: str) -> Iterator[SimpleNamespace]:
    """A page: its `address`, `log` (what the process wrote), `sealed` (what it asked of the network), `temporary`."""
    log, seal, temporary = folder / "log", folder / "sealed", folder / "temporary"
    temporary.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tests = Path(__file__).parent
    environment = {"PYTHONPATH": os.pathsep.join((str(tests), str(tests.parent))), **environment}
    command = [sys.executable, __file__, str(port), str(seal), pipeline, *more]
    with open(log, "w") as file:
        environment = os.environ | environment | {"TMPDIR": str(temporary)}
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    try:
        wait(lambda: "Keepsake is at" in log.read_text() or process.poll() is not None, 120)
        assert process.poll() is None, log.read_text()
        address = f"http://127.0.0.1:{port}/"
        yield SimpleNamespace(address=address, log=log, sealed=seal, temporary=temporary, process=process)
    finally:
        process.terminate()
        process.wait(30)
    assert not seal.exists(), f"the page asked the network:\n{seal.read_text()}"


@contextlib.contextmanager
def opened(browser, address: str, **about) -> Iterator:
    """The page as it opens; at the end no request may have gone anywhere but to this computer."""
    asked: list[str] = []
    about = {"viewport": {"width": 1280, "height": 900}, **about}
    page = browser.new_page(**about)
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector(READY)
    yield page
    page.close()
    assert asked
    assert all(url.startswith((address, "data:", f"blob:{address}")) for url in asked), asked


def upload(page, photo: Path) -> None:
    page.set_input_files("#picture input[type=file]", photo)
    page.wait_for_selector("#picture svg")


def expect(page, selector: str):
    """Playwright's assertions about an element of the page."""
    from playwright.sync_api import expect

    return expect(page.locator(selector))


def says(page, words: str | re.Pattern) -> None:
    """Waits until the line below the button says `words`."""
    expect(page, "#progress").to_contain_text(words, timeout=PATIENCE)


def serve(port: int, log: str, pipeline: str, example: Path | None = None) -> None:
    """Serves until it is stopped; the fake pipeline is slow enough to be stopped."""
    sealed.seal(log)
    from animate.interfaces.web import page

    if pipeline == "fake":
        sys.modules["animate.api"] = animate.api = fakes.FakePipeline(pause=0.05)
    page.launch(port=port, browser=False, example=example)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]) if len(sys.argv) > 4 else None)
