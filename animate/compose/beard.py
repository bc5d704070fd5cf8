"""Hair around the lips: a moustache that hangs over the upper one, a beard that grows up to the lower one.

Hair is darker than the skin beside it, or whiter, and rough all over. Both sides must show it: the shadow that light
from one side throws has neither two sides nor roughness; an edge, as of lips, is rough in a few pixels only, which a
median does not see.

Conventions: pixels are (H, W, 3) uint8 RGB; points (478, 3) are scan pixels of the face; a ring is a tuple of landmark
indices in order; shares are 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.draw import polygon

from animate.core.numerics import luminance, smoothstep

Ring = Sequence[int]

SIZE = 0.05  # of the mouth's width: the coarsest that counts as rough
SHRUNK = 0.9  # of a ring that is measured, so that its outline is not
FEWEST = 6  # pixels that can be measured
BLACK = 40.0  # lightness below which roughness is not taken over it: grain would be rough there
SHADED = 0.4  # of the lighter cheek below which a cheek is in the shade and says nothing
ROUGH = 3.0  # weight of roughness beside darkness
MOUSTACHE, WITH_BEARD = (0.44, 0.58), 0.25  # darkness and weighed roughness, none to sure; less where there is a beard
CHIN_DARK, CHIN_ROUGH = (0.08, 0.18), (0.055, 0.085)  # of a chin, from bare to bearded
WHITE, WHITEST = (0.06, 0.12), 0.6  # how much lighter than cheeks a white beard is, and what no beard is


@dataclass(frozen=True)
class BeardRings:
    """Where hair is looked for: above either half of the upper lip, below the lower one, on the chin; and cheeks."""

    above: tuple[Ring, Ring]
    under: Ring
    chin: Ring
    cheeks: tuple[Ring, Ring]


@dataclass(frozen=True)
class Beard:
    """How surely a moustache hangs over the upper lip, and a beard grows up to the lower one."""

    above: float
    below: float


def measure(pixels: np.ndarray, points: np.ndarray, rings: BeardRings, width: float) -> Beard:
    """The beard of a face whose mouth is `width` pixels wide; none where nothing can be measured."""
    look = lambda ring: _look(pixels, points[list(ring), :2], SIZE * width)
    cheeks = [look(ring)[0] for ring in rings.cheeks]
    skin = max(cheeks)
    if skin <= 0:
        return Beard(0.0, 0.0)
    beside = [own if own > SHADED * skin else skin for own in cheeks]
    dark, rough = zip(*[_against(look(ring), own) for ring, own in zip(rings.above, beside, strict=True)], strict=True)
    under, chin = (_against(look(ring), skin) for ring in (rings.under, rings.chin))
    hairy = float(smoothstep(chin[0], *CHIN_DARK) * smoothstep(chin[1], *CHIN_ROUGH))
    white = _white(np.mean(dark)) * _white(under[0]) * _white(chin[0])
    evidence = min(dark) + ROUGH * min(rough) + WITH_BEARD * hairy
    above = float(smoothstep(evidence, *MOUSTACHE)) if min(dark) > 0 else 0.0
    below = hairy * float(smoothstep(under[0], *CHIN_DARK) * smoothstep(under[1], *CHIN_ROUGH))
    return Beard(max(above, white), max(below, white))


def _white(dark: float) -> float:
    """How surely a place is white with hair."""
    return float(smoothstep(-dark, *WHITE)) if dark > -WHITEST else 0.0


def _against(place: tuple[float, float], skin: float) -> tuple[float, float]:
    """How much darker than skin a place is, and how rough; 0, 0 for one that cannot be measured."""
    return (1 - place[0] / skin, place[1]) if place[0] else (0.0, 0.0)


def _look(pixels: np.ndarray, outline: np.ndarray, size: float) -> tuple[float, float]:
    """Lightness inside the middle of an outline, and how rough it is over that; 0, 0 where it cannot be measured."""
    outline = outline.mean(0) + SHRUNK * (outline - outline.mean(0))
    low = np.clip(np.floor(outline.min(0)).astype(int) - 6, 0, None)
    high = np.clip(np.ceil(outline.max(0)).astype(int) + 7, 0, pixels.shape[1::-1])
    if (high <= low).any():
        return 0.0, 0.0
    light = luminance(pixels[low[1] : high[1], low[0] : high[0]])
    rows, columns = polygon(outline[:, 1] - low[1], outline[:, 0] - low[0], light.shape)
    if len(rows) < FEWEST:
        return 0.0, 0.0
    detail = (gaussian_filter(light, 0.5) - gaussian_filter(light, max(1.0, size)))[rows, columns]
    middle = max(float(np.median(light[rows, columns])), 1.0)
    return middle, 1.4826 * float(np.median(np.abs(detail - np.median(detail)))) / max(middle, BLACK)
