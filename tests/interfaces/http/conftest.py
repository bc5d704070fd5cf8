"""A server on the cheap pipeline, shared by the tests of a process, and a client that has its token."""

from __future__ import annotations

import http_serving
import pytest
from quick import slow


@pytest.fixture(scope="session")
@slow
def server(tmp_path_factory):
    with http_serving.serving(tmp_path_factory.mktemp("server"), "--largest", "1", "--threads", "3") as served:
        yield served


@pytest.fixture
def asking(server):
    with http_serving.client(server) as client:
        yield client
