"""A clip: frames that are rendered when they are asked for, and what was done to make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from animate.core.errors import OutputError
from animate.core.marks import Provenance

if TYPE_CHECKING:
    from animate.core.types import Photo


class Writer(Protocol):
    """Puts a clip on the disk, marked and with its slips; `animate.save` in another form."""

    def __call__(
        self,
        clip: Clip,
        path: str | Path,
        *,
        quality: int | None = None,
        threads: int | None = None,
        overwrite: bool = False,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> Path: ...


@dataclass(frozen=True)
class Soundtrack:
    """The sound of a video from second `start` to `end`; None is its end."""

    path: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip that renders itself: each loop over it starts again, so it plays twice the same and memory stays flat.

    width, height   pixels
    fps             frames a second
    count           frames
    render          gives a fresh stream of frames
    provenance      what was done
    photo           the photograph, for the manifest
    quality         H.264 constant rate factor, 0 (finest) to 51, that `save` uses
    threads         processor cores that `save` uses; 0 takes all
    writer          what `save` calls
    sound           what an MP4 of it is to have under it; None leaves it silent
    """

    width: int
    height: int
    fps: float
    count: int
    render: Callable[[], Iterator[np.ndarray]]
    provenance: Provenance
    photo: Photo | None = None
    quality: int = 18
    threads: int = 0
    writer: Writer | None = None
    sound: Soundtrack | None = None

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of `count` frames (height, width, 3) uint8 RGB."""
        return self.render()

    def __iter__(self) -> Iterator[np.ndarray]:
        return self.frames()

    def __len__(self) -> int:
        return self.count

    def save(
        self, path: str | Path, *, overwrite: bool = False, on_frame: Callable[[int, int], None] | None = None
    ) -> Path:
        """Write the clip as .mp4, .gif or .webp, marked, with its citation slip beside it.

        Args:
            path: its ending names the format.
            overwrite: a clip that is there is replaced.
            on_frame: called with (done, total) after each frame; may raise Cancelled, and nothing is left behind then.

        Returns:
            The path of the clip.

        Raises:
            OutputError: when it cannot be written there.
        """
        if self.writer is None:
            raise OutputError("this clip was not made from a photograph here", hint="use animate.clip to make one")
        return self.writer(self, path, overwrite=overwrite, on_frame=on_frame)
