"""GIF: one palette for the whole clip, a fixed dither, so that what stands still does not shimmer.

The palette needs a look at the whole clip before the first frame can be written, so frames pass through a lossless file
beside the target and are read a second time: memory stays flat. Delays are in 1/100 s (4 is 25 frames a second);
players slow down what asks for less than 2, so above 50 frames a second frames are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from animate.media.h264 import decode_lossless, encode_lossless

_COLOURS = 255  # the last of 256 entries stands for "as before"
_LOOKS = 12  # frames that the palette is made from
_BITS = 6  # of each channel in the table from colour to palette entry
_SPREAD = 10.0  # levels; about the distance of two entries, so that a dither joins them without showing


def encode(
    path: Path, frames: Iterable[np.ndarray], *, width: int, height: int, fps: float, quality: int, threads: int
) -> None:
    """Writes an animated GIF that plays over and over. `quality` and `threads` have no meaning here."""
    spool = path.with_suffix(".spool.part")
    try:
        count = _spool(spool, frames, width, height)
        if count:
            _write(path, spool, count, width, height, fps)
    finally:
        spool.unlink(missing_ok=True)


def palette(frames: Iterable[np.ndarray]) -> np.ndarray:
    """(255, 3) uint8 RGB for `frames`: the first counts whole, of the others what differs from it (a mouth, a lid)."""
    from PIL import Image

    frames = iter(frames)
    first = next(frames)
    stride = max(1, round((first.shape[0] * first.shape[1] / 90_000) ** 0.5))
    samples = [first[::stride, ::stride].reshape(-1, 3)]
    for frame in frames:
        changed = frame[(frame != first).any(axis=2)]
        samples.append(changed[:: max(1, len(changed) // 8_000)])
    colours = np.concatenate(samples)[None]
    found = Image.fromarray(colours).quantize(_COLOURS, method=Image.Quantize.MEDIANCUT).getpalette()
    return np.resize(np.array(found, np.uint8).reshape(-1, 3), (_COLOURS, 3))


def table(colours: np.ndarray) -> np.ndarray:
    """(64, 64, 64) uint8: the entry of `colours` (N, 3) nearest to each red, green, blue of six bits."""
    levels = (np.arange(1 << _BITS) + 0.5) * (1 << 8 - _BITS) - 0.5
    entries = colours.astype(np.float32)
    square = (entries**2).sum(axis=1)  # |c - p|^2 is this, less 2 c p, plus a part that is the same for all p
    found = np.empty((len(levels),) * 3, np.uint8)
    for index, red in enumerate(levels):
        cube = np.stack(np.broadcast_arrays(red, levels[:, None], levels[None]), axis=-1).astype(np.float32)
        found[index] = (square - 2.0 * cube @ entries.T).argmin(axis=-1)
    return found


def bayer(height: int, width: int) -> np.ndarray:
    """(height, width) int16 from -_SPREAD / 2 to _SPREAD / 2: the ordered 8 x 8 dither, always the same at a place."""
    tile = np.zeros((1, 1))
    for _ in range(3):
        tile = np.block([[4 * tile, 4 * tile + 2], [4 * tile + 3, 4 * tile + 1]])
    values = np.round(((tile + 0.5) / 64.0 - 0.5) * _SPREAD).astype(np.int16)
    return np.tile(values, (height // 8 + 1, width // 8 + 1))[:height, :width]


def _spool(spool: Path, frames: Iterable[np.ndarray], width: int, height: int) -> int:
    count = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal count
        for frame in frames:
            count += 1
            yield frame

    encode_lossless(spool, counted(), width=width, height=height)
    return count


def _write(path: Path, spool: Path, count: int, width: int, height: int, fps: float) -> None:
    import av

    colours = palette(islice(decode_lossless(spool), 0, None, max(1, count // _LOOKS)))
    options = {"loop": "0", "final_delay": str(max(2, round(100 / fps)))}
    with av.open(str(path), "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        entries = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue; the last entry stays transparent
        entries[:_COLOURS] = np.insert(colours, 0, 255, axis=1)
        for time, indices in _indexed(_timed(decode_lossless(spool), fps), colours, (height, width)):
            frame = av.VideoFrame.from_ndarray((indices, entries), format="pal8")
            frame.pts, frame.time_base = time, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _indexed(
    timed: Iterable[tuple[int, np.ndarray]], colours: np.ndarray, shape: tuple[int, int]
) -> Iterator[tuple[int, np.ndarray]]:
    """(time, (H, W) uint8 palette entries); only the box that changed since the frame before is looked up again."""
    look_up, dither = table(colours).ravel(), bayer(*shape)[..., None]
    indices, last = np.zeros(shape, np.uint8), None
    for time, pixels in timed:
        box = _changed(last, pixels)
        bits = (np.clip(pixels[box] + dither[box], 0, 255) >> 8 - _BITS).astype(np.int32)
        indices[box] = look_up.take((bits[..., 0] << 2 * _BITS) + (bits[..., 1] << _BITS) + bits[..., 2])
        last = pixels
        yield time, indices


def _changed(last: np.ndarray | None, now: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns around all that differs; everything for the first frame, nothing for a repeated one."""
    if last is None:
        return slice(None), slice(None)
    rows = np.flatnonzero((last != now).any(axis=(1, 2)))
    if not len(rows):
        return slice(0), slice(0)
    rows = slice(rows[0], rows[-1] + 1)
    columns = np.flatnonzero((last[rows] != now[rows]).any(axis=(0, 2)))
    return rows, slice(columns[0], columns[-1] + 1)


def _timed(frames: Iterable[np.ndarray], fps: float) -> Iterator[tuple[int, np.ndarray]]:
    """(hundredths of a second, frame), at least two hundredths apart."""
    last = -2
    for index, pixels in enumerate(frames):
        time = round(index * 100.0 / fps)
        if time >= last + 2:
            last = time
            yield time, pixels
