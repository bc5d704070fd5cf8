"""The plate: the photograph without its people, painted in the band that movements uncover.

Conventions: pixels are (H, W, 3) uint8 sRGB; mattes are (H, W) float32 in 0..1, masks (H, W) bool. Compositing is
alpha * foreground + (1 - alpha) * plate (see composite.py).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter

from animate.layers.blend import seamless
from animate.layers.patches import fill
from animate.layers.reduce import enlarge, shrink

BUDGET = 25_000  # reduced pixels in which structure is painted
RIM, RIM_WIDTH = 0.08, 0.12  # alpha of a skirt around people, and its width in eye distances
MARGIN = 0.04  # eye distances around people that are not copied: blurred edges, dark rims
REACH = 2.5  # eye distances from which is copied at most
SMOOTH = 1.0  # reduced pixels: what is finer is copied from the scan, what is coarser is voted for
COLOURED = 3.0  # grey levels by which a second axis of colour must vary to be compared
FEWEST = 49  # reduced pixels of background from which it can be copied: a patch
LEAST = 0.004  # alpha from which a pixel counts as a person


def paint(
    pixels: np.ndarray, people: np.ndarray, uncovered: np.ndarray, unit: float, barred: np.ndarray | None = None
) -> np.ndarray:
    """The photograph with the band painted that movements uncover.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        people: (H, W) bool, what is not background, soft edges included.
        uncovered: (H, W) bool, what this clip can uncover.
        unit: eye distance in pixels.
        barred: (H, W) bool, what is not copied though it is background: faces of others.

    Returns:
        (H, W, 3) uint8, equal to `pixels` outside of `people & uncovered`.

    Structure is painted at reduced size with patches of the certain background (see patches.py); what is finer, grain
    and the sharpness of edges, is copied from the scan at the places that those patches come from.
    """
    target = people & uncovered
    painted = pixels.copy()
    if not target.any():
        return painted
    box = _around(target, (REACH + 0.5) * unit)
    window = slice(box[1], box[3]), slice(box[0], box[2])
    factor = max(1, int(np.ceil(np.sqrt(target.sum() / BUDGET))))
    others = None if barred is None else barred[window]
    # in a crowd there is little background, and that is close to people
    for margin, other in ((MARGIN, others), (MARGIN / 3, others), (0.0, others), (0.0, None)):
        candidate = _painted(pixels[window], people[window], target[window], other, unit, factor, margin)
        if candidate is not None:
            painted[window][target[window]] = candidate[target[window]]
            break
    return painted


def skirt(matte: np.ndarray, unit: float) -> np.ndarray:
    """A matte with a thin skirt around it, RIM at its edge and 0 at RIM_WIDTH eye distances.

    The blur of a print, loose hair and shadows at an edge are darker than the background and would stay behind as a
    ghost when the person moves. On the skirt they belong to the person's layer as what they change of the plate, and
    hide no more than RIM of what they pass over.

    Args:
        matte: (H, W) float32 in 0..1.
        unit: eye distance in pixels.

    Returns:
        (H, W) float32, nowhere below `matte`.
    """
    width = RIM_WIDTH * unit
    factor = max(1, int(width / 4))
    person = shrink((matte > 0.1).astype(np.float32), factor) > 0
    steps = max(1, round(width / factor))
    if not person.any():
        return matte
    away = distance_transform_edt(~person)
    fall = RIM * np.clip(1 - (away - 1) / steps, 0, 1).astype(np.float32)
    return np.maximum(matte, enlarge(fall, factor, (0, 0, matte.shape[1], matte.shape[0])))


def _around(mask: np.ndarray, pad: float) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    pad = int(np.ceil(pad))
    return (
        max(int(columns[0]) - pad, 0),
        max(int(rows[0]) - pad, 0),
        min(int(columns[-1]) + 1 + pad, mask.shape[1]),
        min(int(rows[-1]) + 1 + pad, mask.shape[0]),
    )


def _painted(
    pixels: np.ndarray,
    people: np.ndarray,
    target: np.ndarray,
    barred: np.ndarray | None,
    unit: float,
    factor: int,
    margin: float,
) -> np.ndarray | None:
    """The window (h, w, 3) uint8 painted where `target` is, or None if no background can be copied."""
    away = int(np.ceil(margin * unit / factor))
    covered = shrink(people, factor) > 0
    wanted = shrink(target, factor) > 0
    known = ~_grown(covered, away)
    hole = _grown(wanted, 2 + away) & ~known
    if barred is not None and barred.any():
        known &= shrink(barred, factor) == 0
    small = shrink(pixels, factor)
    if np.count_nonzero(known) < FEWEST:
        return None
    sources = fill(_axes(small, known), known, hole, REACH * unit / factor)
    if sources is None:
        return None
    return _detailed(pixels, small, known, hole, sources, seamless(small, known, hole, sources), factor)


def _axes(small: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The picture (h, w, 1 or 2) along the axes in which the colours of the background vary most."""
    colours = small[known]
    spread, axes = np.linalg.eigh(np.cov(colours.T))
    count = 2 if spread[-2] > COLOURED**2 else 1
    return ((small - colours.mean(0)) @ axes[:, ::-1][:, :count]).astype(np.float32)


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    return binary_dilation(mask, iterations=by) if by else mask


def _detailed(
    pixels: np.ndarray,
    small: np.ndarray,
    known: np.ndarray,
    hole: np.ndarray,
    sources: np.ndarray,
    filled: np.ndarray,
    factor: int,
) -> np.ndarray:
    """Smooth colours of the painted reduced picture and the scan's own detail, from where its patches come."""
    whole = (0, 0, pixels.shape[1], pixels.shape[0])
    base = enlarge(_blurred(filled, known | hole), factor, whole)
    height, width = pixels.shape[:2]
    rows, columns = np.nonzero(np.repeat(np.repeat(hole, factor, 0), factor, 1)[:height, :width])
    source = sources[rows // factor, columns // factor]
    y = np.minimum(source // small.shape[1] * factor + rows % factor, height - 1)
    x = np.minimum(source % small.shape[1] * factor + columns % factor, width - 1)
    smooth = enlarge(_blurred(small, known), factor, whole)
    painted = pixels.copy()
    painted[rows, columns] = np.clip(base[rows, columns] + pixels[y, x] - smooth[y, x] + 0.5, 0, 255).astype(np.uint8)
    return painted


def _blurred(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture blurred within a mask: nothing of what is outside bleeds in."""
    weight = gaussian_filter(mask.astype(np.float32), SMOOTH)
    blurred = gaussian_filter(picture * mask[..., None], (SMOOTH, SMOOTH, 0))
    return blurred / np.maximum(weight, 1e-4)[..., None]
