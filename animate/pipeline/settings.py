"""The settings of libraries while a photograph or a video is worked on. Part of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def settings(threads: int = 0) -> Iterator[None]:
    """Within it networks of the calling thread take one core and the face finder `threads` (0: all); afterwards all
    settings are as before."""
    from animate.faces.detect import cv_threads
    from animate.model.parallel import torch_threads

    with torch_threads(1), cv_threads(threads):
        yield
