"""The square crop around a face: one matrix moves pixels and points alike.

A crop is upright by the face's own eyes: the five points (eyes, nose tip, mouth corners; left and right are the
viewer's) are laid on TEMPLATE_FIVE by the similarity with the least squared error. `span` is the side of the square in
eye distances, `size` the same side in pixels; the template's origin is the middle of the square. Pixel centres are at
integers, so the middle of a square of `size` pixels is (size - 1) / 2.
"""

from __future__ import annotations

import numpy as np

from animate.core.geometry import EYE_LINE
from animate.core.types import Crop

TEMPLATE_FIVE = np.array(
    [[-0.5, -EYE_LINE], [0.5, -EYE_LINE], [0.0, 0.0824], [-0.4243, 0.5211], [0.4243, 0.5211]]
)  # eye distance 1; mean of many faces
TEMPLATE_FIVE.setflags(write=False)

# What a person draws around a face, in eye distances: cheek to cheek, hairline to chin. The mean mesh is 2.2 x 2.65.
_BOX_WIDTH, _BOX_HEIGHT, _BOX_MIDDLE = 2.3, 2.9, -0.15

_MARGIN = 4  # pixels around the source region, for the interpolation's neighbourhood


def crop_from_five(five: np.ndarray, *, size: int, span: float) -> Crop:
    """The Crop that lays five scan points (5, 2) on the template by least squares: turn, scale and shift, no mirror.

    Raises ValueError if the points all lie on one spot or are not finite.
    """
    from skimage.transform import SimilarityTransform

    five = np.asarray(five, dtype=np.float64)
    if five.shape != (5, 2) or not np.isfinite(five).all():
        raise ValueError(f"five points are finite and of shape (5, 2), not {five.shape}")
    fit = SimilarityTransform.from_estimate(five, TEMPLATE_FIVE * size / span + (size - 1) / 2)
    if not fit or not fit.scale > 0:
        raise ValueError("five points on one spot do not tell how large or how turned a face is")
    return Crop(fit.params[:2], size)


def crop_from_box(box: tuple[float, float, float, float], *, size: int, span: float) -> Crop:
    """The upright Crop of a face that fills a box (x, y, width, height) of scan pixels, hairline to chin."""
    return crop_from_five(five_from_box(box), size=size, span=span)


def five_from_box(box: tuple[float, float, float, float]) -> np.ndarray:
    """Five scan points (5, 2) of a mean face that fills the box, on the tighter side of a box of other proportions."""
    x, y, width, height = box
    if not (width > 0 and height > 0):
        raise ValueError(f"a box is (x, y, width > 0, height > 0), not {tuple(box)}")
    unit = min(width / _BOX_WIDTH, height / _BOX_HEIGHT)
    middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
    return (middle + unit * (TEMPLATE_FIVE - [0.0, _BOX_MIDDLE])).astype(np.float32)


def cut(pixels: np.ndarray, crop: Crop, *, mirrored: bool = False) -> np.ndarray:
    """The crop's (size, size, 3) uint8 picture of `pixels` (H, W, 3); outside, the scan's edge pixels are repeated, or
    the scan is `mirrored` at its edge.

    A crop that shrinks is averaged, not sampled: the scan is first reduced by whole blocks, then resampled at twice
    the size and halved, so that every scan pixel counts about once. A crop that enlarges is bicubic.
    """
    import cv2

    matrix = np.asarray(crop.matrix, dtype=np.float64)
    pixels, matrix = _region(pixels, matrix, crop)
    shrinks = crop.scale < 0.98
    if shrinks:
        pixels, matrix = _reduce(pixels, matrix, int(1.0 / crop.scale))
        matrix = _compose(2.0, 0.5, matrix)
    side = crop.size * 2 if shrinks else crop.size
    flags = cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC
    border = cv2.BORDER_REFLECT_101 if mirrored else cv2.BORDER_REPLICATE
    picture = cv2.warpAffine(pixels, matrix, (side, side), flags=flags, borderMode=border)
    return cv2.resize(picture, (crop.size, crop.size), interpolation=cv2.INTER_AREA) if shrinks else picture


def _region(pixels: np.ndarray, matrix: np.ndarray, crop: Crop) -> tuple[np.ndarray, np.ndarray]:
    """The part of the scan that the crop can see (at least one pixel), and the matrix counted from its corner."""
    last = crop.size - 0.5
    corners = crop.out(np.array([[-0.5, -0.5], [last, -0.5], [-0.5, last], [last, last]]))
    margin = _MARGIN + 2.0 / crop.scale
    height, width = pixels.shape[:2]
    left, top = (np.clip(np.floor(corners.min(0) - margin), 0, [width - 1, height - 1])).astype(int)
    right, bottom = (np.clip(np.ceil(corners.max(0) + margin) + 1, [left + 1, top + 1], [width, height])).astype(int)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ [left, top]
    return pixels[top:bottom, left:right], moved


def _reduce(pixels: np.ndarray, matrix: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture averaged over blocks of `block` pixels a side (its edge repeated to whole ones), and its matrix."""
    import cv2

    if block < 2:
        return np.ascontiguousarray(pixels), matrix
    height, width = pixels.shape[:2]
    down, right = -height % block, -width % block
    if down or right:
        pixels = cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE)
    small = cv2.resize(pixels, (pixels.shape[1] // block, pixels.shape[0] // block), interpolation=cv2.INTER_AREA)
    linear = matrix[:, :2] * block  # small pixel i covers scan pixels i * block ... i * block + block - 1
    shift = matrix[:, 2] + matrix[:, :2] @ np.full(2, (block - 1) / 2)
    return small, np.hstack([linear, shift[:, None]])


def _compose(scale: float, shift: float, matrix: np.ndarray) -> np.ndarray:
    """The matrix followed by p -> scale * p + shift."""
    return matrix * scale + np.array([[0, 0, shift], [0, 0, shift]])
