"""What time, cameras and scanners do to a photograph, at random: the landmark network must be robust to all of it.

Conventions: pictures are (H, W, 3) float32 RGB in 0..255; every function takes a numpy Generator first and returns a
new array.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from animate.core.numerics import luminance


def age(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """`picture` (H, W, 3) uint8 with a random choice of wear, as uint8."""
    x = picture.astype(np.float32)
    for chance, wear in _WEAR:
        if rng.random() < chance:
            x = wear(rng, x)
    return np.clip(x, 0, 255).astype(np.uint8)


def tone(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Exposure, contrast and a colour cast."""
    gamma = np.exp(rng.normal(0, 0.25))
    x = 255 * (np.clip(x, 0, 255) / 255) ** gamma
    middle = rng.uniform(90, 160)
    return (x - 128) * np.exp(rng.normal(-0.1, 0.25)) + middle + rng.normal(0, 8, 3)


def drain(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """No colour: grey, or the two tones of sepia and other prints."""
    grey = luminance(x)
    if rng.random() < 0.5:
        return np.repeat(grey[..., None], 3, axis=2)
    dark = rng.uniform((0, 0, 0), (70, 55, 45))
    shading = rng.uniform((200, 185, 150), (255, 248, 235))
    return dark + (grey[..., None] / 255) * (shading - dark)


def soften(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Out of focus."""
    sigma = rng.uniform(0.4, 2.2)
    return ndimage.gaussian_filter(x, (sigma, sigma, 0))


def shrink(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Few pixels: shrunk and enlarged again."""
    height, width = x.shape[:2]
    factor = rng.uniform(1.5, 4.5)
    image = Image.fromarray(np.clip(x, 0, 255).astype(np.uint8))
    small = image.resize((max(8, int(width / factor)), max(8, int(height / factor))), Image.Resampling.BOX)
    how = Image.Resampling(
        int(rng.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST]))
    )
    return np.asarray(small.resize((width, height), how), np.float32)


def grain(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Film grain: noise of one to three pixels, the same in all colours or not."""
    shape = x.shape[:2] + ((3,) if rng.random() < 0.3 else (1,))
    noise = rng.standard_normal(shape, dtype=np.float32)
    if rng.random() < 0.5:
        noise = ndimage.uniform_filter(noise, (2, 2, 1)) * 2
    return x + noise * rng.uniform(2, 22)


def scratch(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Straight scratches and folds, bright or dark, and specks of dust."""
    rows, columns = np.mgrid[: x.shape[0], : x.shape[1]].astype(np.float32)
    x = x.copy()
    for _ in range(rng.integers(1, 6)):
        angle, through = rng.uniform(0, np.pi), rng.uniform(0, x.shape[0], 2)
        distance = np.abs((columns - through[0]) * np.sin(angle) - (rows - through[1]) * np.cos(angle))
        line = np.clip(rng.uniform(0.6, 2.5) - distance, 0, 1)[..., None]
        x += line * (rng.choice([0.0, 255.0], p=[0.3, 0.7]) - x) * rng.uniform(0.4, 1.0)
    specks = ndimage.uniform_filter((rng.random(x.shape[:2]) < 0.0008).astype(np.float32), 3) * 9
    return x + np.clip(specks, 0, 1)[..., None] * (rng.choice([0.0, 255.0]) - x)


def cover(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Something in front: a flat or noisy patch over a part of the picture."""
    rows, columns = np.mgrid[: x.shape[0], : x.shape[1]].astype(np.float32)
    centre, radius = rng.uniform(0, x.shape[0], 2), rng.uniform(0.06, 0.22, 2) * x.shape[0]
    power = rng.choice([2, 8])
    inside = ((np.abs(columns - centre[0]) / radius[0]) ** power + (np.abs(rows - centre[1]) / radius[1]) ** power < 1)[
        ..., None
    ]
    patch = rng.uniform(0, 255, 3) + rng.standard_normal(x.shape).astype(np.float32) * rng.uniform(0, 25)
    return np.where(inside, patch, x)


def shade(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Light from one side, or a vignette."""
    rows, columns = np.mgrid[-1 : 1 : x.shape[0] * 1j, -1 : 1 : x.shape[1] * 1j].astype(np.float32)
    slope = rng.normal(0, 0.3, 2)
    return x * (1 + slope[0] * columns + slope[1] * rows - rng.uniform(0, 0.3) * (columns**2 + rows**2))[..., None]


def compress(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """JPEG of low quality."""
    file = io.BytesIO()
    Image.fromarray(np.clip(x, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=int(rng.integers(8, 60)))
    return np.asarray(Image.open(file), np.float32)


_WEAR = (
    (0.7, tone),
    (0.35, drain),
    (0.2, shade),
    (0.1, cover),
    (0.25, soften),
    (0.2, shrink),
    (0.12, scratch),
    (0.45, grain),
    (0.2, compress),
)
