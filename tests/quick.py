"""Which tests are quick: those that start no process or browser, load no trained network and render no clip.

A test that uses a fixture marked with `slow` is slow; `make quick`, which runs the others, refuses whatever breaks the
rule. Beyond it a test that computes for more than half a second is marked `pytest.mark.slow` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

QUICK = "not slow"  # the expression by which `make quick` chooses
STARTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec"}  # events of the interpreter

Function = TypeVar("Function", bound=Callable)


def slow(fixture: Function) -> Function:
    """Marks the function of a fixture: whatever test uses it is slow. Stands below `@pytest.fixture`."""
    fixture.slow = True
    return fixture


def is_slow(item: pytest.Item) -> bool:
    """Whether one of the fixtures that a test uses, directly or not, is slow."""
    known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(getattr(definitions[-1].func, "slow", False) for definitions in known.values())


@contextmanager
def only_quick() -> Iterator[None]:
    """Fails every test that starts a process, looks for faces, loads trained networks or renders a clip."""
    from animate.core.weights import bundled_folder
    from animate.faces import centerface
    from animate.model import checkpoint
    from animate.pipeline.render import Renderer

    opened, guarding = checkpoint.safe_open, True

    def refuse(what: str) -> Callable[..., NoReturn]:
        return lambda *given, **more: pytest.fail(f"a quick test {what}: it, or its fixture, is slow (tests/quick.py)")

    def heard(event: str, given: tuple) -> None:
        if guarding and event in STARTS:
            refuse("starts a process")()

    def safe_open(path: str, **how):
        if Path(path).is_relative_to(bundled):
            refuse("loads trained networks")()
        return opened(path, **how)

    bundled = bundled_folder()
    sys.addaudithook(heard)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseProcess, "start", refuse("starts a process"))
        patch.setattr(centerface, "network_file", refuse("looks for faces"))
        patch.setattr(checkpoint, "safe_open", safe_open)
        patch.setattr(Renderer, "__init__", refuse("renders a clip"))
        yield
    guarding = False
