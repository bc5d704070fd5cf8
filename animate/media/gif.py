"""GIF: one palette for the whole clip, a fixed dither, so that what stands still does not shimmer.

The palette has to be known before the first frame is written, so frames pass through a lossless file beside the target
and are read a second time: memory stays flat. Delays are in 1/100 s (4 is 25 frames a second);
players slow down what asks for less than 2, so above 50 frames a second frames are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from animate.media.h264 import decode_lossless, encode_lossless

if TYPE_CHECKING:
    import av

_SAMPLED = 12  # frames that the palette is made from
_FINENESS = 4  # of the dither, 0 to 5: no pattern to be seen, and no bands
_CLOCK = Fraction(1, 100)


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

    options = {"loop": "0", "final_delay": str(max(2, round(100 / fps)))}
    palette = _palette(islice(decode_lossless(spool), 0, None, max(1, count // _SAMPLED)))
    with av.open(str(path), "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        for frame in _reduced(_timed(decode_lossless(spool), fps), palette, width, height):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _palette(frames: Iterable[np.ndarray]) -> av.VideoFrame:
    """255 colours and a transparent one for `frames`: what differs between them (a mouth, a lid) counts most."""
    from av.filter import Graph

    frames = iter(frames)
    first = next(frames)
    graph = Graph()
    entry = graph.add_buffer(width=first.shape[1], height=first.shape[0], format="bgra", time_base=_CLOCK)
    graph.link_nodes(entry, graph.add("palettegen", "stats_mode=diff"), graph.add("buffersink")).configure()
    # the filter counts what a frame differs in from the next one: the first again, so that the last one counts
    for index, pixels in enumerate(chain([first], frames, [first])):
        entry.push(_frame(pixels, index))
    entry.push(None)
    palette = graph.pull()
    palette.pts, palette.time_base = 0, _CLOCK
    return palette


def _reduced(
    timed: Iterable[tuple[int, np.ndarray]], palette: av.VideoFrame, width: int, height: int
) -> Iterator[av.VideoFrame]:
    """Frames in the colours of `palette`, with an ordered dither only within what changed since the frame before."""
    from av.error import BlockingIOError, EOFError
    from av.filter import Graph

    graph = Graph()
    entry = graph.add_buffer(width=width, height=height, format="bgra", time_base=_CLOCK, name="frames")
    colours = graph.add_buffer(
        width=palette.width, height=palette.height, format="bgra", time_base=_CLOCK, name="palette"
    )
    reduce = graph.add("paletteuse", f"dither=bayer:bayer_scale={_FINENESS}:diff_mode=rectangle")
    end = graph.add("buffersink")
    entry.link_to(reduce, 0, 0)
    colours.link_to(reduce, 0, 1)
    reduce.link_to(end)
    graph.configure()
    colours.push(palette)
    colours.push(None)
    for source in _frames_and_end(timed):
        entry.push(source)
        while True:
            try:
                yield graph.pull()
            except (BlockingIOError, EOFError):
                break


def _frames_and_end(timed: Iterable[tuple[int, np.ndarray]]) -> Iterator[av.VideoFrame | None]:
    for time, pixels in timed:
        yield _frame(pixels, time)
    yield None


def _frame(pixels: np.ndarray, time: int) -> av.VideoFrame:
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="bgra", threads=1)
    frame.pts, frame.time_base = time, _CLOCK
    return frame


def _timed(frames: Iterable[np.ndarray], fps: float) -> Iterator[tuple[int, np.ndarray]]:
    """(hundredths of a second, frame), at least two hundredths apart."""
    last = -2
    for index, pixels in enumerate(frames):
        time = round(index * 100.0 / fps)
        if time >= last + 2:
            last = time
            yield time, pixels
