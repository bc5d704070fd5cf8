"""A call of the library leaves the settings of torch, OpenCV and the process as they were."""

from __future__ import annotations

import os
import signal
import sys
import threading

import cv2
import pytest
import torch

import animate
from animate.core.types import Photo
from animate.model.parallel import computed_within, parallel_map, torch_threads

FEW = animate.Options(fps=4.0, seconds=1.0, threads=1)


def flushes() -> bool:
    """Whether this thread takes the smallest floats for 0."""
    return sys.float_info.min * 0.5 == 0.0


def settings() -> dict[str, object]:
    """Everything that a call might change."""
    elsewhere: list[int] = []
    thread = threading.Thread(target=lambda: elsewhere.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return {
        "torch": torch.get_num_threads(),
        "torch in a new thread": elsewhere[0],
        "denormal": flushes(),
        "gradients": torch.is_grad_enabled(),
        "dtype": torch.get_default_dtype(),
        "opencv": cv2.getNumThreads(),
        "environment": {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "folder": os.getcwd(),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
    }


@pytest.fixture
def own():
    """Settings that none of the program's own equals."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(3)
    torch.set_flush_denormal(False)
    cv2.setNumThreads(2)
    yield settings()
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.mark.slow
def test_every_verb_leaves_the_settings_as_they_were(own, photo, tmp_path):
    def unchanged():
        assert settings() == own

    model = animate.load()
    unchanged()
    animate.find_faces(photo, model=model)
    unchanged()
    clip = animate.clip(photo, "nod", model=model, options=FEW)
    unchanged()
    for _ in clip:
        unchanged()
        break
    unchanged()
    animate.check(tmp_path / "nod.mp4")
    path = clip.save(tmp_path / "nod.mp4", on_frame=lambda done, total: None)
    unchanged()
    animate.verify(path)
    unchanged()
    animate.save_synthesis_map(clip, tmp_path / "nod.png")
    unchanged()
    animate.record_gesture(path, tmp_path / "nod.card", model=model)
    unchanged()
    with pytest.raises(animate.NoFace):
        animate.clip(Photo(photo.pixels[:40, :40].copy()), model=model, options=FEW)
    unchanged()
    assert animate.gestures() and animate.read_photo(photo.pixels)
    unchanged()


def test_threads_of_a_pool_change_no_other(own):
    assert list(parallel_map(lambda _: torch.get_num_threads(), range(3), 2)) == [1, 1, 1]
    assert settings() == own


def test_an_iterator_is_computed_with_settings_and_handed_on_without(own):
    def inside():
        for _ in range(2):
            yield torch.get_num_threads(), flushes()

    for seen in computed_within(lambda: torch_threads(1), inside()):
        assert seen == (1, True) and settings() == own
