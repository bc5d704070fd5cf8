"""A photograph as a small JPEG, complete or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from animate.core.files import replacing
from animate.photo.preview import preview

QUALITY = 82


def write_thumbnail(path: str | Path, pixels: np.ndarray, longest: int) -> Path:
    """Write pixels (H, W, 3) uint8 with no side over `longest`, over what is there.

    Raises:
        OSError: when it cannot be written.
    """
    from PIL import Image

    with replacing(path) as part:
        Image.fromarray(preview(pixels, longest)).save(part, "JPEG", quality=QUALITY)
    return Path(path)
