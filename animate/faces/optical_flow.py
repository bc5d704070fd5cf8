"""Where the skin under each of a face's points has truly gone: a picture of what is expected held against what is seen.

Conventions: pictures are (n, n, 3) uint8 of one crop, points (N, 2) its pixels, `unit` the eye distance in them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

AGREE = 0.05  # eye distances by which the way there and the way back may differ
FAR = 0.12  # eye distances beyond which a correction is no longer believed
AROUND = 0.03  # eye distances around a point over which its brightness is taken
LEAST = 4.0  # grey steps that brightnesses are raised by: the ratio of two near-blacks says nothing


class Matches(NamedTuple):
    """By point: correction (N, 2) in pixels and trust (N,) in 0..1."""

    shift: np.ndarray
    trust: np.ndarray


def compare(expected: np.ndarray, seen: np.ndarray, points: np.ndarray, *, unit: float) -> Matches:
    """How far what is expected at each point, the same in both pictures, is from there in what is seen, by dense inverse search
    (Kroeger et al. 2016)."""
    import cv2

    before, after = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (expected, seen))
    there = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(before, after, None)
    back = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(
        after, before, None
    )  # only to be compared: coarser will do
    points = np.asarray(points, np.float32)
    shift = _at(there, points)
    apart = np.linalg.norm(shift + _at(back, points + shift), axis=-1) / (AGREE * unit)
    far = np.linalg.norm(shift, axis=-1) / (FAR * unit)
    return Matches(shift, np.exp(-(apart**2) - far**2))


def brightness(picture: np.ndarray, points: np.ndarray, *, unit: float) -> np.ndarray:
    """Brightness (N,) around points, LEAST..255 + LEAST."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return _at(cv2.GaussianBlur(grey, (0, 0), AROUND * unit), np.asarray(points, np.float32)) + LEAST


def _at(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values (h, w, ...) at points (N, 2), bilinear; beyond the border its values."""
    import cv2

    return cv2.remap(values, points[None, :, 0], points[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[
        0
    ]
