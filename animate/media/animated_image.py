"""Animated pictures (GIF, WebP, APNG, AVIF) as a stream of timed frames; transparent parts become white.

Times are seconds. imageio reads the pixels; how many frames a GIF has is counted without decoding them.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from animate.core.budget import Budget
from animate.core.errors import UnreadableVideo
from animate.core.file_type import DAMAGE, HEAD, FileType, detect, webp_size

if TYPE_CHECKING:
    from imageio.plugins.pillow import PillowPlugin

_KINDS = ("GIF", "WEBP", "PNG", "AVIF")
_STAY = 0.1  # seconds; what browsers make of a frame that asks for 10 ms or less
_GIF_CLOCK = 0.01
STILL = "is a still picture"  # in the message about a picture in which nothing moves
_HINT = "a driver is a video, or an animated GIF or WebP, that shows a face moving"


@dataclass(frozen=True)
class Timeline:
    """size (width, height); when each frame is shown; how long the last one stays; whether the file ends too early."""

    size: tuple[int, int]
    shown: tuple[float, ...]
    tail: float
    cut: bool


def kind_of(path: Path) -> FileType | None:
    """The type of an animated picture, None for what is no picture; a picture that cannot move is refused.

    Raises:
        UnreadableVideo: a format that holds no more than one picture.
    """
    with path.open("rb") as file:
        found = detect(file.read(HEAD))
    if found is None or found.family != "picture":
        return None
    if found.name not in _KINDS:
        raise UnreadableVideo(f"{path.name} {STILL} ({found.name}), not a video", hint=_HINT)
    return found


def timeline(path: Path, kind: FileType, limits: Budget, *, whole: bool = True) -> Timeline:
    """When the frames of an animated picture are shown, as far as they can be decoded.

    Args:
        limits: what may be read; asked before anything is decoded.
        whole: False takes as many frames as lie within `limits` instead of refusing the file.

    Raises:
        UnreadableVideo: a still picture, a damaged one, or one over the limits.
    """
    limits.check_bytes(path.stat().st_size, path.name)
    size, count = _header(path, kind, limits)
    if count < 2:
        message = f"{path.name} {STILL} ({kind.name}, {size[0]} x {size[1]}), not a video"
        raise UnreadableVideo(message, hint=_HINT)
    limits.check_size(*size, path.name)
    if whole:
        limits.check_frames(*size, count, path.name)
    most = min(count, limits.fitting(*size))
    stays = _gif_stays(path, most) if kind.name == "GIF" else [stay for stay, _ in _decoded(path, size, most)]
    readable = sum(1 for _ in _decoded(path, size, 1))
    if not stays or not readable:
        raise UnreadableVideo(f"{path.name} is a damaged or cut off picture", hint=_HINT)
    shown = np.concatenate([[0.0], np.cumsum(stays[:-1])])
    return Timeline(size, tuple(shown.tolist()), stays[-1], len(stays) < most)


def frames(path: Path, times: Timeline) -> Iterator[tuple[float, np.ndarray]]:
    """(time, pixels (H, W, 3) uint8 RGB) of each frame; ends early where the file is damaged."""
    for time, (_, pixels) in zip(times.shown, _decoded(path, times.size, len(times.shown)), strict=False):
        yield time, _on_white(pixels)


def shrink(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`pixels` at `size` (width, height)."""
    from PIL import Image

    if pixels.shape[1::-1] == size:
        return pixels
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def _header(path: Path, kind: FileType, limits: Budget) -> tuple[tuple[int, int], int]:
    """Size and number of frames as the file declares them; a GIF's are counted up to one more than `limits.frames`."""
    from PIL import Image

    with path.open("rb") as file:
        head = file.read(HEAD)
    if kind.name == "GIF":
        if len(head) < 10:
            raise UnreadableVideo(f"{path.name} is a damaged or cut off picture", hint=_HINT)
        return struct.unpack("<HH", head[6:10]), len(_gif_stays(path, limits.frames + 1))
    if kind.name == "WEBP" and (declared := webp_size(head)):
        limits.check_size(*declared, path.name)
    try:
        with _opened(path) as picture:
            count, height, width = picture.properties(index=...).shape[:3]
    except Image.DecompressionBombError as error:
        raise UnreadableVideo(f"{path.name} declares too many pixels a frame", hint=limits.hint) from error
    except DAMAGE as error:
        raise UnreadableVideo(f"{path.name} is a damaged or cut off picture", hint=_HINT) from error
    return (width, height), count


def _gif_stays(path: Path, most: int) -> list[float]:
    """Seconds that each of the first `most` frames of a GIF stays, from its blocks; nothing is decoded."""
    import av

    stays: list[float] = []
    try:
        with av.open(str(path.resolve()), format="gif", metadata_errors="replace") as container:
            for packet in container.demux(video=0):
                if packet.size:
                    stay = (packet.duration or 0) * _GIF_CLOCK
                    stays.append(stay if stay > _GIF_CLOCK else _STAY)
                if len(stays) >= most:
                    break
    except av.FFmpegError:
        pass  # the frames up to there are used
    return stays


def _decoded(path: Path, size: tuple[int, int], most: int) -> Iterator[tuple[float, np.ndarray]]:
    """(how long it stays, pixels (H, W, 4) uint8) of up to `most` frames; ends where the file is damaged."""
    from PIL import Image

    try:
        with _opened(path) as picture:
            for index in range(most):
                with _quiet():
                    if picture.properties(index=index).shape[1::-1] != size:
                        return
                    pixels = picture.read(index=index, mode="RGBA")
                    stay = float(picture.metadata(index=index).get("duration", 0)) / 1000.0
                yield (stay if stay > 0.01 else _STAY), pixels
    except (*DAMAGE, Image.DecompressionBombError):
        return


@contextmanager
def _opened(path: Path) -> Iterator[PillowPlugin]:
    """The file in imageio's reader."""
    import imageio.v3 as iio

    with path.open("rb") as file:
        with _quiet():
            picture = iio.imopen(file, "r", plugin="pillow")
        with picture:
            yield picture


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings of Pillow's (what a person should know is in notes and errors), and its GIF setting as it was."""
    from PIL import GifImagePlugin

    strategy = GifImagePlugin.LOADING_STRATEGY
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        GifImagePlugin.LOADING_STRATEGY = strategy  # imageio changes it


def _on_white(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 laid on white, (H, W, 3)."""
    alpha = pixels[:, :, 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.ascontiguousarray(pixels[:, :, :3])
    return ((pixels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
