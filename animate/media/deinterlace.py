"""Interlaced video: the two fields of a frame become one moment (FFmpeg's bwdif)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    from av.filter import Graph


def deinterlace(timed: Iterator[tuple[float, av.VideoFrame]]) -> Iterator[tuple[float, av.VideoFrame]]:
    """The same frames with their two fields made one moment; a change of size in the video starts the filter anew."""
    graph, kind = None, None
    for _, frame in timed:
        if kind != (frame.width, frame.height, frame.format.name):
            if graph is not None:
                yield from _drain(graph, None)
            graph, kind = _bwdif(frame), (frame.width, frame.height, frame.format.name)
        yield from _drain(graph, frame)
    if graph is not None:
        yield from _drain(graph, None)


def _bwdif(frame: av.VideoFrame) -> Graph:
    from av.filter import Graph

    graph = Graph()
    entry = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    graph.link_nodes(entry, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
    graph.configure()
    return graph


def _drain(graph: Graph, frame: av.VideoFrame | None) -> Iterator[tuple[float, av.VideoFrame]]:
    from av.error import BlockingIOError, EOFError

    graph.push(frame)
    while True:
        try:
            made = graph.pull()
        except (BlockingIOError, EOFError):
            return
        yield made.time, made
