"""Grey close-ups of a face kept small in memory until they are needed again."""

from __future__ import annotations

import numpy as np

from animate.faces.optical_flow import grey

QUALITY = 95  # JPEG's: some 10 kB a close-up of 256 pixels


def encode(picture: np.ndarray) -> bytes:
    """A picture (n, n, 3) RGB uint8, encoded in grey."""
    import cv2

    return cv2.imencode(".jpg", grey(picture), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def decode(data: bytes) -> np.ndarray:
    """The picture (n, n) uint8 that `encode` made `data` of."""
    import cv2

    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
