"""Where heads and bodies are expected from face meshes alone: the ellipse of a skull, the neck, the trunk below it.

Conventions: points are scan pixels, x right, y down, z away; a mesh is (478, 3) as the MediaPipe Face Mesh numbers it.
A head's own frame is upright, its unit the distance of the outer eye corners, its origin amid forehead and temples (the
frame of the pose of the motion room). The trunk is measured in the same unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from animate.core.numerics import smoothstep

OUTER_EYES, FOREHEAD, CHIN, SURFACE = (33, 263), 10, 152, 468
EYES_AT = np.array((0.0, 0.112, -0.067))  # middle of the outer eye corners in a head's own frame
LEAN = np.radians(4.2)  # the line from forehead to chin leans so far out of that frame's y axis
CENTRE, RADII = np.array((0.0, -0.2, 0.75)), np.array((0.92, 1.25, 1.0))  # the ellipsoid of a head with its hair
PIVOT = np.array((0.0, 1.25, 0.55))  # where a head turns upon its neck
BRIM = 2.6, 3.8  # half widths that a hat has at most, and where nothing goes along with the head any more
HAIR, SHOULDERS, SLOPE = 1.1, 2.0, 1.6  # half widths where hair hangs, and of the trunk; how fast it widens


@dataclass(frozen=True, eq=False)
class Head:
    """One head in the picture: p = scale * rotation @ h + offset; all arrays float64.

    `outline` (468, 2) is the mesh, `down` (2,) the unit direction in which its body is expected, `up` (2, 2) turns
    the picture so that the head stands upright, `lift` is how much higher than usual the shoulders to the left and to
    the right begin, in eye distances.
    """

    rotation: np.ndarray
    scale: float
    offset: np.ndarray
    outline: np.ndarray
    chin: np.ndarray
    down: np.ndarray
    up: np.ndarray
    lift: tuple[float, float] = (0.0, 0.0)

    def at(self, place: np.ndarray) -> np.ndarray:
        """The picture point (2,) of a place (3,) in the head's frame."""
        return (self.scale * self.rotation @ place + self.offset)[:2]

    @property
    def middle(self) -> np.ndarray:
        """Centre (2,) of the ellipse that the head's ellipsoid shows."""
        return self.at(CENTRE)

    @property
    def area(self) -> float:
        """Area of that ellipse in pixels."""
        plane = self.scale * self.rotation[:2]
        return float(np.pi * np.sqrt(np.linalg.det(plane * RADII**2 @ plane.T)))

    def face(self, size: float = 1.0) -> np.ndarray:
        """The face's convex outline (N, 2), enlarged about its middle."""
        hull = cv2.convexHull(self.outline.astype(np.float32))[:, 0].astype(float)
        middle = hull.mean(0)
        return middle + size * (hull - middle)

    def ellipse(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Distance from `middle` in radii of the ellipsoid's outline: 1 on it. x, y broadcast; float32.

        Under weak perspective an ellipsoid of radii r shows the ellipse q' (P diag(r^2) P')^-1 q = 1, P the upper two
        rows of scale * rotation.
        """
        plane = self.scale * self.rotation[:2]
        (a, b), (_, c) = np.linalg.inv(plane * RADII**2 @ plane.T)
        middle = self.middle.astype(np.float32)
        dx, dy = np.subtract(x, middle[0], dtype=np.float32), np.subtract(y, middle[1], dtype=np.float32)
        return np.sqrt(np.float32(a) * dx * dx + np.float32(2 * b) * dx * dy + np.float32(c) * dy * dy)

    def upright(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions from the chin along the head's own axes in the picture, (right, down), in eye distances."""
        dx, dy = x - self.chin[0], y - self.chin[1]
        return tuple((row[0] * dx + row[1] * dy) / self.scale for row in self.up)

    def trunk(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far (aside, below) positions lie from the neck's foot, along and across `down`, in eye distances."""
        foot = self.at(PIVOT)
        dx, dy = x - foot[0], y - foot[1]
        (right, down), unit = self.down, self.scale
        return (dx * down - dy * right) / unit, (dx * right + dy * down) / unit

    def hair(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Where long hair may hang beside face and neck: float32, 0 beyond, falling with the distance aside."""
        aside, below = self.trunk(x, y)
        beside = np.clip(np.minimum(below + 1.5, 0.8 - below) / 0.3, 0, 1)
        return (2.5 * np.maximum(1.9 - np.abs(aside), 0) * beside).astype(np.float32)

    def headness(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far in 0..1 positions move with the head: 1 above the chin, 0 from the foot of the neck on, and farther
        aside than hats reach; beside the head the shoulders begin a little higher. Smooth, so that long hair hangs on
        both. float32."""
        across, down = self.upright(x, y)
        lift = np.where(across < 0, *self.lift)
        near = np.minimum(lift / 0.6, 1)  # the higher shoulders begin, the closer to the jaw they do
        beside = smoothstep((np.abs(across) - 0.9 + 0.25 * near) / (0.9 - 0.5 * near))
        above = 1 - smoothstep((down + 0.15 + (0.45 + lift) * beside) / (0.75 - 0.1 * beside))
        return (above * (1 - smoothstep(np.abs(across), *BRIM))).astype(np.float32)

    def away(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far outside the expected head and body positions lie, in eye distances, 0 within: float32."""
        head = (self.ellipse(x, y) - 1) * RADII[:2].mean()
        aside, below = self.trunk(x, y)
        half = np.clip(HAIR + SLOPE * (below - 0.5), HAIR, SHOULDERS)
        body = np.hypot(np.maximum(np.abs(aside) - half, 0), np.maximum(-1.5 - below, 0))
        return np.maximum(np.minimum(head, body), 0).astype(np.float32)


def head_of(mesh: np.ndarray, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> Head:
    """The head of a mesh (478, 3) in scan pixels, in a picture that is (scan - shift) * scale."""
    points = np.asarray(mesh, float) - np.array((*shift, 0.0))
    points = points * scale
    left, right = points[list(OUTER_EYES)]
    x = right - left
    size = max(float(np.linalg.norm(x)), 1e-6)
    x = x / size
    y = points[CHIN] - points[FOREHEAD]
    y = y - (y @ x) * x
    y = y / max(float(np.linalg.norm(y)), 1e-6)
    z = np.cross(x, y)
    y, z = np.cos(LEAN) * y - np.sin(LEAN) * z, np.cos(LEAN) * z + np.sin(LEAN) * y
    rotation = np.stack([x, y, z], axis=1)
    offset = (left + right) / 2 - size * rotation @ EYES_AT
    roll = np.arctan2(x[1], x[0])
    down = np.array((-np.sin(roll), np.cos(roll))) + np.array((0.0, 1.0))  # bodies of tilted heads are less tilted
    down = np.array((0.0, 1.0)) if np.linalg.norm(down) < 0.2 else down / np.linalg.norm(down)
    up = np.array(((np.cos(roll), np.sin(roll)), (-np.sin(roll), np.cos(roll))))
    return Head(rotation, size, offset, points[:SURFACE, :2], points[CHIN, :2], down, up)


def back_to_front(heads: list[Head]) -> list[int]:
    """Indices, the hindmost first: smaller faces are farther back, but a head before another's trunk is in front.

    Of two of a size that stand shoulder to shoulder the one whose head is lower is in front, or the other's shoulder
    would show. The rules are free of circles, as the head in front always lies lower.
    """
    before = {i: set() for i in range(len(heads))}
    for i, behind in enumerate(heads):
        for j, front in enumerate(heads):
            aside, below = behind.trunk(*front.middle)
            over = abs(aside) < SHOULDERS and 0.3 < below < 6
            lower = _lower(front, behind)
            if i != j and (over or lower):
                before[j].add(i)
    order: list[int] = []
    while len(order) < len(heads):
        left = [i for i in range(len(heads)) if i not in order]
        free = [i for i in left if before[i] <= set(order)] or left
        order.append(min(free, key=lambda i: (heads[i].scale, i)))
    return order


def _lower(one: Head, other: Head) -> bool:
    """Whether one head, of about the other's size and beside it, is clearly lower."""
    unit = (one.scale + other.scale) / 2
    aside, down = (one.middle - other.middle) / unit
    return one.scale > 0.9 * other.scale and abs(aside) < 3.5 and 0.4 < down < 4
