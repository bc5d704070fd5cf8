"""What a clip shows: the whole photograph, or head and shoulders of those who move.

Conventions: faces are numbered from 1; portraits are in pixels of the photograph they come with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from animate.core.types import Clip, Photo, Portrait
from animate.photo.resize import resize
from animate.pipeline.portraits import rescaled

Window = tuple[int, int, int, int]
Finish = Callable[[Photo, Mapping[int, Portrait], float], Photo]  # photo, its faces, how many times as large to make it

SMALL = 0.1  # height of a face over that of the photograph below which "auto" goes closer
SHOWN = (0.8, 1.7, 1.1)  # what is shown above, below and beside a face, in heights and widths of its box
CONTEXT = (2.4, 2.2, 3.2)  # what is animated around it: neighbours have to be known to keep still whole
LARGEST = 3840  # longest side in pixels of what is animated
LEAST, MOST = 720, 2.0  # longest side in pixels up to which a close-up is enlarged, and how far at most


@dataclass(frozen=True)
class Framing:
    """What a clip shows.

    photo       the picture that is animated: the whole photograph, or those who move and what is around them
    portraits   the faces whose middle lies in it, by number, in its pixels
    window      left, top, right and bottom of what is shown of it, or None for all of it
    """

    photo: Photo
    portraits: dict[int, Portrait]
    window: Window | None = None

    def cut(self, clip: Clip) -> Clip:
        """The clip of `photo` as it is shown."""
        if self.window is None:
            return clip
        left, top, right, bottom = self.window
        photo = replace(self.photo, pixels=self.photo.pixels[top:bottom, left:right].copy())

        def render() -> Iterator[np.ndarray]:
            for frame in clip.frames():
                yield np.ascontiguousarray(frame[top:bottom, left:right])

        return replace(clip, width=right - left, height=bottom - top, render=render, photo=photo)


def frame_photo(
    scan: Photo,
    photo: Photo,
    portraits: Sequence[Portrait],
    moving: Collection[int],
    *,
    frame: str,
    longest: int,
    finish: Finish = lambda photo, portraits, factor: resize(photo, factor),
) -> Framing:
    """The picture that a clip shows and the faces in it.

    Args:
        scan: the photograph at its own size.
        photo: the same at the clip's size.
        portraits: its faces, in pixels of `photo`.
        moving: the numbers of those that move.
        frame: "whole", "face" for head and shoulders, "auto" for "face" where those who move are small.
        longest: side of the clip, in pixels, at most.
        finish: brings what is shown to its size; may prepare it too.
    """
    boxes = [portraits[number - 1].face.box for number in moving]
    if frame == "whole" or (frame == "auto" and max(box[3] for box in boxes) >= SMALL * photo.height):
        numbered = dict(enumerate(portraits, 1))
        photo = finish(photo, numbered, 1.0)
        return Framing(photo, {number: replace(portrait, photo=photo) for number, portrait in numbered.items()})
    scale = scan.width / photo.width
    window, context = (_around(boxes, scale, scan, *margins) for margins in (SHOWN, CONTEXT))
    width, height = window[2] - window[0], window[3] - window[1]
    note = f"shows {width} x {height} of {scan.width} x {scan.height} pixels: head and shoulders"
    left, top, right, bottom = context
    cut = replace(scan, pixels=scan.pixels[top:bottom, left:right].copy(), notes=(*scan.notes, note))
    factor = min(max(1.0, min(MOST, LEAST / max(width, height))), longest / max(width, height))
    factor = min(factor, LARGEST / max(right - left, bottom - top))
    places = {
        number: rescaled(portrait, cut, scale, origin=(left / scale, top / scale))
        for number, portrait in enumerate(portraits, 1)
    }
    known = {number: portrait for number, portrait in places.items() if number in moving or _inside(portrait)}
    shown = finish(cut, known, factor)
    ratio = shown.width / cut.width
    known = {number: rescaled(portrait, shown, ratio) for number, portrait in known.items()}
    x1, y1, x2, y2 = (round((side - start) * ratio) for side, start in zip(window, (left, top) * 2, strict=True))
    return Framing(shown, known, (x1, y1, min(x2, shown.width), min(y2, shown.height)))


def _around(
    boxes: Sequence[tuple[float, float, float, float]],
    scale: float,
    scan: Photo,
    above: float,
    below: float,
    aside: float,
) -> Window:
    """Left, top, right and bottom around all boxes, in pixels of the scan; margins in sides of a box."""
    left = min(x - aside * width for x, _, width, _ in boxes)
    right = max(x + (1 + aside) * width for x, _, width, _ in boxes)
    top = min(y - above * height for _, y, _, height in boxes)
    bottom = max(y + (1 + below) * height for _, y, _, height in boxes)
    x1, x2 = (round(min(max(side * scale, 0), scan.width)) for side in (left, right))
    y1, y2 = (round(min(max(side * scale, 0), scan.height)) for side in (top, bottom))
    return x1, y1, x2, y2


def _inside(portrait: Portrait) -> bool:
    x, y, width, height = portrait.face.box
    return 0 <= x + width / 2 < portrait.photo.width and 0 <= y + height / 2 < portrait.photo.height
