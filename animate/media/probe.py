"""What a video or an animated picture holds: times, size, kind; its budget is asked before anything is decoded.

Times are seconds as stored, sorted; sizes are (width, height).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np

from animate.core import file_type
from animate.core.budget import ANIMATION, DRIVER, VERIFY, VERIFY_ANIMATION, Budget
from animate.core.errors import UnreadableVideo
from animate.media import animated_image, video

MOMENT = 1e-3  # seconds; containers may round times to milliseconds
HINT = "use a video of a face that plays in an ordinary player, such as MP4, MOV or WebM"


@dataclass(frozen=True)
class Part:
    """Seconds of a file, from its first frame on; `whole` False: of what is over the budget the beginning will do."""

    start: float = 0.0
    end: float = inf
    whole: bool = True


@dataclass(frozen=True, eq=False)
class Probe:
    """What was found in a file.

    times     of the frames in `part`
    tail      how long the last of them stays, 0 unknown
    rate      frames a second as declared, 0 unknown
    source    what it takes to read the frames
    shown     size to show
    notes     what reading will have to do, in plain words
    """

    part: Part
    times: np.ndarray
    tail: float
    rate: float
    source: video.FrameFormat | animated_image.Timeline
    shown: tuple[int, int]
    notes: tuple[str, ...]
    has_sound: bool = False
    last: float = inf  # time of the last frame to read; inf where the file's end will do

    @property
    def first(self) -> float:
        """Time of the first frame to read."""
        return float(self.times[0])


def probe(path: Path, part: Part, *, longest: int | None, threads: int, limits: Budget | None) -> Probe:
    """What the file at `path` holds.

    Args:
        part: the seconds to use.
        longest: pixels of the longer side to show; None: all.
        threads: decoder threads, 0 all cores.
        limits: what may be read; None: the usual budget for a video or an animated picture, read whole or sampled.

    Raises:
        UnreadableVideo: nothing that moves, or more than `limits`.
    """
    _check_file(path)
    kind = animated_image.kind_of(path)
    if kind is None:
        return _video(path, part, longest, threads, limits or (DRIVER if part.whole else VERIFY))
    limits = limits or (ANIMATION if part.whole else VERIFY_ANIMATION)
    timeline = animated_image.timeline(path, kind, limits, whole=part.whole)
    shrink = min(1.0, (longest or inf) / max(timeline.size))
    shown = max(1, round(timeline.size[0] * shrink)), max(1, round(timeline.size[1] * shrink))
    times = np.array(timeline.shown)
    notes = (_cut_note("picture", len(times)),) if timeline.cut else ()
    return Probe(part, *_within(path, times, timeline.tail, part), 0.0, timeline, shown, notes, last=_last(times, part))


def _video(path: Path, part: Part, longest: int | None, threads: int, limits: Budget) -> Probe:
    import av

    limits.check_bytes(path.stat().st_size, path.name)
    try:
        with video.VideoFile(path, threads=threads) as file:
            if file.stream is None:
                raise UnreadableVideo(f"{path.name} holds no moving picture", hint="it may be sound only; " + HINT)
            limits.check_size(*file.size, path.name)
            seconds, rate, count = file.declared
            if part.whole:
                limits.check_seconds(min(seconds, part.end) - part.start, path.name)
            times, tail = file.times(limits.frames + 1 if part.whole else limits.fitting(*file.size))
            cut, has_sound = file.damaged > 0, file.has_sound
        form, size = _first_frame(path, longest, limits)
    except (av.FFmpegError, OSError) as error:
        raise UnreadableVideo(_what_failed(path, error), hint=HINT) from error
    if len(times) < 1:
        raise UnreadableVideo(f"no picture of {path.name} can be decoded", hint=HINT)
    notes = _notes(form)
    missing = len(times) < 0.98 * count or seconds - (times[-1] - times[0]) > 1.0 + 0.02 * seconds
    if part.whole and (cut or missing):
        notes.append(_cut_note("video", len(times)))
    used, stay = _within(path, times, tail, part)
    if part.whole:
        limits.check_frames(*size, len(used), path.name)
    return Probe(part, used, stay, rate, form, form.shown, tuple(notes), has_sound, _last(times, part))


def _first_frame(path: Path, longest: int | None, limits: Budget) -> tuple[video.FrameFormat, tuple[int, int]]:
    """The format of the first frame that can be decoded, and its size as stored."""
    with video.VideoFile(path, threads=1) as file:
        first = next(file.frames(), None)
        if first is None:
            raise UnreadableVideo(f"no picture of {path.name} can be decoded", hint=HINT)
        size = first[1].width, first[1].height
        limits.check_size(*size, path.name)
        return video.frame_format(first[1], file.aspect, longest), size


def _within(path: Path, times: np.ndarray, tail: float, part: Part) -> tuple[np.ndarray, float]:
    """The times in `part`, and how long the last of them stays."""
    after = times - times[0]
    used = np.flatnonzero((after >= part.start - MOMENT) & (after < part.end - MOMENT))
    if not len(used):
        raise UnreadableVideo(
            f"{path.name} has no frames from second {part.start:g} on: it ends after {after[-1] + tail:.1f}",
            hint="choose a part that lies within the file",
        )
    end = used[-1]
    return times[used], tail if end + 1 == len(times) else float(times[end + 1] - times[end])


def _last(times: np.ndarray, part: Part) -> float:
    if part.whole and part.end == inf:
        return inf
    return float(times[times - times[0] < part.end - MOMENT][-1])


def _check_file(path: Path) -> None:
    if os.path.isdir(path):
        raise UnreadableVideo(f"{path} is a folder, not a video", hint="name one video file in it")
    if not os.path.isfile(path):
        raise UnreadableVideo(f"there is no file {path}", hint="check the name and the folder")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise UnreadableVideo(f"{path} may not be read ({error.strerror})", hint="check its permissions") from error
    if empty:
        raise UnreadableVideo(f"{path.name} is empty", hint="copy or record it again")


def _notes(form: video.FrameFormat) -> list[str]:
    notes = []
    if (form.turn != np.eye(2)).any():
        notes.append("turned upright as the camera asked")
    if form.curve:
        notes.append("high dynamic range brought down to ordinary colours")
    if form.interlaced:
        notes.append("interlaced fields joined")
    return notes


def _cut_note(noun: str, count: int) -> str:
    return f"the {noun} breaks off early; the {count} frames that are there are used"


def _what_failed(path: Path, error: Exception) -> str:
    """Tells a video that is damaged from a file that never was one, by its first bytes."""
    found = file_type.detect_file(path)
    if found is not None and found.family in ("video", "sound"):
        return f"{path.name} is damaged or cut off ({getattr(error, 'strerror', error)})"
    return f"{path.name} is not a video"
