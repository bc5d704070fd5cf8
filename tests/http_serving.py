"""The HTTP server in a process of its own, on a pipeline without networks.

As a program it serves: `python http_serving.py [ARGUMENTS OF keepsake serve]`. What a photograph's name says happens to
it in the worker; the file that KEEPSAKE_TEST_JOURNAL names gets a line for every clip that was begun or finished.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
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
from animate.core import files
from animate.interfaces.http import look
from animate.interfaces.http import make as real
from animate.provenance import citation

TOKEN = "a-token-for-the-tests"
PHOTO = b"\x89PNG\r\n\x1a\nnot much of a photograph"
JOURNAL, SEAL, PAUSE = "KEEPSAKE_TEST_JOURNAL", "KEEPSAKE_TEST_SEAL", "KEEPSAKE_TEST_PAUSE"


class CheapPipeline(fakes.FakePipeline):
    """As the fake pipeline, but a clip is a few bytes; a "killer" kills its process, a "slow" one takes its time."""

    def clip(self, photo, driver="classic", **more):
        journal("begun", Path(photo))
        if "killer" in Path(photo).name:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().clip(self.read_photo(photo), driver, **more)

    def read_photo(self, source, *, page=0):
        return super().read_photo(Path(source).with_stem(Path(source).stem.replace("slow", "")), page=page)

    def save(self, clip, path, *, overwrite=False, on_frame=None, **more):
        for number in range(clip.count):
            on_frame(number, clip.count)
            time.sleep(float(os.environ.get(PAUSE, "0.2")) if "slow" in Path(path).name else 0.001)
        files.write_bytes(path, b"a clip")
        content = citation.content(Path(path).name, citation.sha256(path), clip.provenance, "0" * 12, "video/mp4")
        citation.write(path, content)
        journal("made", Path(path))
        return Path(path)


def faces(photo, fields):
    """The real look at a photograph, on the cheap pipeline; a "killer" kills its process."""
    if "killer" in photo.name:
        os.kill(os.getpid(), signal.SIGKILL)
    _begin()
    return _faces(photo, fields)


def verdict(file, photo):
    """The real look at a clip, on the cheap pipeline."""
    _begin()
    return _verdict(file, photo)


_faces, _verdict = look.faces, look.verdict


def _begin() -> None:
    sealed.seal(os.environ[SEAL])
    sys.modules["animate.api"] = animate.api = CheapPipeline()


def journal(word: str, path: Path) -> None:
    if JOURNAL in os.environ:
        with open(os.environ[JOURNAL], "a") as file:
            file.write(f"{word} {path.name} {os.getpid()}\n")


def make(order, folder, out, threads, report):
    """The real work of a worker, on the cheap pipeline, sealed from the network."""
    _begin()
    return {**real.make(order, folder, out, threads, report), "notes": [f"threads {threads}"]}


@contextlib.contextmanager
def serving(folder: Path, *more: str, program: str | None = None, **environment: str) -> Iterator[SimpleNamespace]:
    """A server on `folder`: its `address`, `port`, `process`, `log` and `journal` (files), and `stop(signal)`."""
    served = start(folder, *more, program=program, **environment)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            served.process.wait(30)
    assert not served.seal.exists(), f"the server asked the network:\n{served.seal.read_text()}"


def start(folder: Path, *more: str, program: str | None = None, **environment: str) -> SimpleNamespace:
    """As `serving`, for whoever ends the process themselves."""
    folder.mkdir(exist_ok=True)
    log, tests = folder / "log", Path(__file__).parent
    port = free_port()
    paths = {"PYTHONPATH": os.pathsep.join((str(tests), str(tests.parent)))}
    paths |= {JOURNAL: str(folder / "journal"), SEAL: str(folder / "sealed")}
    arguments = ["--port", str(port), "--token", TOKEN, "--folder", str(folder / "serve"), *more]
    command = [sys.executable, *([__file__] if program is None else ["-m", program, "serve"]), *arguments]
    with open(log, "w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=os.environ | paths | environment)
    until = time.monotonic() + 120
    while "Keepsake serves at" not in log.read_text() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert process.poll() is None, log.read_text()
    address = f"http://127.0.0.1:{port}"
    paths = {"journal": folder / "journal", "seal": folder / "sealed"}
    return SimpleNamespace(address=address, port=port, process=process, log=log, **paths)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def client(served: SimpleNamespace):
    """An HTTP client with the token."""
    import httpx

    headers = {"authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=served.address, headers=headers, timeout=60, trust_env=False)


def hand_in(asking, name: str = "grandma.png", **fields: str):
    """The answer to a photograph that is to become a clip."""
    return asking.post("/v1/jobs", files={"photo": (name, PHOTO)}, data=fields)


def ended(asking, key: str, seconds: float = 60.0) -> dict:
    """A job once it has ended."""
    until = time.monotonic() + seconds
    while True:
        job = asking.get(f"/v1/jobs/{key}", params={"wait": 5}).json()
        if job["state"] in ("done", "failed"):
            return job
        assert time.monotonic() < until, json.dumps(job)


def main() -> int:
    """`keepsake serve` on the cheap pipeline, in the server and in its workers."""
    import http_serving  # by the name by which the workers find it too

    sealed.seal(os.environ[SEAL])
    from animate.interfaces.cli.main import main as run
    from animate.interfaces.http import server

    sys.modules["animate.api"] = animate.api = CheapPipeline()
    server.make = http_serving.make
    look.faces, look.verdict = http_serving.faces, http_serving.verdict
    return run(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
