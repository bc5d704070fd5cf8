"""What a clip shows: the whole photograph, or head and shoulders of those who move.

Conventions: faces are numbered from 1; portraits are in pixels of the photograph they come with.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from animate.core.types import Photo, Portrait
from animate.photo.resize import enlarge, shrink
from animate.pipeline.portraits import rescaled

SMALL = 0.1  # height of a face over that of the photograph below which "auto" goes closer
ABOVE, BELOW, ASIDE = 0.8, 1.7, 1.1  # what is shown around a face, in heights and widths of its box
LEAST, MOST = 720, 2.0  # longest side in pixels up to which a close-up is enlarged, and how far at most


def frame_photo(
    scan: Photo, photo: Photo, portraits: Sequence[Portrait], moving: Collection[int], *, frame: str, longest: int
) -> tuple[Photo, dict[int, Portrait]]:
    """The picture that a clip shows and the faces in it.

    Args:
        scan: the photograph at its own size.
        photo: the same at the clip's size.
        portraits: its faces, in pixels of `photo`.
        moving: the numbers of those that move.
        frame: "whole", "face" for head and shoulders, "auto" for "face" where those who move are small.
        longest: side of the clip, in pixels, at most.

    Returns:
        The picture, and by number the portraits whose middle lies in it, in its pixels.
    """
    boxes = [portraits[number - 1].face.box for number in moving]
    if frame == "whole" or (frame == "auto" and max(box[3] for box in boxes) >= SMALL * photo.height):
        return photo, dict(enumerate(portraits, 1))
    scale = scan.width / photo.width
    left, top, right, bottom = _around(boxes, scale, scan)
    note = f"shows {right - left} x {bottom - top} of {scan.width} x {scan.height} pixels: head and shoulders"
    cut = replace(scan, pixels=scan.pixels[top:bottom, left:right].copy(), notes=(*scan.notes, note))
    shown = shrink(cut, longest)
    factor = min(MOST, min(LEAST, longest) / max(shown.width, shown.height))
    shown = enlarge(shown, factor) if factor > 1 else shown
    ratio = scale * shown.width / cut.width
    moved = {
        number: rescaled(portrait, shown, ratio, origin=(left / scale, top / scale))
        for number, portrait in enumerate(portraits, 1)
    }
    return shown, {number: portrait for number, portrait in moved.items() if number in moving or _inside(portrait)}


def _around(boxes: Sequence[tuple[float, float, float, float]], scale: float, scan: Photo) -> tuple[int, int, int, int]:
    """Left, top, right and bottom around all boxes, in pixels of the scan."""
    left = min(x - ASIDE * width for x, _, width, _ in boxes)
    right = max(x + (1 + ASIDE) * width for x, _, width, _ in boxes)
    top = min(y - ABOVE * height for _, y, _, height in boxes)
    bottom = max(y + (1 + BELOW) * height for _, y, _, height in boxes)
    across = (round(min(max(side * scale, 0), scan.width)) for side in (left, right))
    down = (round(min(max(side * scale, 0), scan.height)) for side in (top, bottom))
    (left_, right_), (top_, bottom_) = across, down
    return left_, top_, right_, bottom_


def _inside(portrait: Portrait) -> bool:
    x, y, width, height = portrait.face.box
    return 0 <= x + width / 2 < portrait.photo.width and 0 <= y + height / 2 < portrait.photo.height
