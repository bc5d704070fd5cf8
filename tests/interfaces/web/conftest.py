"""A page of the fake pipeline and a real browser before it."""

from __future__ import annotations

from pathlib import Path

import fakes
import pages
import pytest

from animate.photo.preview import write_png


@pytest.fixture(scope="session")
def server(tmp_path_factory, chromium):
    """A page on the fake pipeline; when it ends, nothing of it is left."""
    with pages.serving(tmp_path_factory.mktemp("page")) as served:
        yield served
    assert not list(served.temporary.iterdir()), "photographs were left behind"


@pytest.fixture
def page(browser, server):
    with pages.opened(browser, server.address) as page:
        yield page


@pytest.fixture
def photo(tmp_path) -> Path:
    return write_png(tmp_path / "grandma.png", fakes.PIXELS)
