"""The invisible mark: a faint texture added to every frame, that holds the clip's id and survives what people do to
clips.

The texture is one tile (`pattern.py`) repeated over the frame, the same in every frame, so that codecs keep it as
they keep the photograph itself. It is added to red, green and blue alike, faint where the photograph is flat and
stronger where its own texture hides it. Frames are RGB uint8 (H, W, 3). An id is six bytes.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from animate.core.numerics import luminance
from animate.provenance.watermark import ecc, pattern, period
from animate.provenance.watermark.whitening import residual, shrink

VERSION = 1
FAINT = 1.1  # grey levels (standard deviation) on flat paper in a frame of 512 x 512 pixels; larger ones need less
STRONG = 2.0  # at most: keeps the whole frame at 42 dB or better, 20 log10(255 / 2)
TEXTURE = 0.16  # of the photograph's own local contrast
_CANCEL = 0.8  # share of the photograph's own contribution to each bit that is made up for
_GAINS = (0.3, 3.0)  # and within what limits
_BAND = 16
_PEAK = 2.5  # the texture is cut at so many standard deviations


class Watermark:
    """One clip's mark, prepared once; `stamp` then costs about a millisecond a megapixel."""

    def __init__(self, width: int, height: int, identity: bytes, *, reference: np.ndarray, key: bytes = pattern.KEY):
        """`reference` is the photograph as the clip shows it, (height, width, 3) uint8; the id is six bytes."""
        if reference.shape != (height, width, 3):
            raise ValueError(f"the reference has shape {reference.shape}, expected {(height, width, 3)}")
        self.identity = identity
        bits, loud, grey = ecc.encode(VERSION, identity), loudness(reference), luminance(reference)
        plain = _texture(bits, loud, key)
        whole = np.rint(_texture(bits, loud, key, _gains(bits, grey, plain, key))).astype(np.int16)
        self._up = np.repeat(np.maximum(whole, 0).astype(np.uint8)[:, :, None], 3, axis=2)
        self._down = np.repeat(np.maximum(-whole, 0).astype(np.uint8)[:, :, None], 3, axis=2)

    def stamp(self, frame: np.ndarray, index: int = 0) -> np.ndarray:
        """A copy of the frame, (height, width, 3) uint8, with the mark in it; the same for every `index`."""
        marked = np.empty_like(frame)
        for top in range(0, len(frame), _BAND):  # rows that stay in the processor's cache
            band = slice(top, top + _BAND)
            up, down, out = self._up[band], self._down[band], marked[band]
            np.minimum(frame[band], 255 - up, out=out)
            out += up
            np.maximum(out, down, out=out)
            out -= down
        return marked


def tile_side(width: int, height: int) -> int:
    """Side of a tile in pixels: 128 up to frames of 1,024 pixels, an eighth of the longer side above."""
    return max(pattern.TILE, round(max(width, height) / 8))


def loudness(reference: np.ndarray) -> np.ndarray:
    """(H, W) float32: how strong the mark may be at each pixel, in grey levels."""
    grey = luminance(reference)
    scale = tile_side(*grey.shape) / pattern.TILE
    window = int(9 * scale) | 1
    busy = ndimage.uniform_filter(np.abs(grey - ndimage.gaussian_filter(grey, 2.5 * scale)), window)
    calm = ndimage.minimum_filter(busy, window)  # an edge does not hide what lies on the flat side of it
    faint = np.clip(FAINT * 512.0 / np.sqrt(grey.size), 0.8, 1.3)
    return np.clip(faint + TEXTURE * ndimage.uniform_filter(calm, window), faint, STRONG)


def _texture(bits: np.ndarray, loud: np.ndarray, key: bytes, gains: np.ndarray | None = None) -> np.ndarray:
    """(H, W) float32 grey levels to add."""
    height, width = loud.shape
    side = tile_side(width, height)
    tile = np.clip(pattern.tile(bits, side, key, gains), -_PEAK, _PEAK)
    return np.tile(tile, (-(-height // side), -(-width // side)))[:height, :width] * loud


def _gains(bits: np.ndarray, grey: np.ndarray, texture: np.ndarray, key: bytes) -> np.ndarray:
    """(252,) amplitude of each coded bit: larger where the photograph itself happens to hold the opposite, smaller
    where it agrees.

    The photograph is the mark's worst noise and known beforehand: improved spread spectrum (Malvar and Florencio 2003).
    """
    layout, shown = pattern.layout(key), shrink(grey)
    size = tile_side(*grey.shape) * shown.shape[1] / grey.shape[1]
    host, noise = period.harmonics(residual(shown), (size, size), layout.u, layout.v)
    marked, _ = period.harmonics(residual(shrink(grey + texture)), (size, size), layout.u, layout.v)
    weight = 1.0 / np.sqrt(period.by_ring(noise, layout.radius) + 1e-12)
    wanted = 2.0 * bits - 1.0
    own = pattern.gather(host * weight, key) * wanted
    response = float(np.mean(pattern.gather(marked * weight, key) * wanted - own))
    return np.clip(1.0 - _CANCEL * own / max(response, 1e-12), *_GAINS)
