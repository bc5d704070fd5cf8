"""A layer sampled at moved places and laid over a frame, by OpenCV: most of the cost of a frame.

Conventions: `places` (h, w, 2) float32 are pixels (x, y) of the layer, pixel centres at integers. A layer is (H, W, 4)
float32: colours in grey levels times opacity, and opacity 0..1. Values of a coarse grid (rows, columns, C), every
`cell` pixels from the layer's corner on, are linear in between. A span is (left, top, right, bottom) in pixels of the
layer. At whole places every kernel gives the layer's own values.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from animate.core.numerics import Rectangle

# A box, and the motions (2 L, h, w) and covers (L, h, w) in it of L layers over each other.
Patch = tuple[Rectangle, np.ndarray, np.ndarray]


def spread(grid: np.ndarray, cell: int, span: Rectangle) -> np.ndarray:
    """A coarse grid (rows, columns, C) at the pixels of a span: (h, w, C)."""
    left, top, right, bottom = span
    matrix = np.float32([[1 / cell, 0, left / cell], [0, 1 / cell, top / cell]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(grid, matrix, (right - left, bottom - top), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def places(motion: np.ndarray, span: Rectangle) -> np.ndarray:
    """Displacements (2, h, w) float32 of a span as places (h, w, 2)."""
    left, top, right, bottom = span
    x = motion[0] + np.arange(left, right, dtype=np.float32)
    return cv2.merge([x, motion[1] + np.arange(top, bottom, dtype=np.float32)[:, None]])


def moved(pixels: np.ndarray, at: np.ndarray, light: np.ndarray | None, *, sharp: bool) -> np.ndarray:
    """Opaque pixels (h, w, 3) uint8 at places of a picture (H, W, 3) uint8; `light` (h, w, 3) is added.

    `sharp`: by cubic convolution (Keys 1981), else linear, in a third of the time. Beyond the border it is mirrored.
    """
    kernel = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    values = cv2.remap(pixels, at, None, kernel, borderMode=cv2.BORDER_REFLECT_101)
    return values if light is None else cv2.add(values, light, dtype=cv2.CV_8U)


def sampled(layer: np.ndarray, at: np.ndarray, *, sharp: bool) -> np.ndarray:
    """The layer (h, w, 4) at places; beyond its border the border is repeated."""
    kernel = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    return cv2.remap(layer, at, None, kernel, borderMode=cv2.BORDER_REPLICATE)


def lay(window: np.ndarray, layer: np.ndarray, light: np.ndarray | None = None) -> None:
    """Lay sampled pixels (h, w, 4) over `window` (h, w, 3) uint8, in place; `light` is added to their colours."""
    opacity = cv2.min(cv2.max(cv2.extractChannel(layer, 3), 0.0), 1.0)
    colour = cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR)  # the first three channels, whatever they are
    if light is not None:
        colour = cv2.add(colour, cv2.multiply(light, _threefold(opacity)))
    below = cv2.multiply(window, _threefold(1 - opacity), dtype=cv2.CV_32F)
    window[:] = cv2.add(colour, below, dtype=cv2.CV_8U)


def _threefold(plane: np.ndarray) -> np.ndarray:
    return cv2.merge([plane, plane, plane])


def patched(layer: np.ndarray, base: np.ndarray, patch: Patch) -> np.ndarray:
    """The layer (h, w, 4) in a patch's box: `base` (h, w, 4), and over it the patch's own layers, one by one."""
    box, motions, covers = patch
    for cover, motion in zip(covers, motions.reshape(-1, 2, *motions.shape[1:]), strict=True):
        at = places(motion, box)
        base = base + cv2.merge([np.float32(cover)] * 4) * (sampled(layer, at, sharp=True) - base)
    return base


def clipped(patch: Patch, size: Sequence[int]) -> Patch | None:
    """A patch as far as it lies in a layer of `size` (width, height); None where it does not."""
    (left, top, right, bottom), motions, covers = patch
    box = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    window = np.s_[:, box[1] - top : box[3] - top, box[0] - left : box[2] - left]
    return box, motions[window], covers[window]
