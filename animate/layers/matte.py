"""The matte at the scan's size: mattes of crops merged, their soft edges refined along the edges of the photograph.

Conventions: mattes are float32 in 0..1, 1 for people; a matrix (2, 3) leads from scan pixels to the pixels of a crop;
centres of pixels are at integers. Refining is the fast guided filter: K. He, J. Sun, "Fast Guided Filter", 2015, with a
colour guide (He, Sun, Tang 2010, eq. 19-21).
"""

from __future__ import annotations

import cv2
import numpy as np

from animate.layers.reduce import enlarge, shrink

SMOOTHNESS = 2e-4  # the filter's epsilon for colours in 0..1: contrasts below its root are not edges
RIM = 0.06  # share of a crop over which it fades out towards its own border
_SURE = 0.1  # a matte this near to 0 or 1 all around counts as decided
_STRETCH = 0.12  # values this near to 0 or 1 become 0 or 1
_PASSES = 2  # at the reduced size; the second starts from the edges of the first, so that soft mattes get crisp
_CELLS = 3.0  # radius of the filter in cells of the reduced picture
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))  # of colours, of a symmetric matrix
_TILE = 256  # scan pixels a side that are worked on together


def place(
    shape: tuple[int, int], mattes: np.ndarray, matrices: np.ndarray, under: np.ndarray | None = None
) -> np.ndarray:
    """One matte of a scan from the mattes of its crops.

    Where crops overlap the larger value counts. A crop fades out towards its own border.

    Args:
        shape: (H, W) of the scan.
        mattes: (K, n, n) in 0..1.
        matrices: (K, 2, 3), scan pixels to crop pixels.
        under: (H, W) beneath the crops, for example the matte of wider crops; None for 0.

    Returns:
        (H, W) float32 in 0..1.
    """
    step = _coarseness(matrices)
    height, width = (-(-side // step) for side in shape)
    value, cover = np.zeros((2, height, width), np.float32)
    for matte, matrix in zip(mattes, matrices, strict=True):
        sample, weight = _sampled(matte, matrix, (height, width), step)
        value, cover = np.maximum(value, sample * weight), np.maximum(cover, weight)
    whole = (0, 0, *shape[::-1])
    result = enlarge(value, step, whole)
    return result if under is None else np.clip(result + (1 - enlarge(cover, step, whole)) * under, 0, 1)


def mean_of_looks(mattes: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """One matte (n, n) from several looks at the same place: the mean of their logits.

    Args:
        mattes: (K, n, n) in 0..1, the first the one whose square counts; where another does not reach, its border does.
        matrices: (K, 2, 3), scan pixels to crop pixels.
    """
    size, total = mattes.shape[-1], _logit(mattes[0])
    first = np.vstack([matrices[0], (0, 0, 1)])
    for matte, matrix in zip(mattes[1:], matrices[1:], strict=True):
        way = np.vstack([matrix, (0, 0, 1)]) @ np.linalg.inv(first)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        total += cv2.warpAffine(_logit(matte), way[:2], (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return 1 / (1 + np.exp(-total / len(mattes)))


def _logit(matte: np.ndarray) -> np.ndarray:
    sure = np.clip(matte.astype(np.float32), 1e-3, 1 - 1e-3)
    return np.log(sure / (1 - sure))


def refine(pixels: np.ndarray, coarse: np.ndarray, radius: float) -> np.ndarray:
    """A matte whose edges follow those of the photograph, from a soft one.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        coarse: (H, W) float32 in 0..1.
        radius: pixels that an edge may lie from where `coarse` has it: about three pixels of the crop that `coarse`
            came from.

    Returns:
        (H, W) float32 in 0..1; exactly 0 or 1 farther than about twice the radius from any uncertain pixel.

    Raises:
        ValueError: the shapes do not fit, or `pixels` is not uint8.
    """
    if pixels.shape != (*coarse.shape, 3) or pixels.dtype != np.uint8:
        raise ValueError(
            f"a matte (H, W) needs pixels (H, W, 3) uint8, not {coarse.shape} and {pixels.shape} {pixels.dtype}"
        )
    step = max(1, round(radius / _CELLS))
    cells = max(1, round(radius / step))
    result = np.empty(coarse.shape, np.float32)
    for tile, around in _tiles(
        coarse.shape, max(_TILE, round(4 * radius)) // step * step, (2 * _PASSES * cells + 2) * step
    ):
        window = coarse[around]
        if window.min() > 1 - _SURE:
            result[tile] = 1
        elif window.max() < _SURE:
            result[tile] = 0
        else:
            inner = tuple(
                slice(part.start - wide.start, part.stop - wide.start) for part, wide in zip(tile, around, strict=True)
            )
            result[tile] = _filtered(pixels[around], window, step, cells, inner)
    return result


def _coarseness(matrices: np.ndarray) -> int:
    """Scan pixels a cell when crops are laid together: half a pixel of the finest crop."""
    scales = np.sqrt(np.abs(np.linalg.det(np.asarray(matrices)[:, :, :2]))) if len(matrices) else np.ones(1)
    return max(1, int(0.5 / scales.max()))


def _sampled(matte: np.ndarray, matrix: np.ndarray, shape: tuple[int, int], step: int) -> tuple[np.ndarray, np.ndarray]:
    """A crop's matte (h, w) sampled linearly at the cells' middles, and its weight: 1 inside, 0 from its border on."""
    size = matte.shape[-1]
    x, y = (np.arange(side, dtype=np.float32) * step + (step - 1) / 2 for side in shape[::-1])
    across = matrix[0, 0] * x + matrix[0, 1] * y[:, None] + matrix[0, 2]
    down = matrix[1, 0] * x + matrix[1, 1] * y[:, None] + matrix[1, 2]
    inwards = np.minimum(np.minimum(across, size - 1 - across), np.minimum(down, size - 1 - down)) + 0.5
    weight = np.clip(inwards / (RIM * size), 0, 1).astype(np.float32)
    sample, inside = np.zeros(shape, np.float32), weight > 0
    u, v = (np.clip(part[inside], 0, size - 1) for part in (across, down))
    left, top = np.minimum(u.astype(np.intp), size - 2), np.minimum(v.astype(np.intp), size - 2)
    u, v = u - left, v - top
    upper = matte[top, left] * (1 - u) + matte[top, left + 1] * u
    sample[inside] = upper * (1 - v) + (matte[top + 1, left] * (1 - u) + matte[top + 1, left + 1] * u) * v
    return sample, weight


def _box(values: np.ndarray, radius: int) -> np.ndarray:
    """Means (h, w, ...) over squares of 2 radius + 1 cells, as far as they lie in the picture."""
    size, outside = (2 * radius + 1,) * 2, cv2.BORDER_CONSTANT
    sums = cv2.boxFilter(values, cv2.CV_64F, size, normalize=False, borderType=outside)
    count = cv2.boxFilter(np.ones(values.shape[:2]), cv2.CV_64F, size, normalize=False, borderType=outside)
    return (sums / count.reshape(*count.shape, *[1] * (values.ndim - 2))).astype(np.float32)


def _fit(guide: np.ndarray, target: np.ndarray, radius: int) -> np.ndarray:
    """Coefficients (h, w, 4) of target = guide . a + b around every cell, by least squares with a price on a."""
    products = [guide[..., i] * guide[..., j] for i, j in _PAIRS]
    stacked = np.stack([*np.moveaxis(guide, 2, 0), target, *(guide[..., i] * target for i in range(3)), *products], -1)
    mean = _box(stacked, radius).astype(np.float64)
    colour, value = mean[..., :3], mean[..., 3]
    shared = mean[..., 4:7] - colour * value[..., None]
    spread = mean[..., 7:] - np.stack([colour[..., i] * colour[..., j] for i, j in _PAIRS], -1)
    a = _solved(spread + SMOOTHNESS * np.array([1, 0, 0, 1, 0, 1]), shared)
    return np.concatenate([a, (value - (a * colour).sum(-1))[..., None]], -1).astype(np.float32)


def _solved(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """x (..., 3) of M x = vector for symmetric M given as (..., 6), by its adjugate: far faster than solving one by
    one."""
    rr, rg, rb, gg, gb, bb = np.moveaxis(matrix, -1, 0)
    first = np.stack([gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg], -1)
    second = np.stack([first[..., 1], rr * bb - rb * rb, rg * rb - rr * gb], -1)
    third = np.stack([first[..., 2], second[..., 2], rr * gg - rg * rg], -1)
    whole = rr * first[..., 0] + rg * first[..., 1] + rb * first[..., 2]
    return np.stack([(row * vector).sum(-1) for row in (first, second, third)], -1) / whole[..., None]


def _extremes(target: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest value (h, w) within `radius` cells a side."""
    square = np.ones((2 * radius + 1,) * 2, np.uint8)
    return cv2.erode(target, square), cv2.dilate(target, square)


def _tiles(shape: tuple[int, int], side: int, halo: int):
    """Tiles of the scan as (rows, columns), each with the same widened by `halo` as far as the scan reaches."""
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            starts, ends = (top, left), (min(top + side, shape[0]), min(left + side, shape[1]))
            yield (
                tuple(slice(a, b) for a, b in zip(starts, ends, strict=True)),
                tuple(
                    slice(max(0, a - halo), min(b + halo, most)) for a, b, most in zip(starts, ends, shape, strict=True)
                ),
            )


def _filtered(pixels: np.ndarray, coarse: np.ndarray, step: int, cells: int, inner: tuple[slice, slice]) -> np.ndarray:
    """The part `inner` of a tile: the filter's value, stretched; what is surely inside or outside is 1 or 0."""
    guide, target = shrink(pixels, step) / 255, shrink(coarse, step)
    extremes = np.stack(_extremes(target, 2 * cells), -1)
    for _ in range(_PASSES):
        linear = _box(_fit(guide, target, cells), cells)
        target = _applied(linear, guide)
    box = (inner[1].start, inner[0].start, inner[1].stop, inner[0].stop)
    near = enlarge(np.concatenate([linear, extremes], -1), step, box)
    value = _applied(near, pixels[inner] * np.float32(1 / 255))
    return np.where(near[..., 4] > 1 - _SURE, 1, np.where(near[..., 5] < _SURE, 0, value)).astype(np.float32)


def _applied(linear: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """The filter's value (h, w) for colours (h, w, 3) in 0..1, stretched about one half so that what is nearly 0 or 1
    becomes so."""
    value = (
        linear[..., 0] * colours[..., 0]
        + linear[..., 1] * colours[..., 1]
        + linear[..., 2] * colours[..., 2]
        + linear[..., 3]
    )
    return np.clip((value - _STRETCH) / (1 - 2 * _STRETCH), 0, 1)
