"""The sound of a driving video, laid under a finished MP4 if a person asks for it; nothing else here opens sound.

Times are seconds. Sound is decoded and encoded again as AAC, so that it can be cut anywhere and every player has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from animate.core.errors import UnreadableVideo
from animate.core.files import replacing
from animate.media.video import CONTAINERS

RATE = 48_000  # samples a second
BITS = 128_000  # a second
_RULES = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}


def has_sound(path: str | Path) -> bool:
    """Whether a video has a sound track; False also for a file that cannot be opened."""
    import av

    try:
        with _opened(path) as container:
            return bool(container.streams.audio)
    except (av.FFmpegError, OSError):
        return False


def lay_under(clip: Path, source: str | Path, *, start: float = 0.0, end: float | None = None) -> None:
    """Give the MP4 at `clip`, in place, the sound of a video from `start` to `end`, no longer than the clip itself.

    Args:
        clip: the MP4.
        source: the video; one without sound changes nothing.
        start: second of its pictures at which the clip begins.
        end: second at which its sound ends; None is its end.

    Raises:
        UnreadableVideo: when its sound cannot be decoded.
    """
    import av

    options = {"movflags": "+faststart"}
    try:
        with av.open(str(clip)) as pictures:
            stream = pictures.streams.video[0]
            length = float((stream.duration or 0) * (stream.time_base or 0))
        sound = [*_samples(source, start, min(end if end is not None else np.inf, start + length))]
        if not sound:
            return
        with (
            replacing(clip) as part,
            av.open(str(clip)) as pictures,
            av.open(str(part), "w", format="mp4", options=options) as out,
        ):
            _mux(pictures, pictures.streams.video[0], sound, out)
    except av.FFmpegError as error:
        raise UnreadableVideo(
            f"the sound of {Path(source).name} cannot be read: {error.strerror}", hint="leave its sound out"
        ) from error


def _opened(path: str | Path) -> Any:
    import av

    return av.open(str(Path(path).resolve()), options=_RULES, metadata_errors="replace")


def _samples(source: str | Path, start: float, end: float) -> Iterator[np.ndarray]:
    """Stereo (2, n) float32 between two times of the video's pictures, in pieces."""
    import av

    with _opened(source) as container:
        if not container.streams.audio:
            return
        pictures = next(iter(container.streams.video), None)
        base = float(pictures.start_time * pictures.time_base) if pictures and pictures.start_time else 0.0
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        first, last = (round(min(time, 1e6) * RATE) for time in (start, end))
        place: int | None = None
        for frame in container.decode(container.streams.audio[0]):
            for piece in resampler.resample(frame):
                if place is None:
                    place = round((float(frame.time or 0.0) - base) * RATE)
                    if place > first:
                        yield np.zeros((2, place - first), np.float32)
                samples = piece.to_ndarray()[:, max(first - place, 0) : max(last - place, 0)]
                place += piece.samples
                if samples.shape[1]:
                    yield np.ascontiguousarray(samples)
                if place >= last:
                    return


def _mux(pictures: Any, stream: Any, sound: list[np.ndarray], out: Any) -> None:
    """Writes the pictures as they are and the sound beside them, in the order of time."""
    copied, track = out.add_stream_from_template(stream), out.add_stream("aac", rate=RATE)
    track.layout, track.bit_rate = "stereo", BITS
    waiting = list(_encoded(sound, track))
    for packet in pictures.demux(stream):
        if packet.dts is None:
            continue
        now = float(packet.dts * packet.time_base)
        while waiting and float(waiting[0].dts * waiting[0].time_base) <= now:
            out.mux(waiting.pop(0))
        packet.stream = copied
        out.mux(packet)
    for packet in waiting:
        out.mux(packet)


def _encoded(sound: list[np.ndarray], track: Any) -> Iterator[Any]:
    from fractions import Fraction

    import av

    place = 0
    for samples in sound:
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, place, Fraction(1, RATE)
        place += samples.shape[1]
        yield from track.encode(frame)
    yield from track.encode(None)
