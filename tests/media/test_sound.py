"""Sound is laid under a clip only by this, at the right time and no longer than the clip."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from animate.core.errors import UnreadableVideo
from animate.media import sound
from animate.media.write import write_clip


def driver(path: Path, *, codec: str = "aac", beep: float = 1.0, seconds: float = 3.0) -> Path:
    """A video of three seconds, silent but for a tone of a fifth of a second from `beep` on."""
    time = np.arange(int(seconds * 44_100)) / 44_100
    tone = np.where((time >= beep) & (time < beep + 0.2), 0.5 * np.sin(2 * np.pi * 880 * time), 0).astype(np.float32)
    with av.open(str(path), "w") as container:
        pictures, track = container.add_stream("libx264", rate=10), container.add_stream(codec, rate=44_100)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        track.layout = "mono"
        for number in range(int(10 * seconds)):
            grey = np.full((48, 64, 3), 90 + number, np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(pictures.encode(None))
        for place in range(0, len(tone), 1024):
            frame = av.AudioFrame.from_ndarray(tone[None, place : place + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, place
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


@pytest.fixture
def clip(tmp_path) -> Path:
    frames = [np.full((48, 64, 3), 40 + 5 * number, np.uint8) for number in range(20)]
    return write_clip(tmp_path / "clip.mp4", frames, width=64, height=48, fps=10)


def heard(path: Path) -> tuple[float, float]:
    """When the tone begins, and how long all sound is, in seconds."""
    with av.open(str(path)) as container:
        pieces = [frame.to_ndarray() for frame in container.decode(audio=0)]
    loud = np.abs(np.concatenate(pieces, axis=1)).max(0) > 0.1
    return float(np.flatnonzero(loud)[0] / sound.RATE), len(loud) / sound.RATE


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.mov", "pcm_s16le"), ("a.mkv", "flac")])
def test_the_sound_comes_at_its_time_and_the_pictures_stay(clip, tmp_path, name, codec):
    before = frames(clip)
    sound.lay_under(clip, driver(tmp_path / name, codec=codec))
    begins, length = heard(clip)
    assert begins == pytest.approx(1.0, abs=0.05) and length == pytest.approx(2.0, abs=0.05)
    assert all((a == b).all() for a, b in zip(frames(clip), before, strict=True))
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", name}


def test_a_part_of_the_video_brings_its_own_sound(clip, tmp_path):
    sound.lay_under(clip, driver(tmp_path / "a.mp4", beep=1.0), start=0.7, end=2.0)
    begins, length = heard(clip)
    assert begins == pytest.approx(0.3, abs=0.05) and length == pytest.approx(1.3, abs=0.05)


def test_a_silent_video_changes_nothing(clip, tmp_path):
    silent = tmp_path / "silent.mp4"
    silent.write_bytes(clip.read_bytes())
    before = clip.read_bytes()
    sound.lay_under(clip, silent)
    assert clip.read_bytes() == before and not sound.has_sound(silent)


def test_a_video_with_sound_is_told_from_one_without(clip, tmp_path):
    assert sound.has_sound(driver(tmp_path / "a.mp4")) and not sound.has_sound(tmp_path / "none.mp4")


def test_what_is_no_video_is_an_error(clip, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"not a video" * 100)
    with pytest.raises(UnreadableVideo):
        sound.lay_under(clip, tmp_path / "a.mp4")
