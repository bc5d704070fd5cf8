"""Reads a person's driving video as a stream of upright RGB frames at one constant rate.

video = open_video("me.mp4", longest=512)
for pixels in video: ...        # each loop decodes anew; only a few frames are in memory at a time
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from animate.core.errors import UnreadableVideo
from animate.media import animated_image, frame_rate, video

MAX_PIXELS = 40_000_000  # a frame; 8K is 33
MAX_SECONDS = 600.0
MAX_FPS = 60.0
_MAX_FRAMES = 150_000  # as stored: ten minutes at 240 a second
_HINT = "use a video of a face that plays in an ordinary player, such as MP4, MOV or WebM"


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
    step: float = field(repr=False)  # seconds between stored frames
    tail: float = field(repr=False)  # how long the last one stays
    source: tuple = field(repr=False)  # (video.Look, threads), or the times of an animated picture

    def __iter__(self) -> Iterator[np.ndarray]:
        """A fresh stream from the first frame on."""
        return self._animation() if isinstance(self.source, list) else self._video(*self.source)

    def _video(self, seen: video.FrameFormat, threads: int) -> Iterator[np.ndarray]:
        with video.VideoFile(self.path, threads=threads) as film:
            timed = film.frames()
            if seen.interlaced:
                timed = video.deinterlace(timed)
            yield from frame_rate.resample_constant(
                timed, self.fps, step=self.step, tail=self.tail, develop=video.make_converter(seen)
            )
            if film.damaged:
                self._note("damaged places in the video were left out")

    def _animation(self) -> Iterator[np.ndarray]:
        timed = animated_image.frames(self.path, self.source)
        yield from frame_rate.resample_constant(
            timed,
            self.fps,
            step=self.step,
            tail=self.tail,
            develop=lambda pixels: animated_image.shrink(pixels, (self.width, self.height)),
        )

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def open_video(
    path: str | Path,
    *,
    longest: int | None = None,
    fps: float | None = None,
    threads: int = 0,
    max_pixels: int = MAX_PIXELS,
    max_seconds: float = MAX_SECONDS,
) -> VideoFrames:
    """The video, animated GIF, WebP, PNG or AVIF at `path`.

    longest      shrinks while decoding, never enlarges
    fps          frames a second to yield; None: the file's own, at most 60
    threads      decoder threads; 0 takes all cores
    Raises UnreadableVideo for anything that holds no moving picture, and, before decoding, for more than `max_pixels` a
    frame or more than `max_seconds`; ValueError for a `longest` or `fps` that is not above 0.
    """
    if longest is not None and longest < 1 or fps is not None and not 0 < fps <= 240:
        raise ValueError(f"longest is 1 or more and fps above 0 up to 240, not {longest} and {fps}")
    path = Path(path)
    _check_file(path)
    if animated_image.is_animation(path, max_pixels=max_pixels):
        return _open_animation(path, longest, fps, max_seconds)
    return _open_film(path, longest, fps, threads, max_pixels, max_seconds)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise UnreadableVideo(f"{path} is a folder, not a video", hint="name one video file in it")
    if not path.is_file():
        raise UnreadableVideo(f"there is no file {path}", hint="check the name and the folder")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise UnreadableVideo(f"{path} may not be read ({error.strerror})", hint="check its permissions") from error
    if empty:
        raise UnreadableVideo(f"{path.name} is empty", hint="copy or record it again")


def _open_film(
    path: Path, longest: int | None, fps: float | None, threads: int, max_pixels: int, max_seconds: float
) -> VideoFrames:
    import av

    try:
        with video.VideoFile(path, threads=threads) as film:
            _check_stream(film, path, max_pixels, max_seconds)
            told = film.told
            times, tail = film.times(_MAX_FRAMES)
            cut = film.damaged > 0
        with video.VideoFile(path, threads=1) as film:
            first = next(film.frames(), None)
            if len(times) < 1 or first is None:
                raise UnreadableVideo(f"no picture of {path.name} can be decoded", hint=_HINT)
            video.check_size((first[1].width, first[1].height), path, max_pixels)
            seen = video.frame_format(first[1], film.aspect, longest)
    except (av.FFmpegError, OSError) as error:
        raise UnreadableVideo(_what_failed(path, error), hint=_HINT) from error
    notes = _film_notes(seen)
    if cut or len(times) < 0.98 * told[2] or told[0] - (times[-1] - times[0]) > 1.0 + 0.02 * told[0]:
        notes.append(f"the video breaks off early; the {len(times)} frames that are there are used")
    return _assemble(path, times, tail, told[1], fps, seen.shown, notes, (seen, threads), max_seconds)


def _open_animation(path: Path, longest: int | None, fps: float | None, max_seconds: float) -> VideoFrames:
    size, times, tail, cut = animated_image.times(path)
    shrink = min(1.0, (longest or np.inf) / max(size))
    shown = max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))
    notes = [f"the picture breaks off early; the {len(times)} frames that are there are used"] if cut else []
    return _assemble(path, np.array(times), tail, 0.0, fps, shown, notes, times, max_seconds)


def _assemble(
    path: Path,
    times: np.ndarray,
    tail: float,
    told: float,
    fps: float | None,
    shown: tuple[int, int],
    notes: list[str],
    source: tuple | list,
    max_seconds: float,
) -> VideoFrames:
    if len(times) < 2:
        raise UnreadableVideo(f"{path.name} holds a single picture, no movement", hint=_HINT)
    times = frame_rate.monotonic(times, 1.0 / (told or 25.0))
    own = frame_rate.rate(times, told)
    tail = tail if 0 < tail <= frame_rate.LONGEST_HOLD else 1.0 / own
    duration = float(times[-1]) + tail
    _check_seconds(path, duration, max_seconds)
    if fps is None and own > MAX_FPS:
        notes.append(f"{own:.0f} frames a second are read as {MAX_FPS:.0f}")
    steps = np.diff(times) * own
    if np.abs(steps - np.round(steps)).max() > 0.25:
        notes.append("the frames came at uneven times and were set to an even pace")
    rate = fps or min(own, MAX_FPS)
    return VideoFrames(path, *shown, rate, duration, max(1, int(duration * rate + 0.5)), notes, 1.0 / own, tail, source)


def _check_stream(film: video.VideoFile, path: Path, max_pixels: int, max_seconds: float) -> None:
    if film.stream is None:
        raise UnreadableVideo(f"{path.name} holds no moving picture", hint="it may be sound only; " + _HINT)
    video.check_size(film.size, path, max_pixels)
    _check_seconds(path, film.told[0], max_seconds)


def _check_seconds(path: Path, seconds: float, most: float) -> None:
    if seconds > most:
        raise UnreadableVideo(
            f"{path.name} runs for {seconds:.0f} seconds; at most {most:.0f} are read", hint="cut out the part to use"
        )


def _film_notes(seen: video.FrameFormat) -> list[str]:
    notes = []
    if (seen.turn != np.eye(2)).any():
        notes.append("turned upright as the camera asked")
    if seen.curve:
        notes.append("high dynamic range brought down to ordinary colours")
    if seen.interlaced:
        notes.append("interlaced fields joined")
    return notes


def _what_failed(path: Path, error: Exception) -> str:
    """Tells a video that is damaged from a file that never was one, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(16)
    quicktime = head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
    if quicktime or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"FLV\x01"):
        return f"{path.name} is damaged or cut off ({getattr(error, 'strerror', error)})"
    return f"{path.name} is not a video"
