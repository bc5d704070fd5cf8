"""The invisible mark: a faint texture added to every frame, that says which clip this is and survives what people do to clips.

The texture is one tile (`carrier.py`) repeated over the frame, the same in every frame, so that it swims through codecs like
the photograph itself. It is added to red, green and blue alike, faint where the photograph is flat and stronger where its
own texture hides it. Frames are RGB uint8 (H, W, 3). An id is six bytes.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from animate.provenance import carrier, code

VERSION = 1
FAINT = 1.0  # grey levels (standard deviation) on flat paper in a frame of 512 pixels; larger frames need less
STRONG = 2.0  # at most: keeps the whole frame at 42 dB or better, 20 log10(255 / 2)
TEXTURE = 0.12  # of the photograph's own local contrast
_PEAK = 2.5  # the texture is cut at so many standard deviations


class Mark:
    """One clip's mark, prepared once; `stamp` then costs a few milliseconds a frame."""

    def __init__(self, width: int, height: int, identity: bytes, *, reference: np.ndarray, key: bytes = carrier.KEY):
        """`reference` is the photograph as the clip shows it, (height, width, 3) uint8."""
        if reference.shape != (height, width, 3):
            raise ValueError(f"the reference has shape {reference.shape}, expected {(height, width, 3)}")
        self.identity = identity
        side = tile_side(width, height)
        pattern = np.clip(carrier.tile(code.encode(VERSION, identity), side, key), -_PEAK, _PEAK)
        repeats = (-(-height // side), -(-width // side))
        whole = np.rint(np.tile(pattern, repeats)[:height, :width] * loudness(reference)).astype(np.int16)
        self._up = np.repeat(np.maximum(whole, 0).astype(np.uint8)[:, :, None], 3, axis=2)
        self._down = np.repeat(np.maximum(-whole, 0).astype(np.uint8)[:, :, None], 3, axis=2)
        self._room = 255 - self._up

    def stamp(self, frame: np.ndarray, index: int = 0) -> np.ndarray:
        """A copy of the frame, (height, width, 3) uint8, with the mark in it; the same for every `index`."""
        marked = np.minimum(frame, self._room)
        marked += self._up
        np.maximum(marked, self._down, out=marked)
        marked -= self._down
        return marked


def tile_side(width: int, height: int) -> int:
    """Side of a tile in pixels: 128 up to frames of 1,024 pixels, an eighth of the longer side above."""
    return max(carrier.TILE, round(max(width, height) / 8))


def loudness(reference: np.ndarray) -> np.ndarray:
    """(H, W) float32: how strong the mark may be at each pixel, in grey levels."""
    grey = luminance(reference)
    scale = tile_side(*grey.shape) / carrier.TILE
    window = int(9 * scale) | 1
    busy = ndimage.uniform_filter(np.abs(grey - ndimage.gaussian_filter(grey, 2.5 * scale)), window)
    calm = ndimage.minimum_filter(busy, window)  # an edge does not hide what lies on the flat side of it
    faint = np.clip(FAINT * np.sqrt(512.0 / max(grey.shape)), 0.8, 1.3)
    return np.clip(faint + TEXTURE * ndimage.uniform_filter(calm, window), faint, STRONG)


def luminance(frame: np.ndarray) -> np.ndarray:
    """(H, W) float32, 0..255, Rec. 601."""
    return frame.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
