"""Where the inside of a mouth is: the arch of the teeth in the head, and how the picture's pixels lie on it.

Conventions: points (478, 3) are scan pixels; head coordinates have the outer eye corners 1 apart, x right, y down, z
away. A head pose has rotation (3, 3), scale and offset (3,): pixels = scale * rotation @ head + offset. Along the lips
is s, across them t, both in head coordinates from the middle of the lips.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from animate.compose import teeth
from animate.compose.mouth_opening import MouthMesh
from animate.core.numerics import smoothstep

BEHIND = 0.035  # the upper teeth lie behind the lip


class Pose(Protocol):
    """Where a head is."""

    @property
    def rotation(self) -> np.ndarray: ...

    @property
    def scale(self) -> np.ndarray: ...

    @property
    def offset(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class PosedFace:
    """A face in a photograph.

    Attributes:
        pixels: the photograph (H, W, 3) uint8 RGB.
        points: the face (478, 3) in it.
        shape: that face (478, 3) in head coordinates.
        still: takes `shape` to `points`.
    """

    pixels: np.ndarray
    points: np.ndarray
    shape: np.ndarray
    still: Pose


class MouthFrame:
    """The axes of one face's mouth and the arch behind its lips."""

    def __init__(self, face: PosedFace, mesh: MouthMesh):
        shape = face.shape
        ring = shape[[*mesh.corners, *mesh.upper, *mesh.lower]]
        way = shape[mesh.corners[1]] - shape[mesh.corners[0]]
        self.mesh, self.unit = mesh, float(face.still.scale)
        self.width = max(float(np.linalg.norm(way)), 1e-6)
        self.axis = way[:2] / max(float(np.hypot(*way[:2])), 1e-6)
        self.centre, self.jaw = ring[:, :2].mean(0), shape[list(mesh.jaw)].mean(0)
        half = len(mesh.upper) // 2
        self.front = float(shape[mesh.upper[half], 2]) + BEHIND
        middle = shape[[mesh.upper[half], mesh.lower[half]], :2]
        self.line = (middle - self.centre) @ np.array([-self.axis[1], self.axis[0]])  # t of upper and lower lip

    def on_arch(self, x: np.ndarray, y: np.ndarray, head: Pose) -> np.ndarray:
        """Where the lines of sight through pixels meet the arch, in head coordinates (3, h, w)."""
        turn = head.rotation
        p, q = (x - head.offset[0]) / head.scale, (y - head.offset[1]) / head.scale
        z = np.full(x.shape, self.front)
        for _ in range(4):
            r = (z - turn[0, 2] * p - turn[1, 2] * q) / turn[2, 2]
            at = np.stack([turn[0, k] * p + turn[1, k] * q + turn[2, k] * r for k in (0, 1)])
            z = self.front + teeth.sagitta(self.across(at)[0])
        return np.stack([*at, z])

    def across(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(s, t) of head coordinates (2 or 3, ...)."""
        dx, dy = at[0] - self.centre[0], at[1] - self.centre[1]
        return self.axis[0] * dx + self.axis[1] * dy, self.axis[0] * dy - self.axis[1] * dx

    def width_of(self, driven: np.ndarray, head: Pose) -> float:
        """Width of the lips of driven points, in outer-eye distances."""
        ends = driven[list(self.mesh.corners)]
        return float(np.linalg.norm(ends[1] - ends[0]) / float(head.scale))

    def jaw_drop(self, driven: np.ndarray, head: Pose) -> float:
        """How much lower the jaw of driven points is than the photograph's, in outer-eye distances; no less than 0."""
        jaw = (driven[list(self.mesh.jaw)].mean(0) - head.offset) @ head.rotation / head.scale
        return max(float(jaw[1] - self.jaw[1]), 0.0)

    def drawn_out(self, at: np.ndarray, s: np.ndarray, width: float) -> np.ndarray:
        """Head coordinates of own teeth of a mouth that is `width` wide: its outer ones follow the corners outwards."""
        narrower = np.clip(self.width / width, 0.7, 1.0) - 1
        shift = s * narrower * smoothstep(np.abs(s) / (0.5 * width))
        return np.stack([at[0] + self.axis[0] * shift, at[1] + self.axis[1] * shift, at[2]])
