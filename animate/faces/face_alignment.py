"""The second finder: face-alignment's S3FD detector and 68-point network (Bulat & Tzimiropoulos 2017), on the CPU.

Used only where the optional package is installed and both files already lie in torch-hub's cache; nothing is ever
downloaded from here. The library verifies
nothing, so the ten hexadecimal digits in a file's name, by torch-hub's convention the start of its sha256, are checked
before it reads it. Its BlazeFace detector is not offered: those files carry no such digits.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from animate.core.errors import MissingExtra, WeightsDamaged, WeightsError, WeightsMissing
from animate.faces.detections import Detections, join

FILES = ("2DFAN4-11f355bf06.pth.tar", "s3fd-619a316812.pth")

_HINT = "keepsake weights get face-alignment"
# Longest side of the picture that S3FD sees: its time grows with the area (512 x 512: 2.5 s of one core).
_DETECTED = 720
_ALIGNED = 2048  # longest side of the picture that the landmarks are read from
# Eyes, nose tip and mouth corners among the 68.
_PLACES = (range(36, 42), range(42, 48), [30], [48], [54])


def detect(pixels: np.ndarray) -> Detections:
    """Detections in an upright scan (H, W, 3) uint8 RGB, in scan pixels; faces of a 25th of its longest side and more.

    Raises MissingExtra without the package, WeightsMissing or WeightsDamaged if a file is not in torch-hub's cache or
    does not match its name.
    """
    if not _installed():
        raise MissingExtra(
            "the finder face-alignment needs the Python package face-alignment, which is not installed",
            hint="pip install 'keepsake[face-alignment]'",
        )
    for name in FILES:
        check(checkpoints() / name)
    aligner = _aligner()
    small, small_scale = _shrink(pixels, _DETECTED)
    picture, scale = _shrink(pixels, _ALIGNED)
    scored_boxes = np.array(aligner.face_detector.detect_from_image(small.copy()), dtype=np.float64).reshape(-1, 5)
    if not len(scored_boxes):
        return join([])
    boxes = scored_boxes[:, :4] / small_scale
    landmarks = aligner.get_landmarks_from_image(
        picture, detected_faces=list(np.hstack([boxes * scale, scored_boxes[:, 4:]]))
    )
    points = np.stack([[face[list(place)].mean(0) for place in _PLACES] for face in landmarks]) / scale
    return Detections(boxes, scored_boxes[:, 4], points)


def ready() -> bool:
    """Whether the package and all files are there and right, so that `detect` can be called."""
    if not _installed():
        return False
    try:
        for name in FILES:
            check(checkpoints() / name)
    except WeightsError:
        return False
    return True


def checkpoints() -> Path:
    """The folder where torch-hub keeps downloaded files, by the same environment variables as torch reads."""
    cache_home = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", Path(cache_home) / "torch")).expanduser() / "hub" / "checkpoints"


def check(file: Path) -> None:
    """Raises WeightsMissing if the file is not there, WeightsDamaged if its sha256 does not match its name."""
    if not file.is_file():
        raise WeightsMissing(f"the finder face-alignment needs {file.name}, which is not in {file.parent}", hint=_HINT)
    about = file.stat()
    prefix = file.name.split("-")[-1].split(".")[0]
    if not _digest(file, about.st_size, about.st_mtime_ns).startswith(prefix):
        raise WeightsDamaged(f"{file} is not the published file: its sha256 does not start with {prefix}", hint=_HINT)


def _installed() -> bool:
    return "face_alignment" in sys.modules or find_spec("face_alignment") is not None


@cache
def _digest(file: Path, _size: int, _changed: int) -> str:
    """The file's sha256; size and time of change are there so that a changed file is read again."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _aligner():
    import face_alignment

    # compile=True would need a C++ compiler; the default device is cuda
    return face_alignment.FaceAlignment(
        face_alignment.LandmarksType.TWO_D, device="cpu", compile=False, flip_input=False, face_detector="sfd"
    )


def _shrink(pixels: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    import cv2

    scale = min(1.0, longest / max(pixels.shape[:2]))
    if scale == 1.0:
        return pixels, 1.0
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), scale
