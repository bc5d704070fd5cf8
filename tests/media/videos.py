"""Small films made on the spot for the tests of the media room."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def picture(index: int, width: int = 96, height: int = 64) -> np.ndarray:
    """A smooth picture: red in the upper left, green upper right, blue lower left, `index` as grey in the middle."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    h, w = height // 4, width // 4
    pixels[:h, :w], pixels[:h, -w:], pixels[-h:, :w] = (220, 30, 30), (30, 200, 30), (40, 40, 220)
    pixels[h:-h, w:-w] = 16 + 7 * (index % 32)
    return pixels


def number(pixels: np.ndarray) -> int:
    """The index of `picture` that `pixels` shows."""
    height, width = pixels.shape[:2]
    middle = pixels[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return round((float(middle.mean()) - 16) / 7)


def film(
    path: Path,
    frames: list[np.ndarray],
    *,
    times: list[float] | None = None,
    codec: str = "libx264",
    fps: float = 25,
    form: str | None = None,
    pix_fmt: str = "yuv420p",
    setup=None,
    options: dict | None = None,
    sound: bool = False,
) -> Path:
    """Writes `frames` at `times` (seconds; None is a constant `fps`); `setup(stream)` may change the stream first."""
    with av.open(str(path), "w", format=form) as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream(codec, rate=rate, options=options or {"crf": "10"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if setup:
            setup(stream)
        voice = container.add_stream("aac", rate=16000) if sound else None
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = index if times is None else round(times[index] * 1000)
            frame.time_base = Fraction(1, 1000) if times is not None else 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice:
            _hum(container, voice)
    return path


def _hum(container, voice) -> None:
    tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    tone.sample_rate, tone.pts = 16000, 0
    container.mux(voice.encode(tone))
    container.mux(voice.encode(None))
