"""Writes a clip as MP4, GIF or WebP: as a stream, never with sound, and complete or not at all.

The clip grows in a hidden folder beside the target and is moved into place when it is whole; whatever interrupts it (an
error, a person, a full disk) leaves neither that file nor a change to what was at the target before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from pathlib import Path

import numpy as np

from animate.core import files
from animate.core.errors import OutputError
from animate.media import gif, h264, webp

_ENCODERS = {".mp4": h264.encode, ".gif": gif.encode, ".webp": webp.encode}
LONGEST_SIDE = 16_000  # what all three formats can hold


def write_clip(
    path: str | Path,
    frames: Iterable[np.ndarray],
    *,
    width: int,
    height: int,
    fps: float,
    count: int | None = None,
    quality: int = 18,
    on_frame: Callable[[int, int], None] | None = None,
    threads: int = 0,
    finish: Callable[[Path], None] | None = None,
) -> Path:
    """Write a clip; the format follows the ending of `path` (.mp4, .gif, .webp).

    Args:
        frames: (height, width, 3) uint8 RGB, taken one at a time.
        count: how many there must be; None takes what comes.
        quality: 0 (finest) to 51, H.264's scale; WebP follows it, GIF has none.
        on_frame: called with (frames written so far, count or 0).
        threads: encoder threads; 0 takes all cores.
        finish: called with the whole clip while it is still hidden; what it raises keeps it from taking its place.

    Returns:
        `path`.

    Raises:
        OutputError: nothing can be written there, or the count is another.
        ValueError: a frame of another size or type; and whatever `frames` or `on_frame` raise.
    """
    import av

    path = Path(path)
    encode = check_target(path)
    _check(width, height, fps, quality)
    supply = _Supply(frames, (height, width, 3), count, on_frame)
    try:
        with files.replacing(path) as part:
            encode(part, iter(supply), width=width, height=height, fps=float(fps), quality=quality, threads=threads)
            if finish is not None:
                finish(part)
    except (OSError, av.FFmpegError) as error:
        if error is supply.fault:
            raise
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"{path} could not be written: {reason}",
            hint="check that there is room and that the folder may be written to",
        ) from error
    return path


def _check(width: int, height: int, fps: float, quality: int) -> None:
    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE):
        raise OutputError(
            f"a clip of {width} x {height} cannot be written", hint=f"sides go from 1 to {LONGEST_SIDE} pixels"
        )
    if not (isfinite(fps) and 1 <= fps <= 240 and 0 <= quality <= 51):
        raise ValueError(f"fps goes from 1 to 240 and quality from 0 to 51, not {fps} and {quality}")


def check_target(path: str | Path) -> Callable[..., None]:
    """The encoder for `path`; raises OutputError for an ending, folder or name that no clip can be written to."""
    path = Path(path)
    encode = _ENCODERS.get(path.suffix.lower())
    if encode is None:
        raise OutputError(
            f"{path.name} ends in {path.suffix or 'nothing'}; clips are {', '.join(_ENCODERS)}", hint="name it .mp4"
        )
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder", hint="name a file in it")
    if not os.path.isdir(path.parent):
        raise OutputError(f"there is no folder {path.parent}", hint="make the folder first, or choose another")
    return encode


class _Supply:
    """Hands frames on one by one, checked and counted; remembers what went wrong on the supplier's side in `fault`."""

    def __init__(
        self,
        frames: Iterable[np.ndarray],
        shape: tuple[int, int, int],
        count: int | None,
        on_frame: Callable[[int, int], None] | None,
    ):
        self._frames, self._shape, self._count, self._on_frame = frames, shape, count, on_frame
        self.fault: BaseException | None = None
        self.done = 0

    def __iter__(self) -> Iterator[np.ndarray]:
        try:
            for frame in self._frames:
                self._check(frame)
                self.done += 1
                yield frame
                if self._on_frame is not None:
                    self._on_frame(self.done, self._count or 0)
            self._check_count()
        except BaseException as error:
            self.fault = error
            raise

    def _check_count(self) -> None:
        if self.done == 0 or self._count not in (None, self.done):
            raise OutputError(
                f"{self.done} frames came, expected {self._count or 'at least 1'}", hint="animate the photograph again"
            )

    def _check(self, frame: np.ndarray) -> None:
        if not isinstance(frame, np.ndarray) or frame.shape != self._shape or frame.dtype != np.uint8:
            came = f"{getattr(frame, 'shape', type(frame).__name__)} {getattr(frame, 'dtype', '')}".strip()
            raise ValueError(f"frame {self.done + 1} is {came}, expected {self._shape} uint8")
        if self.done == self._count:
            raise OutputError(f"more than the {self._count} frames announced came", hint="animate the photograph again")
