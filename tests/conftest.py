"""What several tests share: a pipeline without networks, and a browser where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import nullcontext
from importlib.util import find_spec

import fakes
import hypothesis
import numpy as np
import pytest
import quick
from quick import slow
from skimage import data

import animate
from animate.core.types import Photo

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is slow
hypothesis.settings.load_profile("untimed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if quick.is_slow(item):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def only_quick(pytestconfig):
    """Where only the quick tests run, none of them may do what takes long."""
    with quick.only_quick() if pytestconfig.option.markexpr == quick.QUICK else nullcontext():
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """A shell that runs the tests in the background lets them, and every process they start, ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def ordinary_floats():
    """Training makes the processor flush the smallest floats to zero; the next test gets them back."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory):
    """Keys and downloads of the tests stay out of the person's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPSAKE_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("KEEPSAKE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def photo():
    """A face of about 100 pixels in 300 x 300."""
    return Photo(data.astronaut()[:300, 100:400].copy(), "astronaut.png")


@pytest.fixture(scope="session")
def group(photo):
    """The same face twice, side by side."""
    return Photo(np.concatenate([photo.pixels, photo.pixels[:, ::-1]], axis=1), "group.png")


@pytest.fixture
def fake(monkeypatch):
    """The fake pipeline, where `from animate import api` finds it."""
    pipeline = fakes.FakePipeline()
    monkeypatch.setitem(sys.modules, "animate.api", pipeline)
    monkeypatch.setattr(animate, "api", pipeline, raising=False)
    return pipeline


@pytest.fixture(scope="session")
@slow
def chromium() -> str:
    """The path of an installed Chromium; without it its tests are skipped, or fail where CI or KEEPSAKE_BROWSER ask."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    missing = next((name for name in ("playwright", "gradio") if find_spec(name) is None), "")
    if not found or missing:
        required = os.environ.get("CI") or os.environ.get("KEEPSAKE_BROWSER") == "required"
        refuse = pytest.fail if required else pytest.skip
        refuse(f"no {missing}" if missing else "no chromium on this machine (apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    """One Chromium for all tests of a process: Playwright cannot be started twice."""
    import pages
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=pages.FLAGS + pages.CAMERA)
        yield started
        started.close()
