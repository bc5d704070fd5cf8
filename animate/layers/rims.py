"""Rims: where the edge of a person is soft, what the photograph shows is shared out between person and plate.

Conventions: pixels are (H, W, 3) uint8 sRGB, opacities (h, w) float32 in 0..1 of a rectangle (left, top, right, bottom)
in scan pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import map_coordinates

from animate.core.numerics import Rectangle
from animate.layers.plate import RIM
from animate.layers.reduce import GREY

SURE = 0.95  # opacity from which a pixel shows the person's own colour
SOFT = 0.003, 0.98  # opacities between which a pixel is shared out
SLACK = 10.0  # grey levels: shadow, blur or glow of an edge that goes along with the person
DOUBT = 2.0  # standard deviations of the background by which the painting may be wrong
PLAIN = 12.0  # standard deviation of the grey of a background that is no longer plain
GLOW = 32.0  # grey levels by which a painting and the photograph are still alike
CELLS, SIDE = 8, 7  # reduced pixels in an eye distance, and a side of what is near


def share_out(pixels: np.ndarray, plate: np.ndarray, opacity: np.ndarray, rectangle: Rectangle, unit: float) -> None:
    """Change the plate, in place, where it was painted under the soft edge of a person.

    A photograph p = a f + (1 - a) b does not tell the person's colour f from the background's b. With the painted b,
    p - (1 - a) b may be far from a times any colour that the person has there. Before a background of rich texture the
    painting was wrong then, and what does not fit is given back to it, or a ghost would go along with the person;
    before a plain one it is hair that the matte has missed, and does go along.

    Args:
        pixels: (H, W, 3), the photograph.
        plate: (H, W, 3), the same, painted where something is uncovered.
        opacity: (h, w) of the person in `rectangle`.
        rectangle: of the person.
        unit: eye distance in pixels.
    """
    left, top, right, bottom = rectangle
    photo, behind = pixels[top:bottom, left:right], plate[top:bottom, left:right]
    soft = (opacity > SOFT[0]) & (opacity < SOFT[1]) & (behind != photo).any(-1)
    rows, columns = np.nonzero(soft)
    if not len(rows):
        return
    a = opacity[rows, columns, None]
    seen, painted = photo[rows, columns].astype(np.float32), behind[rows, columns].astype(np.float32)
    step = max(1, int(unit / CELLS))
    place = np.stack([rows, columns]) / np.float32(step)
    darkest, lightest = _lightness(photo[::step, ::step], opacity[::step, ::step], place)
    known = (opacity < SOFT[0])[::step, ::step] | soft[::step, ::step]
    texture = _texture(behind[::step, ::step], known, place)
    grey, a1 = (seen - (1 - a) * painted) @ GREY, a[:, 0]  # of a f, if the painting is right
    slack = SLACK / (1 + np.square(texture / PLAIN))
    excess = (grey - np.clip(grey, a1 * darkest - slack, a1 * lightest + slack)) / (1 - a1)
    change = np.clip(excess, -DOUBT * texture, DOUBT * texture)
    away = seen - painted
    lighter = away @ GREY
    share = np.clip(change / np.where(np.abs(lighter) < 1, np.inf, lighter), 0, 1)  # towards the photograph's own tone
    behind[rows, columns] = np.clip(_eased(painted + share[:, None] * away, seen, a) + 0.5, 0, 255)


def _eased(painted: np.ndarray, seen: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """The painting passes over into the photograph where the rim ends, if the two are alike: the glow around a person
    ends softly, while hair is not left behind."""
    away = seen - painted
    alike = np.exp(-np.square((away @ GREY) / GLOW))[:, None]
    return painted + (1 - np.clip(opacity / RIM, 0, 1)) * alike * away


def _lightness(photo: np.ndarray, opacity: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The darkest and lightest grey (K,) that the person has near places; any grey where none is sure."""
    sure, around, grey = opacity > SURE, np.ones((SIDE, SIDE), np.uint8), photo @ GREY
    low = cv2.erode(np.where(sure, grey, 255).astype(np.float32), around)
    high = cv2.dilate(np.where(sure, grey, 0).astype(np.float32), around)
    none = low > high
    return _at(np.where(none, 0, low), place), _at(np.where(none, 255, high), place)


def _texture(plate: np.ndarray, known: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The standard deviation (K,) of the background's grey around places."""
    weight, grey = known.astype(np.float32), plate @ GREY

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (SIDE, SIDE))

    share = np.maximum(mean(weight), 1e-3)
    middle, square = mean(grey * weight) / share, mean(grey * grey * weight) / share
    return _at(np.sqrt(np.maximum(square - middle * middle, 0)), place)


def _at(field: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Values (K,) of a reduced field at places (2, K), between its pixels too: its steps would show as blocks."""
    return map_coordinates(cv2.blur(field.astype(np.float32), (3, 3)), place, order=1, mode="nearest")
