"""Reads a person's driving video as a stream of upright RGB frames at one constant rate.

video = open_video("me.mp4", longest=512)
for pixels in video: ...        # each loop decodes anew; only a few frames are in memory at a time

Times are seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from animate.core.budget import DRIVER, Budget
from animate.core.errors import UnreadableVideo
from animate.media import animated_image, frame_rate, video
from animate.media.deinterlace import deinterlace
from animate.media.probe import HINT, MOMENT, Part, Probe, probe

MAX_FPS = 60.0
_SAMPLE_SIDE, _SAMPLE_FPS, _LARGE = 4096, 5.0, 9_000_000  # for marks; frames of more pixels are taken less often


@dataclass(eq=False)
class VideoFrames:
    """A video that can be looped over again and again: frames (height, width, 3) uint8 RGB, `fps` a second.

    width, height   as shown: turned upright, pixels square, shrunk to `longest`
    fps             constant
    duration        seconds, by the times in the file
    count           how many frames a loop yields; off by a few where a file is damaged
    notes           what reading had to do, in plain words; a loop adds what it finds damaged
    """

    path: Path
    width: int
    height: int
    fps: float
    duration: float
    count: int
    notes: list[str]
    opened: Probe = field(repr=False)
    pace: tuple[float, float] = field(repr=False)  # seconds between stored frames; how long the last one stays
    threads: int = field(default=0, repr=False)

    @property
    def has_sound(self) -> bool:
        """Whether the file has a sound track; frames never bring it."""
        return self.opened.has_sound

    @property
    def start(self) -> float:
        """Seconds of the file that come before the first frame."""
        return self.opened.part.start

    def __iter__(self) -> Iterator[np.ndarray]:
        """A fresh stream from the first frame on."""
        if isinstance(self.opened.source, animated_image.Timeline):
            return self._animation(self.opened.source)
        return self._video(self.opened.source)

    def _video(self, form: video.FrameFormat) -> Iterator[np.ndarray]:
        with video.VideoFile(self.path, threads=self.threads) as file:
            timed = self._part(file.frames(self.opened.first if self.start else None))
            if form.interlaced:
                timed = deinterlace(timed)
            yield from self._resampled(timed, video.make_converter(form))
            if file.damaged:
                self._note("damaged places in the video were left out")

    def _animation(self, times: animated_image.Timeline) -> Iterator[np.ndarray]:
        last = times.shown[0]

        def noted() -> Iterator[tuple[float, np.ndarray]]:
            nonlocal last
            for time, pixels in animated_image.frames(self.path, times):
                last = time
                yield time, pixels

        size = self.width, self.height
        yield from self._resampled(self._part(noted()), lambda pixels: animated_image.shrink(pixels, size))
        if last < self.opened.times[-1]:
            self._note("damaged pictures at the end were left out")

    def _part(self, timed: Iterator[tuple[float, Any]]) -> Iterator[tuple[float, Any]]:
        """The frames that are asked for; which these are is known by their times."""
        if self.start:
            timed = dropwhile(lambda one: one[0] < self.opened.first - MOMENT, timed)
        if self.opened.last < inf:
            timed = takewhile(lambda one: one[0] <= self.opened.last + MOMENT, timed)
        return timed

    def _resampled(
        self, timed: Iterator[tuple[float, Any]], develop: Callable[[Any], np.ndarray]
    ) -> Iterator[np.ndarray]:
        step, tail = self.pace
        return frame_rate.resample_constant(timed, self.fps, step=step, tail=tail, develop=develop)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def open_video(
    path: str | Path,
    *,
    longest: int | None = None,
    fps: float | None = None,
    threads: int = 0,
    start: float = 0.0,
    end: float | None = None,
    limits: Budget | None = None,
) -> VideoFrames:
    """The video, animated GIF, WebP, PNG or AVIF at `path`.

    Args:
        longest: pixels of the longer side; shrinks while decoding, never enlarges.
        fps: frames a second to yield; None: the file's own, at most 60.
        threads: decoder threads; 0 takes all cores.
        start, end: seconds of the part to use; None: to the end.
        limits: what may be read; None: DRIVER for a video, ANIMATION for an animated picture.

    Returns:
        VideoFrames of the part; nothing but its first frame is decoded yet.

    Raises:
        UnreadableVideo: nothing that moves, or, before decoding, more than `limits`.
        ValueError: `longest`, `fps`, `start` or `end` is none.
    """
    if longest is not None and longest < 1 or fps is not None and not 0 < fps <= 240:
        raise ValueError(f"longest is 1 or more and fps above 0 up to 240, not {longest} and {fps}")
    if not (isfinite(start) and start >= 0) or end is not None and not start < end:
        raise ValueError(f"a part starts at 0 or later and ends after its start, not {start} to {end}")
    return _open(Path(path), Part(start, inf if end is None else end), fps, longest, threads, limits)


def open_sample(path: str | Path, *, threads: int = 1) -> VideoFrames:
    """The first seconds of a video or animated picture, enough to find marks in; of large frames five a second.

    Args:
        threads: decoder threads.

    Returns:
        VideoFrames, of a file of any length; large frames are fewer.

    Raises:
        UnreadableVideo: nothing that moves, or frames that are too large.
    """
    sample = _open(Path(path), Part(whole=False), None, _SAMPLE_SIDE, threads, None)
    if sample.width * sample.height > _LARGE:
        return _open(Path(path), Part(whole=False), _SAMPLE_FPS, _SAMPLE_SIDE, threads, None)
    return sample


def _open(
    path: Path,
    part: Part,
    fps: float | None,
    longest: int | None,
    threads: int,
    limits: Budget | None,
) -> VideoFrames:
    opened = probe(path, part, longest=longest, threads=threads, limits=limits)
    if len(opened.times) < 2:
        raise UnreadableVideo(f"{path.name} holds a single picture, no movement", hint=HINT)
    times = frame_rate.monotonic(opened.times, 1.0 / (opened.rate or 25.0))
    own = frame_rate.rate(times, opened.rate)
    stay = opened.tail if 0 < opened.tail <= frame_rate.LONGEST_HOLD else 1.0 / own
    duration = float(times[-1]) + stay
    if part.whole:
        (limits or DRIVER).check_seconds(duration, path.name)
    rate = fps or min(own, MAX_FPS)
    return VideoFrames(
        path=path,
        width=opened.shown[0],
        height=opened.shown[1],
        fps=rate,
        duration=duration,
        count=max(1, int(duration * rate + 0.5)),
        notes=[*opened.notes, *_pace_notes(times, own, fps)],
        opened=opened,
        pace=(1.0 / own, stay),
        threads=threads,
    )


def _pace_notes(times: np.ndarray, own: float, fps: float | None) -> list[str]:
    notes = []
    if fps is None and own > MAX_FPS:
        notes.append(f"{own:.0f} frames a second are read as {MAX_FPS:.0f}")
    steps = np.diff(times) * own
    if np.abs(steps - np.round(steps)).max() > 0.25:
        notes.append("the frames came at uneven times and were set to an even pace")
    return notes
