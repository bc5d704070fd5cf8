"""Previews: every movement on one face, small, made in the background and kept; whatever else is asked for stops them.

Conventions: a preview is a silent MP4 whose frames carry the icon and the invisible mark as those of every clip do.
Nothing here is signed or saved.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core.errors import Cancelled, KeepsakeError
from animate.core.options import BUNDLED_MODEL
from animate.core.types import Photo, Portrait
from animate.interfaces.web.work import model

if TYPE_CHECKING:
    from animate.pipeline import previews as pipeline

QUALITY = 26


class Previews:
    """Makes previews one after another, for the newest request only, and keeps them in `folder`."""

    def __init__(self, folder: Path):
        self._folder = folder / "previews"
        self._newest, self._lock, self._working = 0, threading.Lock(), threading.Lock()
        self._prepared: tuple[str, pipeline.Previews] | None = None  # the face that was shown last

    def stop(self) -> int:
        """Stops what is being made; returns the number of the request that is now the newest."""
        with self._lock:
            self._newest += 1
            return self._newest

    def made(self, photo: Photo, portrait: Portrait, gestures: Sequence[str]) -> Iterator[dict[str, Path]]:
        """The previews that are there, again after each new one; ends early once `stop` or another request came."""
        request = self.stop()
        files = {gesture: self._file(photo, portrait, gesture) for gesture in gestures}
        yield {gesture: file for gesture, file in files.items() if file.is_file()}
        for gesture, file in files.items():
            if file.is_file():
                continue
            try:
                with self._working:
                    self._make(photo, portrait, gesture, file, request)
            except Cancelled:
                return
            except KeepsakeError:  # this movement has no preview; choosing it says why
                continue
            yield {gesture: file for gesture, file in files.items() if file.is_file()}

    def _file(self, photo: Photo, portrait: Portrait, gesture: str) -> Path:
        described = f"{_described(photo, portrait)} {gesture}"
        return self._folder / f"{hashlib.sha256(described.encode()).hexdigest()[:24]}.mp4"

    def _make(self, photo: Photo, portrait: Portrait, gesture: str, file: Path, request: int) -> None:
        from animate.media.write import write_clip
        from animate.pipeline.marks import ProvenanceMarks

        def current(*_) -> None:
            if request != self._newest:
                raise Cancelled("stopped")

        current()
        self._folder.mkdir(exist_ok=True)
        clip = self._prepared_for(photo, portrait).clip(gesture)
        current()
        size = {"width": clip.width, "height": clip.height, "fps": clip.fps}
        write_clip(file, ProvenanceMarks(clip).frames(), **size, quality=QUALITY, threads=1, on_frame=current)

    def _prepared_for(self, photo: Photo, portrait: Portrait) -> pipeline.Previews:
        """What all movements of a face share, kept for the face that was shown last."""
        from animate import api

        described = _described(photo, portrait)
        if self._prepared is None or self._prepared[0] != described:
            made = api.previews(photo, portrait, model=model(BUNDLED_MODEL), threads=min(2, os.cpu_count() or 1))
            self._prepared = described, made
        return self._prepared[1]


def _described(photo: Photo, portrait: Portrait) -> str:
    box = ",".join(f"{side:.1f}" for side in portrait.face.box)
    return f"{photo.sha256} {photo.width} {box}"
