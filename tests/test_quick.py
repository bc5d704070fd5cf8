"""The rule of the quick tests notices what breaks it."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys

import pytest
import quick

from animate.core import weights
from animate.faces import centerface
from animate.model import checkpoint
from animate.pipeline.render import Renderer


@pytest.fixture
@quick.slow
def waits_long():
    return None


@pytest.fixture
def through_another(waits_long):
    return waits_long


def test_whatever_uses_a_slow_fixture_is_slow(request, through_another):
    assert request.node.get_closest_marker("slow")


def test_other_tests_are_not(request, photo):
    assert not request.node.get_closest_marker("slow")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: subprocess.run([sys.executable, "-c", ""]), "starts a process"),
        (lambda: multiprocessing.get_context("spawn").Process(target=print).start(), "starts a process"),
        (lambda: checkpoint.read(weights.path("matte"), "matte"), "loads trained networks"),
        (lambda: centerface.network_file(), "looks for faces"),
        (lambda: Renderer(None, []), "renders a clip"),
    ],
)
def test_a_quick_test_may_not(act, words):
    with quick.only_quick(), pytest.raises(pytest.fail.Exception, match=f"a quick test {words}"):
        act()
