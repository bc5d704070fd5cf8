"""The photograph behind its people: the band that movements uncover is painted, colours of soft edges are un-mixed.

Conventions: pixels are (H, W, 3) uint8 sRGB, colours (H, W, 3) float32 in grey levels, not clipped; mattes are (H, W)
float32 in 0..1, masks (H, W) bool. Compositing is alpha * foreground + (1 - alpha) * plate.
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
BESIDE, SPREAD = 3, 500  # pixels beyond soft edges that get colours, and size in which those are spread
LEAST = 0.02  # alpha below which no colour can be un-mixed


def paint(pixels: np.ndarray, people: np.ndarray, uncovered: np.ndarray, unit: float) -> np.ndarray:
    """The photograph with the band painted that movements uncover.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        people: (H, W) bool, what is not background, soft edges included.
        uncovered: (H, W) bool, what this clip can uncover.
        unit: eye distance in pixels.

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
    for margin in (MARGIN, MARGIN / 3, 0.0):  # in a crowd there is little background, and that is close to people
        found = _painted(pixels[window], people[window], target[window], unit, factor, margin)
        if found is not None:
            painted[window][target[window]] = found[target[window]]
            break
    return painted


def unmix(pixels: np.ndarray, alpha: np.ndarray, plate: np.ndarray) -> np.ndarray:
    """Foreground colours (H, W, 3) float32 that reproduce the photograph over `plate`.

    Where alpha > LEAST, alpha * colours + (1 - alpha) * plate is `pixels` within rounding; a few pixels beyond, the
    colours of the foreground nearby, so that warped edges mix nothing else in; farther out, `pixels`. Colours are not
    clipped and grow large where alpha is small: warp alpha * colours, which differs from the photograph by no more
    than the plate does, and never colours alone.
    """
    colours, opacity = pixels.astype(np.float32), np.clip(alpha, 0, 1).astype(np.float32)
    soft = (opacity > LEAST) & (opacity < 1)
    part = opacity[soft][:, None]
    colours[soft] = (colours[soft] - (1 - part) * plate[soft]) / part
    beside = binary_dilation(soft | (opacity == 1), iterations=BESIDE) & (opacity <= LEAST)
    factor = max(1, -(-max(opacity.shape) // SPREAD))
    inside = _spread(shrink(pixels, factor), shrink(opacity > 0.9, factor))
    rows, columns = np.nonzero(beside)
    colours[rows, columns] = inside[rows // factor, columns // factor]
    return colours


def skirt(matte: np.ndarray, unit: float) -> np.ndarray:
    """The matte (H, W) float32 with a thin skirt around it, RIM at its edge and 0 at RIM_WIDTH eye distances.

    The blur of a print, loose hair and shadows at an edge are darker than the background and stay behind as a ghost
    when the person moves. On the skirt `unmix` takes them along as what they change of the plate, and hides no more
    than RIM of what they pass over.
    """
    width = RIM_WIDTH * unit
    factor = max(1, int(width / 4))
    seen = shrink((matte > 0.1).astype(np.float32), factor) > 0
    steps = max(1, round(width / factor))
    if not seen.any():
        return matte
    away = distance_transform_edt(~seen)
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
    pixels: np.ndarray, people: np.ndarray, target: np.ndarray, unit: float, factor: int, margin: float
) -> np.ndarray | None:
    """The window (h, w, 3) uint8 painted where `target` is, or None if no background can be copied."""
    away = int(np.ceil(margin * unit / factor))
    covered = shrink(people, factor) > 0
    wanted = shrink(target, factor) > 0
    known = ~_grown(covered, away)
    hole = _grown(wanted, 2 + away) & ~known
    small = shrink(pixels, factor)
    if not known.any():
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


def _spread(picture: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Colours (h, w, 3) float32 where `share` (h, w) is 1 spread over all: ever coarser means outside (pull-push)."""
    colour, weight = picture * share[..., None], share
    levels = [(colour, weight)]
    while min(levels[-1][1].shape) > 2:
        colour, weight = (shrink(part, 2) for part in levels[-1])
        levels.append((colour, weight))
    colour, weight = levels.pop()
    filled = colour / np.maximum(weight, 1e-6)[..., None]
    for colour, weight in reversed(levels):
        coarse = enlarge(filled, 2, (0, 0, weight.shape[1], weight.shape[0]))
        part = np.minimum(weight / 0.25, 1)[..., None]
        filled = np.where(part > 0, colour / np.maximum(weight, 1e-6)[..., None] * part + coarse * (1 - part), coarse)
    return filled
