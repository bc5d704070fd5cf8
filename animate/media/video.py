"""A video file as timed frames, upright, with square pixels and ordinary colours; its sound is never decoded here.

Times are seconds. Sizes are (width, height). `turn` is a display matrix (2, 2) of -1, 0, 1: stored x, y to shown x, y.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from animate.core.budget import DRIVER
from animate.media import hdr

if TYPE_CHECKING:
    import av

# None of these can point at another file or at the network, as playlists do.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,m4v,h264,hevc,mjpeg,mxf,dv,"
    "ivf,nut,rm,wtv,yuv4mpegpipe"
)
_MATRICES = (0, 1, 4, 5, 6, 7, 9)  # AVColorSpace values that swscale converts; 0 is RGB
_BT709, _BT601 = 1, 5
_INDEXED, _MARGIN = ("mov", "matroska", "avi"), 0.5  # containers to seek in, and seconds to begin earlier
_LARGE, _FEW = 9_000_000, 2  # pixels of a frame from which on every decoder thread takes much memory


@dataclass(frozen=True, eq=False)
class FrameFormat:
    """What the first frame says of all: the size to show, `turn`, `curve` (of tones; 0 ordinary), interlaced or not."""

    shown: tuple[int, int]
    turn: np.ndarray
    curve: int
    interlaced: bool


class VideoFile:
    """One open video file. `times()` reads through without decoding, `frames()` decodes; one of them per opening."""

    def __init__(self, path: Path, *, threads: int = 0):
        import av

        self._fault = av.FFmpegError
        self.path, self.damaged = path, 0
        rules = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
        self._container = av.open(str(path.resolve()), options=rules, metadata_errors="replace")
        cover = av.stream.Disposition.attached_pic
        streams = [s for s in self._container.streams.video if s.codec_context and not s.disposition & cover]
        self.stream = max(streams, key=lambda s: s.codec_context.width * s.codec_context.height, default=None)
        if self.stream is not None:
            large = self.size[0] * self.size[1] > _LARGE
            self.stream.codec_context.thread_count = min(threads or _FEW, _FEW) if large else threads
            self.stream.codec_context.options = {"max_pixels": str(DRIVER.pixels)}
            self.stream.thread_type = "AUTO"

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(self, *_) -> None:
        self._container.close()

    @property
    def has_sound(self) -> bool:
        """Whether the file holds a sound track; it is never decoded here."""
        return bool(self._container.streams.audio)

    @property
    def size(self) -> tuple[int, int]:
        """Size as stored, (0, 0) if the container does not know."""
        return self.stream.codec_context.width, self.stream.codec_context.height

    @property
    def aspect(self) -> float:
        """Width of a pixel over its height; 1 where the container says nothing, or nonsense."""
        aspect = float(self.stream.sample_aspect_ratio or 1.0)
        return aspect if 0.1 < aspect < 10.0 else 1.0

    @property
    def declared(self) -> tuple[float, float, int]:
        """Seconds, frames a second and frames as the container declares them; 0 where it does not."""
        import av

        seconds = (self._container.duration or 0) / av.time_base
        if self.stream.duration:
            seconds = float(self.stream.duration * self.stream.time_base)
        return seconds, float(self.stream.average_rate or self.stream.guessed_rate or 0), self.stream.frames

    def times(self, most: int) -> tuple[np.ndarray, float]:
        """When each frame is shown (sorted), and how long the last one stays (0 unknown); stops after `most` frames."""
        base, found, last = float(self.stream.time_base), [], (-np.inf, 0.0)
        step = 1.0 / (self.declared[1] or 25.0)
        for packet in self._packets():
            if packet.is_discard or not packet.size:
                continue
            time = packet.pts * base if packet.pts is not None else len(found) * step
            found.append(time)
            last = max(last, (time, (packet.duration or 0) * base))
            if len(found) >= most:
                break
        return np.sort(np.array(found)), last[1]

    def frames(self, start: float | None = None) -> Iterator[tuple[float, av.VideoFrame]]:
        """(time, av.VideoFrame) in the order shown; what cannot be decoded is left out and counted in `damaged`.

        `start` is the time (as stored) from which on frames are wanted; some before it may come.
        """
        if start is not None:
            self._seek(start)
        step, time = 1.0 / (self.declared[1] or 25.0), None
        for frame in self._whole_frames():
            if frame.time is not None:
                time = frame.time
            else:
                time = 0.0 if time is None else time + step
            yield time, frame

    def _seek(self, start: float) -> None:
        """To a key frame before `start`, in files that have an index; others are read from their beginning."""
        if not any(name in self._container.format.name for name in _INDEXED):
            return
        try:
            self._container.seek(int((start - _MARGIN) / self.stream.time_base), stream=self.stream)
        except self._fault:
            pass

    def _whole_frames(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                decoded = packet.decode()
            except self._fault:
                self.damaged += 1
                continue
            for frame in decoded:
                if frame.is_corrupt:
                    self.damaged += 1
                else:
                    yield frame

    def _packets(self) -> Iterator[av.Packet]:
        """Packets up to the end or to where the file breaks off, then the empty one that empties the decoder."""
        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except self._fault:
                self.damaged += 1
                return
            if packet is None:
                return
            yield packet


def frame_format(frame: av.VideoFrame, aspect: float, longest: int | None) -> FrameFormat:
    """The format of the video that `frame` (av.VideoFrame), with pixels `aspect` as wide as high, belongs to.

    `shown` has the short way of oblong pixels stretched, so that nothing is lost; then it is shrunk to `longest`.
    """
    turn = _turn(frame)
    width, height = round(frame.width * max(aspect, 1.0)), round(frame.height / min(aspect, 1.0))
    if turn[0, 0] == 0:
        width, height = height, width
    shrink = min(1.0, (longest or np.inf) / max(width, height))
    shown = max(1, round(width * shrink)), max(1, round(height * shrink))
    curve = int(frame.color_trc) if int(frame.color_trc) in (hdr.HLG, hdr.PQ) else 0
    return FrameFormat(shown, turn, curve, bool(frame.interlaced_frame))


def make_converter(form: FrameFormat) -> Callable[[av.VideoFrame], np.ndarray]:
    """A function from av.VideoFrame to (H, W, 3) uint8 RGB of the size `form.shown`."""
    from av.video.reformatter import Interpolation, VideoReformatter

    scaler = VideoReformatter()
    width, height = form.shown if form.turn[0, 0] else form.shown[::-1]
    ways = {
        "width": width,
        "height": height,
        "format": "rgb48le" if form.curve else "rgb24",
        "threads": 1,
        "interpolation": Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    }

    def develop(frame: av.VideoFrame) -> np.ndarray:
        pixels = scaler.reformat(frame, src_colorspace=_matrix(frame), **ways).to_ndarray()
        return upright(hdr.to_sdr(pixels, form.curve) if form.curve else pixels, form.turn)

    return develop


def upright(pixels: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """`pixels` (H, W, 3) as the display matrix `turn` shows them: any of the eight ways to lay a picture down."""
    if turn[0, 0] == 0:
        pixels, flip_x, flip_y = pixels.swapaxes(0, 1), turn[0, 1] < 0, turn[1, 0] < 0
    else:
        flip_x, flip_y = turn[0, 0] < 0, turn[1, 1] < 0
    return np.ascontiguousarray(pixels[:: -1 if flip_y else 1, :: -1 if flip_x else 1])


def _turn(frame: av.VideoFrame) -> np.ndarray:
    """The display matrix [[x from x, x from y], [y from x, y from y]] rounded to quarter turns; identity if none."""
    from av.sidedata.sidedata import Type

    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return np.eye(2, dtype=int)
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5]
    if abs(int(a)) >= abs(int(b)):
        return np.array([[-1 if a < 0 else 1, 0], [0, -1 if d < 0 else 1]])
    return np.array([[0, -1 if c < 0 else 1], [-1 if b < 0 else 1, 0]])


def _matrix(frame: av.VideoFrame) -> int:
    """The YUV matrix: the one the frame names, else what players assume (BT.709 from 720 lines on)."""
    named = int(frame.colorspace)
    if named in _MATRICES or frame.format.is_rgb:
        return named
    return _BT709 if min(frame.width, frame.height) >= 720 else _BT601
