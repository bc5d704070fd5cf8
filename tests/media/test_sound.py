"""A driver's sound in a clip: cut to its length, in step with it, and the pictures as they were."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from media.videos import film, picture

from animate.core.errors import OutputError, UnreadableVideo
from animate.media import sound
from animate.media.read import open_video
from animate.media.write import write_clip

RATE = 48000


def talking(path, codec: str, seconds: float = 3.0):
    """A video whose sound is a tone that rises by 200 Hz every half second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        voice = container.add_stream(codec, rate=RATE)
        for index in range(round(25 * seconds)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index), format="rgb24")))
        container.mux(stream.encode(None))
        time = np.arange(round(seconds * RATE)) / RATE
        wave = 0.5 * np.sin(2 * np.pi * np.cumsum(400 + 200 * np.floor(time * 2)) / RATE)
        kind = voice.codec_context.format.name
        resampler = av.AudioResampler(kind, "stereo", RATE)
        for at in range(0, len(wave), 960):
            piece = np.ascontiguousarray(np.tile(wave[at : at + 960].astype(np.float32), (2, 1)))
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            for made in resampler.resample(frame):
                container.mux(voice.encode(made))
        for made in resampler.resample(None):
            container.mux(voice.encode(made))
        container.mux(voice.encode(None))
    return path


def heard(path) -> np.ndarray:
    """The sound as samples (N,) at their times, silence where there is none."""
    with av.open(str(path)) as container:
        pieces = [(frame.time, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    wave = np.zeros(round(max(time for time, _ in pieces) * rate) + 5000)
    for time, piece in pieces:
        at = round(time * rate)
        begin = max(-at, 0)
        wave[at + begin : at + len(piece)] = piece[begin:]
    return wave


def pitch(wave: np.ndarray, time: float) -> float:
    """The strongest frequency in a fifth of a second around `time`."""
    piece = wave[round((time - 0.1) * RATE) : round((time + 0.1) * RATE)]
    return float(np.abs(np.fft.rfft(piece * np.hanning(len(piece)))).argmax() / 0.2)


def packets(path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(video=0) if packet.size]


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4", [picture(i) for i in range(50)], width=96, height=64, fps=25)


@pytest.mark.parametrize(
    ("ending", "codec"), [(".mp4", "aac"), (".webm", "libopus"), (".avi", "mp3"), (".mov", "pcm_s16le"), (".ts", "aac")]
)
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_the_sound_stays_in_step_and_ends_with_the_clip(tmp_path, clip, ending, codec, start):
    if ending == ".webm":
        source = webm(tmp_path / "a.webm")
    else:
        source = talking(tmp_path / f"a{ending}", codec)
    assert open_video(source).has_sound and not open_video(clip).has_sound
    out = sound.copy(source, clip, tmp_path / "out.mp4", start=start)
    assert packets(out) == packets(clip)
    with av.open(str(out)) as container:
        voice = container.streams.audio[0]
        assert voice.codec_context.name == "aac" and 1.85 < float(voice.duration * voice.time_base) < 2.06
        assert container.duration / av.time_base == pytest.approx(2.0, abs=0.06)
    wave = heard(out)
    for time in (0.25, 0.75, 1.25, 1.65):
        assert pitch(wave, time) == pytest.approx(400 + 200 * np.floor((time + start) * 2), abs=15)


def webm(path):
    """VP8 and Opus, as a browser records."""
    video = talking(path.with_suffix(".mkv"), "libopus")
    with av.open(str(video)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream("libvpx", rate=25, options={"b": "1M"})
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        voice = new.add_stream_from_template(old.streams.audio[0])
        for index in range(75):
            new.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index), format="rgb24")))
        new.mux(stream.encode(None))
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = voice
                new.mux(packet)
    return path


def test_a_clip_may_get_its_sound_in_place(tmp_path, clip):
    before = packets(clip)
    assert sound.copy(talking(tmp_path / "a.mp4", "aac", 1.0), clip, clip) == clip
    assert packets(clip) == before and open_video(clip).has_sound
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "clip.mp4"]


def test_what_cannot_be_joined(tmp_path, clip):
    silent = film(tmp_path / "b.mp4", [picture(0)] * 3)
    with pytest.raises(UnreadableVideo, match="no sound") as caught:
        sound.copy(silent, clip, tmp_path / "out.mp4")
    assert caught.value.hint
    (tmp_path / "c.mp4").write_bytes(b"nothing" * 100)
    with pytest.raises(UnreadableVideo, match="cannot be used"):
        sound.copy(tmp_path / "c.mp4", clip, tmp_path / "out.mp4")
    gif = write_clip(tmp_path / "a.gif", [picture(i) for i in range(5)], width=96, height=64, fps=25)
    talk = talking(tmp_path / "a.mp4", "aac", 1.0)
    with pytest.raises(OutputError, match="no MP4"):
        sound.copy(talk, gif, tmp_path / "out.mp4")
    with pytest.raises(OutputError, match="could not be written"):
        sound.copy(talk, clip, tmp_path / "none" / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_a_source_that_is_shorter_leaves_silence(tmp_path, clip):
    out = sound.copy(talking(tmp_path / "a.mp4", "aac", 1.0), clip, tmp_path / "out.mp4")
    with av.open(str(out)) as container:
        assert container.duration / av.time_base == pytest.approx(2.0, abs=0.06)
    late = sound.copy(talking(tmp_path / "a.mp4", "aac", 1.0), clip, tmp_path / "out.mp4", start=5.0)
    assert packets(late) == packets(clip)
