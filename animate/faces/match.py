"""Where the skin under each of a face's points has truly gone: a picture of what is expected held against what is seen.

Conventions: pictures are (n, n, 3) uint8 of one crop, points (N, 2) its pixels, the same in both pictures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

AGREE = 0.05  # of the crop's eye distance: how far the way there and the way back may differ
FAR = 0.12  # eye distances beyond which a correction is no longer believed
AROUND = 0.03  # eye distances around a point over which its brightness is taken
LEAST = 4.0  # grey steps that both brightnesses are raised by: the ratio of two near-blacks says nothing


class Match(NamedTuple):
    """By point: correction (N, 2) in pixels, trust (N,) in 0..1, and light (N,): the logarithm of seen over expected brightness."""

    shift: np.ndarray
    trust: np.ndarray
    light: np.ndarray


def match(expected: np.ndarray, seen: np.ndarray, points: np.ndarray, *, unit: float) -> Match:
    """Matches the surroundings of every point by dense inverse search (Kroeger et al. 2016); `unit` is the eye distance in
    pixels."""
    import cv2

    before, after = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (expected, seen))
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    there, back = search.calc(before, after, None), search.calc(after, before, None)
    points = np.asarray(points, np.float32)
    shift = _at(there, points)
    apart = np.linalg.norm(shift + _at(back, points + shift), axis=-1) / (AGREE * unit)
    far = np.linalg.norm(shift, axis=-1) / (FAR * unit)
    blurred = [cv2.GaussianBlur(picture, (0, 0), AROUND * unit).astype(np.float32) + LEAST for picture in (before, after)]
    light = np.log(_at(blurred[1], points + shift) / _at(blurred[0], points))
    return Match(shift, np.exp(-(apart**2) - far**2), light)


def _at(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values (h, w, ...) at points (N, 2), bilinear; beyond the border its values."""
    import cv2

    return cv2.remap(values, points[None, :, 0], points[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
