"""How large a driving video is read: small where its face is large, at its own size where the face is far away.

Part of the pipeline: it joins media and faces.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from animate.media.read import VideoFrames

LARGEST = 2160  # pixels of a frame's longer side that is ever read
PROBED = (0, 12, 24)  # frames in which faces are searched at the video's own size
ENOUGH = 100.0  # pixels: height of a face that the keypoint network has its fill of
NEAR = 60.0  # height of a face that is not worth a second opening
SMALL = 48.0  # height of a face, in pixels of the video, below which its movement is coarse
TINY = 24.0  # the least that is tried


def open_driver(
    path: str | Path, *, rank: int, start: float, end: float | None, threads: int, longest: int
) -> tuple[VideoFrames, float]:
    """A driving video at the size that its face needs.

    Args:
        path: the video.
        rank: which face, counted by size; 0 is the largest.
        start, end: seconds of the part to use.
        threads: decoder threads; 0 takes all cores.
        longest: longer side in pixels if the face is large enough there.

    Returns:
        VideoFrames, and the height of the face in pixels of the video if that is little, else 0.
    """
    from animate.media.read import open_video

    video = open_video(path, longest=longest, threads=threads, start=start, end=end)
    height = _height(video, rank)
    if height >= NEAR or max(video.width, video.height) < longest:
        return video, height if 0 < height < SMALL else 0.0
    large = open_video(path, longest=LARGEST, threads=threads, start=start, end=end)
    height = _height(large, rank)
    if not height:
        return video, 0.0
    side = int(np.clip(max(large.width, large.height) * ENOUGH / height, longest, LARGEST))
    video = open_video(path, longest=side, threads=threads, start=start, end=end)
    return video, height if height < SMALL else 0.0


def _height(video: VideoFrames, rank: int) -> float:
    """Height of a face in pixels of the frames as read, 0 if there is none in those that are probed."""
    from animate.faces.detect import detect

    for index, frame in enumerate(islice(video, PROBED[-1] + 1)):
        if index in PROBED:
            faces = detect(frame, least=TINY, most=rank + 1)
            if len(faces) > rank:
                return float(faces[rank].box[3])
    return 0.0
