"""Hard cuts in a stream of frames: where one shot of an edited video ends and the next begins.

Conventions: frames are (H, W, 3) uint8 RGB of one size. They are compared as thumbnails of SIDE x SIDE cells, each cell
with the nearest of its neighbourhood in the frame before, so that a moving person, a shaken camera and a zoom are no
cut. A cut stands out from the changes just before and after it (as in PySceneDetect's adaptive detector) and lasts (a
flash of light does not).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

SIDE = 32  # cells along each side of a thumbnail
REACH = 1  # cells by which what is in the picture may have moved from one frame to the next
AROUND = 2  # frames on either side that a cut stands out from
LEAST = 0.16  # least change of a cut, as a share of the contrast of the two frames
STILL = 0.01  # change that frames around a cut are credited with, lest anything stands out from a still picture
CONTRAST = 12.0  # grey steps of contrast that every frame is credited with: noise in the dark is no cut
STANDS_OUT = 5.0  # a cut's change over that of the frames around it
LASTS = 0.6  # share of a cut's change that is still there in the frames after it


def mark_shots(frames: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, bool]]:
    """The frames, each with whether it is the first of a shot, in one pass.

    Args:
        frames: (H, W, 3) uint8 RGB frames in their order; AROUND + 1 of them are held at a time.

    Yields:
        Each frame once, in order, and True for the first frame and the first frame after every hard cut.
    """
    held: deque[np.ndarray] = deque()
    thumbnails: deque[np.ndarray] = deque(maxlen=2 * AROUND + 2)
    changes: deque[float] = deque(maxlen=2 * AROUND + 1)
    count = 0
    for frame in frames:
        _push(thumbnails, changes, thumbnail(frame))
        held.append(frame)
        if len(held) > AROUND:
            yield held.popleft(), count == 0 or _is_cut(thumbnails, changes)
            count += 1
    while held:
        _push(thumbnails, changes, thumbnails[-1])
        yield held.popleft(), count == 0 or _is_cut(thumbnails, changes)
        count += 1


def thumbnail(frame: np.ndarray) -> np.ndarray:
    """A frame (H, W, 3) as mean colours (SIDE, SIDE, 3) float32; a frame of fewer pixels repeats them."""
    rows, columns = (np.arange(SIDE + 1) * length // SIDE for length in frame.shape[:2])
    step = max(1, min(frame.shape[:2]) // (4 * SIDE))  # a few pixels of each cell are enough
    if step == 1 or min(frame.shape[:2]) < SIDE:
        sums = np.add.reduceat(frame, np.minimum(rows[:-1], len(frame) - 1), axis=0, dtype=np.float32)
        sums = np.add.reduceat(sums, np.minimum(columns[:-1], frame.shape[1] - 1), axis=1)
        cells = np.maximum(np.diff(rows), 1)[:, None] * np.maximum(np.diff(columns), 1)
        return sums / cells[..., None].astype(np.float32)
    return thumbnail(frame[::step, ::step])


def change(before: np.ndarray, after: np.ndarray) -> float:
    """How much two thumbnails differ beyond movement, as a share of their contrast: about 1 for unrelated pictures."""
    padded = np.pad(before, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    best = np.full(after.shape[:2], np.inf, np.float32)
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            shifted = padded[down : down + SIDE, right : right + SIDE]
            np.minimum(best, np.abs(after - shifted).mean(axis=2), out=best)
    spread = max(float(np.abs(one - one.mean(axis=(0, 1))).mean()) for one in (before, after))
    return float(best.mean()) / (spread + CONTRAST)


def _push(thumbnails: deque[np.ndarray], changes: deque[float], new: np.ndarray) -> None:
    changes.append(change(thumbnails[-1], new) if thumbnails else 0.0)
    thumbnails.append(new)


def _is_cut(thumbnails: deque[np.ndarray], changes: deque[float]) -> bool:
    """Whether the frame AROUND before the newest begins a shot."""
    own = changes[-1 - AROUND]
    if own < LEAST:
        return False
    others = [value for place, value in enumerate(changes) if place != len(changes) - 1 - AROUND]
    if own < STANDS_OUT * (float(np.mean(others)) + STILL) or own < max(others):
        return False
    before = thumbnails[-2 - AROUND]
    return all(change(before, thumbnails[-1 - ahead]) > LASTS * own for ahead in range(AROUND))
