"""Animated pictures (GIF, WebP, APNG, AVIF) as a stream of timed frames; transparent parts become white."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from animate.core.errors import UnreadableVideo

_FORMATS = ("GIF", "WEBP", "PNG", "AVIF", "JPEG", "BMP", "TIFF", "JPEG2000", "PPM", "ICO", "TGA", "PSD")
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")
_MOST_FRAMES = 10_000
_HINT = "a driver is a video, or an animated GIF or WebP, that shows a face moving"


def is_animation(path: Path, *, max_pixels: int) -> bool:
    """True for an animated picture, False for what is no picture at all.

    Raises UnreadableVideo for a still picture, and for one of more than `max_pixels`.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with _quietly(Image, path) as picture:
            kind, (width, height), frames = picture.format, picture.size, getattr(picture, "n_frames", 1)
    except UnidentifiedImageError:
        return False
    except Image.DecompressionBombError as error:
        raise UnreadableVideo(f"{path.name} has too many pixels a frame", hint="make it smaller first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableVideo(f"{path.name} is a damaged or cut off picture ({error})", hint=_HINT) from error
    if kind not in _MOVING or frames < 2:
        raise UnreadableVideo(f"{path.name} is a still picture ({kind}, {width} x {height}), not a video", hint=_HINT)
    if width * height > max_pixels:
        raise UnreadableVideo(
            f"{path.name} is {width} x {height}, over {max_pixels} pixels a frame", hint="make it smaller first"
        )
    return True


def times(path: Path) -> tuple[tuple[int, int], list[float], float, bool]:
    """Size (width, height), when each frame is shown, how long the last one stays, whether the file ends too early."""
    shown, tail, cut = [], 0.1, False
    from PIL import Image

    with _quietly(Image, path) as picture:
        clock, size = 0.0, picture.size
        for index in range(min(picture.n_frames, _MOST_FRAMES)):
            try:
                tail = _duration(picture, index)
            except (OSError, EOFError, SyntaxError, ValueError):
                cut = True
                break
            shown.append(clock)
            clock += tail
    return size, shown, tail, cut


def frames(path: Path, shown: list[float]) -> Iterator[tuple[float, np.ndarray]]:
    """(time, pixels (H, W, 3) uint8 RGB) of each frame whose time `times` gave."""
    from PIL import Image

    with _quietly(Image, path) as picture:
        for index, time in enumerate(shown):
            picture.seek(index)
            whole = picture.convert("RGBA")
            paper = Image.new("RGBA", whole.size, "white")
            yield time, np.array(Image.alpha_composite(paper, whole).convert("RGB"))


def shrink(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`pixels` at `size` (width, height)."""
    from PIL import Image

    if pixels.shape[1::-1] == size:
        return pixels
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def _quietly(Image, path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
        return Image.open(path, formats=_FORMATS)


def _duration(picture, index: int) -> float:
    """Seconds; browsers show a frame that asks for 10 ms or less for 100 ms."""
    picture.seek(index)
    picture.load()
    asked = picture.info.get("duration", 0) / 1000.0
    return asked if asked > 0.01 else 0.1
