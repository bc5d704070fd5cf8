"""A photograph at another size: shrunk to a longest side, never enlarged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from animate.core.types import Photo


def shrink(photo: Photo, longest: int) -> Photo:
    """`photo` with no side over `longest` pixels, by Lanczos; itself if it is small enough."""
    from PIL import Image

    ratio = longest / max(photo.width, photo.height)
    if ratio >= 1:
        return photo
    size = max(1, round(photo.width * ratio)), max(1, round(photo.height * ratio))
    pixels = np.asarray(Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    return replace(
        photo,
        pixels=pixels,
        notes=(*photo.notes, f"shrunk from {photo.width} x {photo.height} to {size[0]} x {size[1]}"),
    )


def resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Pixels (H, W, 3) at another size, by Lanczos' kernel."""
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def resize(photo: Photo, factor: float) -> Photo:
    """`photo` with both sides `factor` times as long, by Lanczos' kernel; itself for 1."""
    from PIL import Image

    if factor == 1:
        return photo
    size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
    pixels = np.asarray(Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    note = f"{'enlarged' if factor > 1 else 'shrunk'} {max(factor, 1 / factor):.2g} times"
    return replace(photo, pixels=pixels, notes=(*photo.notes, note))
