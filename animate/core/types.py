"""The values that travel between rooms: frozen, numpy, checked when made.

Conventions: pixels are RGB uint8 (H, W, 3), sRGB. Points are float32 (x, y) or (x, y, z) in pixels of the scan unless
stated otherwise; x right, y down, z away from the camera in the unit of x; the centre of the first pixel is (0, 0).
"Left" and "right" are the viewer's: a person's right eye is on the left of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.clip import Clip as Clip
from animate.core.clip import Soundtrack as Soundtrack
from animate.core.clip import Writer as Writer
from animate.core.geometry import MESH_POINTS, SHADING_POINTS
from animate.core.marks import Edit as Edit
from animate.core.marks import FurtherPhoto as FurtherPhoto
from animate.core.marks import Provenance as Provenance
from animate.core.marks import Verdict as Verdict

MESH = "mesh478"  # 468 surface points and 10 iris points, MediaPipe Face Mesh topology
FOMM = "fomm10"  # ten unsupervised keypoints with Jacobians, Siarohin et al. 2019

_POINTS = {MESH: (MESH_POINTS, 3), FOMM: (10, 2)}


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph, upright, without transparency.

    pixels (H, W, 3) uint8; name, sha256 and bytes are those of the file it came from ("" and 0 for an array);
    notes are plain sentences on what reading had to do (turned by EXIF, ICC to sRGB, 16 to 8 bit, ...); edits are the
    changes made to it before it is animated.
    """

    pixels: np.ndarray
    name: str = ""
    sha256: str = ""
    bytes: int = 0
    notes: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        _check_pixels(self.pixels)

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Face:
    """A face as a finder gives it: box (x, y, width, height), score 0..1, five points (5, 2) or None.

    The five points are: eye on the left of the picture, eye on the right, nose tip, left and right corner of the mouth.
    """

    box: tuple[float, float, float, float]
    score: float
    points: np.ndarray | None = None

    def __post_init__(self) -> None:
        if len(self.box) != 4 or min(self.box[2:]) <= 0:
            raise ValueError(f"a box is (x, y, width > 0, height > 0), not {self.box}")
        if self.points is not None:
            _check_shape("points", self.points, (5, 2))


@dataclass(frozen=True, eq=False)
class Crop:
    """An upright square cut: `matrix` (2, 3) takes scan points to crop points; `size` is its side in pixels."""

    matrix: np.ndarray
    size: int

    def __post_init__(self) -> None:
        _check_shape("matrix", self.matrix, (2, 3))

    @property
    def scale(self) -> float:
        """Crop pixels per scan pixel."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def inverse(self) -> np.ndarray:
        """The (2, 3) matrix from crop points back to scan points."""
        linear = np.linalg.inv(self.matrix[:, :2])
        return np.hstack([linear, -linear @ self.matrix[:, 2:]])

    def into(self, points: np.ndarray) -> np.ndarray:
        """Scan points (..., 2 or 3) as crop points; z is scaled with x."""
        return _move(points, self.matrix, self.scale)

    def out(self, points: np.ndarray) -> np.ndarray:
        """Crop points (..., 2 or 3) as scan points; z is scaled with x."""
        return _move(points, self.inverse(), 1.0 / self.scale)


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Keypoints of one face: points of the shape that `kind` names, presence 0..1, Jacobians (10, 2, 2) for FOMM."""

    points: np.ndarray
    kind: str = MESH
    presence: float = 1.0
    jacobians: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.kind not in _POINTS:
            raise ValueError(f"unknown kind of keypoints: {self.kind}")
        _check_shape("points", self.points, _POINTS[self.kind])


@dataclass(frozen=True, eq=False)
class Portrait:
    """One face of a photograph, ready to move: where it is, its upright crop and its keypoints (scan pixels)."""

    photo: Photo
    face: Face
    crop: Crop
    keypoints: Keypoints


@dataclass(frozen=True, eq=False)
class DrivenLandmarks:
    """One face of a photograph in T frames of a movement: its points (T, 478, 3), and the change of light around them
    (T, 487), the logarithm of a brightness over that in the photograph, or None where the movement does not tell."""

    points: np.ndarray
    shading: np.ndarray | None = None

    def __post_init__(self) -> None:
        _check_shape("points", self.points, (len(self.points), MESH_POINTS, 3))
        if self.shading is not None:
            _check_shape("shading", self.shading, (len(self.points), SHADING_POINTS))

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Motion:
    """Movement that belongs to no face: T frames relative to a neutral frame, in units of any face.

    rotation (T, 3, 3)      head turn relative to neutral; column vectors, x right, y down, z away
    scale (T,)              head size over neutral size (moving towards the lens is > 1)
    translation (T, 2)      head shift in inter-ocular distances (outer eye corners) of the neutral frame
    expression (T, 478, 3)  what is left in the head's own frame, in inter-ocular distances; lids, inner mouth and
                            irises excluded
    lids (T, 2)             closing of left and right eye (of the picture): 0 as in neutral, 1 closed, < 0 opened wider
    mouth (T,)              opening: 0 as in neutral, 1 as far as a mouth opens; inner-lip gap
    gaze (T, 2, 2)          shift of each iris relative to its eye's corners, in eye widths (x along them, y across)
    fps                     frames a second
    shading (T, 487)        logarithm of the brightness around each landmark, and between the lips, over neutral, less
                            what changes all over the face; None where it is not known
    parted                  gap of the inner lips in the neutral frame, in outer-eye distances
    """

    rotation: np.ndarray
    scale: np.ndarray
    translation: np.ndarray
    expression: np.ndarray
    lids: np.ndarray
    mouth: np.ndarray
    gaze: np.ndarray
    fps: float
    shading: np.ndarray | None = None
    parted: float = 0.0

    def __post_init__(self) -> None:
        count = len(self.scale)
        for name, shape in (
            ("rotation", (3, 3)),
            ("scale", ()),
            ("translation", (2,)),
            ("expression", (MESH_POINTS, 3)),
            ("lids", (2,)),
            ("mouth", ()),
            ("gaze", (2, 2)),
        ):
            _check_shape(name, getattr(self, name), (count, *shape))
        if self.shading is not None:
            _check_shape("shading", self.shading, (count, SHADING_POINTS))
        if not self.fps > 0:
            raise ValueError(f"fps is above 0, not {self.fps}")

    def __len__(self) -> int:
        return len(self.scale)


@dataclass(frozen=True, eq=False)
class Driver:
    """Where movement comes from: a bundled card or a person's video, already turned into Motion."""

    name: str
    motion: Motion
    video: Path | None = None
    notes: tuple[str, ...] = ()
    mouth: float = 1.0  # how far the lips may part as the movement parts them, 0..1


def _check_pixels(pixels: np.ndarray) -> None:
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape[2:] != (3,) or not pixels.size:
        raise ValueError(
            f"pixels are (H, W, 3) uint8, not {getattr(pixels, 'shape', None)} {getattr(pixels, 'dtype', type(pixels))}"
        )


def _check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if np.shape(array) != shape:
        raise ValueError(f"{name} has shape {np.shape(array)}, expected {shape}")


def _move(points: np.ndarray, matrix: np.ndarray, scale: float) -> np.ndarray:
    moved = points[..., :2] @ matrix[:, :2].T + matrix[:, 2]
    if points.shape[-1] == 3:
        moved = np.concatenate([moved, points[..., 2:] * scale], axis=-1)
    return moved.astype(np.float32)
