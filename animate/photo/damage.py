"""Finds dust and cracks of a print by their shape: small compact spots that stand alone, and long thin bright lines.

Conventions: pixels are (H, W, 3) uint8 RGB; masks are (H, W) bool. People are given by what must not be touched: in
`features` nothing is found, in `people` only what no face, cloth or jewel looks like. Rather too little is found than
too much: dots of a dress, rails of a fence and beads are far more common than dust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.filters import apply_hysteresis_threshold
from skimage.measure import label, regionprops

from animate.core.numerics import luminance

FINE = 300  # of the longer side that is the half width of the widest damage
WIDEST = 6  # pixels of it at most
LEAST, CLEAR = 16.0, 4.0  # levels that damage differs by at least, and how many times what is usual around it
LONG, SLENDER = 0.07, 9.0  # a crack: its length over the longer side, and over its width
ALONE = 4  # spots within NEAR half widths, from which on they are a pattern
NEAR = 40
SHADOW = 0.08  # of its contrast that is dark beside a crack, on average; rails and seams throw shadows
STEP = 1.0  # of its contrast that the tone may differ from one side of a crack to the other
CLUTTER = 1.5  # length of other lines over that of cracks, within VICINITY of the longer side, that shows a pattern
VICINITY = 0.2
BORDER = 0.03  # of the shorter side: a line within it is the edge of the print
ACROSS = 1.3  # heights of a face that a crack on a person is long: collars, brims and chains are shorter
GLARING = 45.0  # levels that dust on a person differs by


@dataclass(frozen=True, eq=False)
class Damage:
    """What was found: mask, and how many spots and cracks it consists of."""

    mask: np.ndarray
    spots: int
    cracks: int


def find(pixels: np.ndarray, features: np.ndarray, people: np.ndarray, *, face: float) -> Damage:
    """The damage of a photograph; `face` is the height of the largest face, which a crack over a person exceeds."""
    grey = ndimage.gaussian_filter(luminance(pixels), 0.6)
    longer = max(grey.shape)
    half = int(np.clip(round(longer / FINE), 1, WIDEST))
    side = 2 * half + 1
    floor, ceiling = ndimage.grey_opening(grey, size=side), ndimage.grey_closing(grey, size=side)
    bright, dark = grey - floor, ceiling - grey
    cracks = _cracks(bright, dark, floor, people, half, max(24.0, LONG * longer), face)
    mask, spots = _spots(bright, dark, people | cracks[0], people, half)
    mask |= cracks[0]
    mask = ndimage.binary_dilation(mask, iterations=max(1, half // 2)) & ~features
    return Damage(mask, spots, cracks[1])


def _clear(hat: np.ndarray, half: int) -> np.ndarray:
    """Where a picture of differences stands out from what is usual around it."""
    usual = ndimage.uniform_filter(hat, 24 * half + 1)
    return apply_hysteresis_threshold(hat / np.maximum(LEAST, CLEAR * usual), 0.6, 1.0)


def _cracks(
    bright: np.ndarray, dark: np.ndarray, floor: np.ndarray, people: np.ndarray, half: int, least: float, face: float
) -> tuple[np.ndarray, int]:
    """Long thin bright lines with the same tone on both sides and no shadow beside them, among few other lines."""
    steep = np.hypot(*np.gradient(ndimage.gaussian_filter(floor, half))) * (2 * half + 1)
    shadow = ndimage.uniform_filter(dark, 4 * half + 1)
    lines: list[tuple[np.ndarray, float, np.ndarray, bool]] = []  # places, length, middle, is a crack
    for part in regionprops(label(_clear(bright, half), connectivity=2)):
        length = float(np.hypot(part.bbox[2] - part.bbox[0], part.bbox[3] - part.bbox[1]))
        thick = part.area / length
        if length < least or thick > 2 * half + 1 or thick > length / SLENDER:
            continue
        at = tuple(part.coords.T)
        contrast = float(bright[at].mean())
        dim = float(shadow[at].mean()) / contrast
        fits = dim <= SHADOW and float(steep[at].mean()) <= STEP * contrast and not _at_border(at, bright.shape)
        if fits and people[at].mean() > 0.2:
            fits = length >= ACROSS * face
        lines.append((part.coords, length, np.array(part.centroid), bool(fits)))
    found, near = np.zeros(bright.shape, bool), VICINITY * max(bright.shape)
    kept = [line for line in lines if line[3] and not _cluttered(line[2], lines, near)]
    for places, *_ in kept:
        found[tuple(places.T)] = True
    return found, len(kept)


def _cluttered(middle: np.ndarray, lines: list[tuple[np.ndarray, float, np.ndarray, bool]], near: float) -> bool:
    """Whether other lines outweigh the cracks around a place."""
    lengths = [0.0, 0.0]
    for _, length, other, fits in lines:
        if np.linalg.norm(other - middle) < near:
            lengths[fits] += length
    return lengths[False] > CLUTTER * lengths[True]


def _at_border(at: tuple[np.ndarray, np.ndarray], shape: tuple[int, ...]) -> bool:
    """Whether most of the places lie along the border."""
    edge = BORDER * min(shape)
    within = [(axis < edge) | (axis > size - edge) for axis, size in zip(at, shape, strict=True)]
    return bool((within[0] | within[1]).mean() > 0.5)


def _spots(
    bright: np.ndarray, dark: np.ndarray, closed: np.ndarray, people: np.ndarray, half: int
) -> tuple[np.ndarray, int]:
    """Small compact spots that stand alone: light or dark ones off people, on people only glaring light ones."""
    found, centres, parts = np.zeros(bright.shape, bool), [], []
    for hat, light in ((bright, True), (dark, False)):
        for part in regionprops(label(_clear(hat, half), connectivity=2)):
            height, width = part.bbox[2] - part.bbox[0], part.bbox[3] - part.bbox[1]
            if part.area < 2 or max(height, width) > min(2.2 * min(height, width), 3 * half + 2):
                continue
            if part.area < 0.45 * height * width:
                continue
            at = tuple(part.coords.T)
            on_person = bool(people[at].any())
            glaring = light and float(hat[at].max()) >= GLARING and max(height, width) <= 2 * half + 1
            centres.append(part.centroid)
            parts.append(at if (glaring if on_person else not closed[at].any()) else None)
    if not centres:
        return found, 0
    crowd = np.zeros(bright.shape, np.float32)
    at = np.round(centres).astype(int)
    np.add.at(crowd, tuple(at.T), 1.0)
    wide = 2 * NEAR * half + 1
    crowd = ndimage.uniform_filter(crowd, wide, mode="constant") * wide**2
    kept = [
        part for part, place in zip(parts, at, strict=True) if part is not None and crowd[tuple(place)] <= ALONE + 1
    ]
    for part in kept:
        found[part] = True
    return found, len(kept)
