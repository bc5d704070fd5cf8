"""A whole scan searched for faces, at every size and turn, in pictures small enough for the detector.

The first pass sees the whole scan at 640 pixels; finer ones see it in overlapping tiles, each up to three times as fine
as the one before, until the smallest wanted face is large enough. `detect` is any function from an RGB picture to
Detections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from animate.faces.detections import Detections, join

Detect = Callable[[np.ndarray], Detections]

COARSE = 640  # longest side of the first pass
_DETECTABLE = 27  # a face of this many pixels in the detector's picture is detected
_STEP = 3.0  # at most this much finer from pass to pass
_OVERLAP = 112  # of tiles: the largest face that only this pass can see (_SEEN * _STEP), and half again
_TILE = 704  # largest side of a tile
_BLANK = 12  # a tile whose values differ by no more is blank paper


def tiled_search(pixels: np.ndarray, detect: Detect, *, least: float) -> Iterator[Detections]:
    """The detections of each pass over an upright scan (H, W, 3), coarse to fine, not yet merged.

    `least` is the height of the smallest wanted face in scan pixels.
    """
    for scale in _scales(max(pixels.shape[:2]), least):
        yield _one_pass(pixels, scale, detect)


def tiled_search_turned(pixels: np.ndarray, detect: Detect, degrees: float, *, longest: int = COARSE) -> Detections:
    """Detections of one pass over the scan turned clockwise about its middle by `degrees`, in pixels of the
    scan itself.
    """
    import cv2

    small, scale = _shrink(pixels, min(1.0, longest / max(pixels.shape[:2])))
    if np.ptp(small) <= _BLANK:
        return join([])  # turned, it would have the edges of a blank page
    height, width = small.shape[:2]
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    linear = np.array([[cosine, -sine], [sine, cosine]])
    size = np.ceil(np.abs(linear) @ [width, height]).astype(int)
    shift = (size - 1) / 2 - linear @ [(width - 1) / 2, (height - 1) / 2]
    turned = cv2.warpAffine(small, np.hstack([linear, shift[:, None]]), size.tolist(), flags=cv2.INTER_LINEAR)
    back = np.hstack([linear.T, (-linear.T @ shift)[:, None]])
    return _tiled(turned, detect).moved(back).moved(_enlarge(scale))


def _scales(longest: int, least: float) -> Iterator[float]:
    """Scan-to-picture scales of the passes, coarse to fine, none above 1."""
    scale, finest = min(1.0, COARSE / longest), min(1.0, _DETECTABLE / least)
    yield scale
    while scale < finest * 0.95:
        scale = min(finest, scale * _STEP)
        yield scale


def _one_pass(pixels: np.ndarray, scale: float, detect: Detect) -> Detections:
    small, exact = _shrink(pixels, scale)
    return _tiled(small, detect).moved(_enlarge(exact))


def _tiled(picture: np.ndarray, detect: Detect) -> Detections:
    """Detections of all tiles of a picture, in its pixels."""
    parts = []
    for left, width in _tiles(picture.shape[1]):
        for top, height in _tiles(picture.shape[0]):
            tile = picture[top : top + height, left : left + width]
            if np.ptp(tile) > _BLANK:
                detections = _whole(detect(tile), (left, top, width, height), picture.shape)
                parts.append(detections.moved(np.array([[1, 0, left], [0, 1, top]])))
    return join(parts)


def _tiles(side: int) -> list[tuple[int, int]]:
    """(start, length) of equal overlapping tiles along one side."""
    count = 1 if side <= _TILE else int(np.ceil((side - _OVERLAP) / (_TILE - _OVERLAP)))
    length = int(np.ceil((side + (count - 1) * _OVERLAP) / count))
    return [(start, length) for start in np.linspace(0, side - length, count).round().astype(int)]


def _whole(detections: Detections, tile: tuple[int, int, int, int], shape: tuple[int, ...]) -> Detections:
    """Without the faces cut by a tile's inner edge: the next tile, or the coarser pass, sees them whole."""
    left, top, width, height = tile
    low = np.where(np.array([left, top]) > 0, 1.0, -np.inf)
    high = np.where(np.array([left + width, top + height]) < [shape[1], shape[0]], [width - 2.0, height - 2.0], np.inf)
    return detections[(detections.boxes[:, :2] >= low).all(1) & (detections.boxes[:, 2:] <= high).all(1)]


def _shrink(pixels: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The scan averaged down, and its exact scale (x, y) after rounding to whole pixels."""
    import cv2

    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = pixels if size == (width, height) else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return small, np.array([size[0] / width, size[1] / height])


def _enlarge(scale: np.ndarray) -> np.ndarray:
    """The (2, 3) matrix from the shrunken scan to the scan."""
    grow = 1.0 / np.asarray(scale)
    return np.hstack([np.diag(grow), (0.5 * grow - 0.5)[:, None]])
