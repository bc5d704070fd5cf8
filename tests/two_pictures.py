"""Two drawn photographs of one face: a print with closed lips, and a colour picture that laughs with striped teeth."""

from __future__ import annotations

import numpy as np
from skimage.draw import polygon2mask

from animate.core.types import DrivenLandmarks, Keypoints, Photo, Portrait
from animate.motion import landmarks
from animate.pipeline.portraits import portrait_of
from animate.pipeline.sources import FaceSources, FurtherFace

SIZE = 300
SKIN, LIP, TOOTH, DARK = ((196, 160, 140), (150, 90, 90), (232, 228, 220), (40, 20, 20))


def face(gap: float = 0.0, *, unit: float = 70.0, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Points (478, 3) of an average face whose lips are parted by `gap` eye distances."""
    shape = landmarks.MEAN_FACE.copy()
    for upper, lower in zip(landmarks.INNER_UPPER, landmarks.INNER_LOWER, strict=True):
        shape[[upper, lower], 1] = shape[[upper, lower], 1].mean()
    shape = shape + gap * landmarks.JAW
    return (shape * unit + (SIZE / 2 + shift[0], SIZE / 2 + shift[1], 0)).astype(np.float32)


def closed_eyes(points: np.ndarray) -> np.ndarray:
    """The same face with its lids together."""
    closed = points.copy()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        closed[list(upper)] = closed[list(lower)]
    return closed


def picture(points: np.ndarray, *, light: float = 1.0, noise: float = 2.0) -> np.ndarray:
    """A picture (SIZE, SIZE, 3) uint8 of a face: skin in the light from the left, eyes, lips and what they uncover."""
    y, x = np.mgrid[:SIZE, :SIZE]
    pixels = np.array(SKIN) * (light * (1.1 - 0.25 * x / SIZE))[..., None]

    def fill(ring, colour) -> None:
        pixels[polygon2mask((SIZE, SIZE), points[list(ring), 1::-1])] = colour

    for lids, iris in zip(landmarks.LIDS, landmarks.IRISES, strict=True):
        fill(lids, (215, 215, 210))
        if np.ptp(points[list(lids), 1]) > 6:
            centre = points[iris[0], :2]
            pixels[np.hypot(x - centre[0], y - centre[1]) < 6] = 25
    fill(landmarks.OUTER_LIPS, LIP)
    inner = polygon2mask((SIZE, SIZE), points[list(landmarks.INNER_LIPS), 1::-1])
    pixels[inner] = DARK
    rows = np.flatnonzero(inner.any(1))
    if len(rows):
        teeth = inner & (y < rows[0] + 0.6 * len(rows))
        pixels[teeth] = np.where(x[teeth, None] // 6 % 2, TOOTH, np.array(TOOTH) * 0.8)
    pixels += np.random.default_rng(3).normal(0, noise, (SIZE, SIZE, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def sepia(pixels: np.ndarray) -> np.ndarray:
    """The same as a faded print of one tone."""
    light = 45 + 0.7 * (pixels @ np.array([0.299, 0.587, 0.114]))
    return np.clip(light[..., None] * (1.08, 0.96, 0.76), 0, 255).astype(np.uint8)


def portrait(points: np.ndarray, pixels: np.ndarray, name: str = "") -> Portrait:
    """A face whose points are known."""
    return portrait_of(Photo(pixels, name, sha256=f"{name}-hash" if name else ""), Keypoints(points))


def driven(*gaps: float) -> DrivenLandmarks:
    """The first face in frames in which its lips are parted so far."""
    return DrivenLandmarks(np.stack([face(gap) for gap in gaps]))


def sources(main: Portrait, movement: DrivenLandmarks, *others: Portrait, teeth: float = 1.0) -> FaceSources:
    """The further photographs `others` in the movement of a face."""
    faces = [FurtherFace(number, one) for number, one in enumerate(others, 1)]
    return FaceSources(main.photo, main, movement, faces, teeth=teeth)
