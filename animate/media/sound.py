"""A driving video's sound put beside the pictures of a finished clip, cut to the clip's length.

Times are seconds. AAC is copied packet by packet; other sound becomes AAC, which every player of MP4 knows. The pictures
are copied, never encoded again. What is marked and signed is the result: sign after this, not before.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core.errors import OutputError, UnreadableVideo
from animate.core.files import replacing
from animate.media.video import CONTAINERS

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # that AAC encoders and players all take
_BIT_RATE = 128_000
_RULES = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}  # as in media/video.py


def copy(source: str | Path, clip: str | Path, out: str | Path, *, start: float = 0.0) -> Path:
    """Write the pictures of `clip` with the sound of `source` to `out`, which may be `clip` itself.

    Args:
        source: the driving video.
        clip: an MP4 without sound.
        out: the MP4 to write, complete or not at all.
        start: seconds of `source` that lie before the clip's first frame.

    Returns:
        Path of `out`; its sound ends with its pictures, or before where the source is shorter.

    Raises:
        UnreadableVideo: `source` has no sound, or none that can be decoded.
        OutputError: `clip` is no MP4, or `out` cannot be written.
    """
    import av

    source, clip, out = Path(source), Path(clip), Path(out)
    try:
        driver = av.open(str(source.resolve()), options=_RULES, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise _no_sound(source, f"cannot be used ({error.strerror})") from error
    with driver:
        if not driver.streams.audio:
            raise _no_sound(source, "has no sound")
        try:
            with replacing(out) as part:
                _mux(driver, clip, part, start)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{out} could not be written: {reason}", hint="check its folder and the room") from error
        except av.FFmpegError as error:
            raise _no_sound(source, f"has sound that cannot be decoded ({error.strerror})") from error
    return out


def _no_sound(source: Path, problem: str) -> UnreadableVideo:
    return UnreadableVideo(f"{source.name} {problem}", hint="leave the clip silent")


def _mux(driver: InputContainer, clip: Path, part: Path, start: float) -> None:
    import av

    try:
        pictures = av.open(str(clip), format="mp4")
    except av.FFmpegError as error:
        raise OutputError(f"{clip.name} is no MP4, which sound needs", hint="name the clip .mp4") from error
    with pictures, av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as target:
        track = target.add_stream_from_template(pictures.streams.video[0])
        begin = _beginning(driver) + start
        length = float(pictures.duration or 0) / av.time_base
        voice = driver.streams.audio[0]
        copied = voice.codec_context.name == "aac" and bool(voice.codec_context.extradata)
        sound = (_copied if copied else _encoded)(driver, voice, target, begin, length)
        first = next(sound, None)  # the stream has to be there before the first packet is written
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = track
                target.mux(packet)
        for packet in (first, *sound) if first is not None else ():
            target.mux(packet)


def _beginning(driver: InputContainer) -> float:
    """Time of the first picture as stored, or of the sound where there is no picture."""
    stream = next(iter((*driver.streams.video, *driver.streams.audio)))
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _copied(
    driver: InputContainer, voice: AudioStream, target: OutputContainer, begin: float, length: float
) -> Iterator[av.Packet]:
    """The packets of `voice` that lie wholly within the clip, at their times in it."""
    track = target.add_stream_from_template(voice)
    base = voice.time_base or Fraction(1, 1)
    shift, end = round(begin / base), round((begin + length) / base)
    for packet in driver.demux(voice):
        if packet.pts is None or packet.dts is None or packet.pts < shift:
            continue
        if packet.pts + (packet.duration or 0) > end:
            return
        packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, track
        yield packet


def _encoded(
    driver: InputContainer, voice: AudioStream, target: OutputContainer, begin: float, length: float
) -> Iterator[av.Packet]:
    """The sound of `voice` within the clip, as AAC; it begins with the first whole frame of sound in the clip."""
    import av

    rate = min(_RATES, key=lambda usual: abs(usual - (voice.rate or 48000)))
    track = target.add_stream("aac", rate=rate)
    track.bit_rate = _BIT_RATE
    layout = "mono" if voice.channels == 1 else "stereo"
    track.layout = layout
    resampler = av.AudioResampler("fltp", layout, rate)
    count: int | None = None
    left = round(length * rate)
    for frame in driver.decode(voice):
        time = float(frame.time or 0.0) - begin
        if time < -1e-3:
            continue
        for piece in resampler.resample(frame):
            count = round(time * rate) if count is None else count
            if count + piece.samples > left:
                yield from track.encode(None)
                return
            piece.pts, piece.time_base = count, Fraction(1, rate)
            count += piece.samples
            yield from track.encode(piece)
    yield from track.encode(None)
