"""How a person moves outside the face mesh: hair, hat and ears with the skull, neck and trunk after it.

Conventions: points are scan pixels (K, 2), x right, y down. A pose is (rotation (T, 3, 3), scale (T,), offset (T, 3));
it takes points of the head's own frame (see heads.py) to the picture: p = scale * rotation @ h + offset. Leading axes
are frames. "Relative turn" is the driven rotation over the photograph's: D = R(driven) @ R(photo)', in camera axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from animate.core.numerics import smoothstep
from animate.layers.heads import CENTRE, RADII, Head

FULL, NONE = np.radians(22), np.radians(90)  # places on the skull, from its middle: turn fully, and not any more
PULL, SHARED = 0.3, 0.12  # eye distances: how far the face's rim pulls its surroundings, and over how much of it
# How far, in eye distances for the sine of a turn, the outline of the side that turns to the viewer moves out: heads
# are longer than wide. Measured on 147 pairs of frames, 20 degrees apart, of 70 clips of the training data.
BACK = 0.3
SIDEWAYS = 0.5  # sine of the turn in the photograph from which on ear and back of the head are seen broadside already
FOLLOW = np.array((0.45, 0.25))  # share of the neck's shift that the trunk takes on, across and along
TRUNK = 5.0  # eye distances below the chin where the trunk rests, where the photograph shows so much
STEP = 0.02  # eye distances for differences
REACH = np.full(16, 1.2)  # of an outline that is not known
STEEPEST = 2.0  # largest deviation of an anchor's Jacobian from the identity


@dataclass(frozen=True, eq=False)
class Poses:
    """Head poses: rotation (T, 3, 3), scale (T,), offset (T, 3)."""

    rotation: np.ndarray
    scale: np.ndarray
    offset: np.ndarray

    def at(self, place: np.ndarray) -> np.ndarray:
        """Picture points (T, 2) of a place (3,) of the head's frame."""
        return (self.scale[:, None] * (self.rotation @ place) + self.offset)[:, :2]


class PersonMotion:
    """The motion T(p) of every place p of one person, as a smooth function of the photograph's picture.

    The skull is an ellipsoid. Its outline moves as the outline of an ellipsoid does - it is translated, rolled and
    scaled, but does not turn - while the middle of its visible side turns with the face; in between the angle of the
    turn falls from all to nothing. So hair and ears are compressed where the head turns away and stretched where it
    turns to the viewer, and nothing is torn or uncovered within a head. Below the chin the motion passes over the neck
    into the trunk, which follows the neck's shift by a part and rests at its lower end.
    """

    def __init__(
        self,
        head: Head,
        rest: Poses,
        driven: Poses,
        rim: tuple[np.ndarray, np.ndarray],
        *,
        lower: float,
        reach: np.ndarray = REACH,
    ):
        """One person's motion.

        Args:
            head: of the photograph.
            rest: the head's pose there, one frame.
            driven: its poses in T frames.
            rim: points (N, 2) around the face mesh, and where they are in every frame (T, N, 2); what lies close to
                them goes with them.
            lower: the row where the trunk rests.
            reach: how far out the outline of hair and ears lies in directions all around, see `heads.reach`.
        """
        self.head, self.lower, self.reach = head, lower, reach
        self.scale = driven.scale / rest.scale  # (T,)
        relative = driven.rotation @ rest.rotation[0].T
        twist, swing = _swing_twist(relative)
        self.twist, self.swing = twist[:, :2, :2], swing
        self.middle, self.moved_middle = rest.at(CENTRE)[0], driven.at(CENTRE)
        neck = np.array((0.0, 1.25, 0.55))
        self.shift = driven.at(neck) - rest.at(neck)[0]
        plane = rest.scale[0] * rest.rotation[0]
        self.unit = float(rest.scale[0])
        self.facing = -rest.rotation[0][:2, 2]  # (2,) where the photograph's face looks in its plane: sine of its turn
        self.spread = plane @ np.diag(RADII)  # (3, 3): unit sphere to picture offsets from the middle
        self.rim, moved = rim
        self.pull = moved - self._whole(self.rim)  # (T, N, 2)

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Where `places` (K, 2) are in every frame: (T, K, 2)."""
        return self._whole(places) + self._pulled(places)

    def _whole(self, places: np.ndarray) -> np.ndarray:
        """The same without regard to the face mesh."""
        skull, trunk = self._skull(places), self._trunk(places)
        headness = self.head.headness(*places.T)
        return trunk + headness[:, None] * (skull - trunk)

    def _pulled(self, places: np.ndarray) -> np.ndarray:
        """How far the face's rim pulls places along with it: (T, K, 2); all the way at the rim, less and less away."""
        away = np.linalg.norm(places[:, None] - self.rim, axis=-1) / self.unit  # (K, N)
        near = away.min(1, keepdims=True)
        weight = np.exp(-(away**2 - near**2) / (2 * SHARED**2))
        weight *= np.exp(-0.5 * (near / PULL) ** 2) / weight.sum(1, keepdims=True)
        return np.matmul(weight, self.pull)

    def _skull(self, places: np.ndarray) -> np.ndarray:
        offset = places - self.middle
        depth, softened, angle = self._lifted(offset)
        offset = np.einsum("tij,kj->tki", self.twist, offset)  # rolled
        front = np.cross(self.swing, (0.0, 0.0, -1.0))[:, :2]  # where the front of the skull goes
        front /= np.maximum(np.linalg.norm(front, axis=-1, keepdims=True), 1e-9)
        outer = smoothstep(angle, FULL, NONE)  # 0 in the middle, 1 on the outline
        behind = _behind(offset, front)
        coming = outer * behind
        lifted = depth + behind * (softened - depth)
        vector = np.concatenate([offset, lifted[..., None]], -1)
        turned = _turned(vector, self.swing, 1 - outer + coming)[..., :2]
        already = smoothstep(front @ self.facing / SIDEWAYS)
        back = BACK * (1 - already) * self.unit * np.sin(np.linalg.norm(self.swing, axis=-1))
        turned -= (back[:, None] * coming)[..., None] * front[:, None]
        return self.moved_middle[:, None] + self.scale[:, None, None] * turned

    def _lifted(self, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Depth (K,) of the skull's front behind its middle (negative is nearer), the same where that turns to the
        viewer, and the angle (K,) of each place from its middle: 90 degrees on the outline and beyond.

        Where it turns to the viewer the ellipsoid ends in its tangent cone, whose tip is as far out as the outline of
        hair and ears: an edge of a ball would be drawn out without bounds.
        """
        plane = self.spread @ self.spread.T
        a, b, c = plane[:2, :2], plane[:2, 2], plane[2, 2]
        inverse = np.linalg.inv(a)
        radius2 = np.einsum("ki,ij,kj->k", offset, inverse, offset)
        mean = offset @ inverse @ b
        thick = np.sqrt(max(c - b @ inverse @ b, 1e-9))
        radius = np.sqrt(radius2)
        inside = np.sqrt(np.maximum(1 - radius2, 0))
        end = self._reach(offset)
        cone = np.maximum(1 - radius / end, 0) / np.sqrt(1 - 1 / end**2)
        middle = mean * np.minimum(1, 1 / np.maximum(radius, 1e-6))
        softened = np.where(radius < 1 / end, inside, cone)
        return middle - thick * inside, middle - thick * softened, np.arcsin(np.clip(radius, 0, 1))

    def _reach(self, offset: np.ndarray) -> np.ndarray:
        """Radii (K,) of the ellipsoid's outline at which the head's outline lies in the direction of each place."""
        turns = np.arctan2(offset[:, 1], offset[:, 0]) / (2 * np.pi) % 1
        return np.interp(turns, np.linspace(0, 1, len(self.reach) + 1), np.append(self.reach, self.reach[0]))

    def _trunk(self, places: np.ndarray) -> np.ndarray:
        end = min(self.lower, self.head.chin[1] + TRUNK * self.unit)
        height = np.clip((end - places[:, 1]) / max(end - self.head.chin[1], 1.0), 0, 1)
        share = smoothstep(height)[None, :, None] * FOLLOW
        return places + share * self.shift[:, None]


def _behind(offset: np.ndarray, front: np.ndarray) -> np.ndarray:
    """How far (T, K), 0..1, places at an offset (T, K, 2) lie on the side opposite to where the front (T, 2) goes: the
    one that turns to the viewer, where ear and hair come forward with all of the turn."""
    way = offset / np.maximum(np.linalg.norm(offset, axis=-1, keepdims=True), 1e-9)
    return smoothstep(-np.einsum("tki,ti->tk", way, front))


def jacobians(motion: PersonMotion, places: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Driven anchors and local affine motion of places (K, 2).

    Args:
        motion: of the person.
        places: (K, 2) scan pixels.
        step: scan pixels for differences.

    Returns:
        d (T, K, 2), where the anchors are in every frame, and E = J - I (T, K, 2, 2), J = d source / d driven, its
        deviation bounded by STEEPEST so that no anchor folds (Siarohin et al. 2019, eq. 4 uses s + J (z - d)).
    """
    at = motion(places)
    columns = []
    for axis in (0, 1):
        way = np.zeros(2)
        way[axis] = step
        columns.append((motion(places + way) - motion(places - way)) / (2 * step))
    forward = np.stack(columns, -1)  # d driven / d source
    a, b, c, d = forward[..., 0, 0], forward[..., 0, 1], forward[..., 1, 0], forward[..., 1, 1]
    det = a * d - b * c
    det = np.where(np.abs(det) < 0.15, np.where(det < 0, -0.15, 0.15), det)
    inverse = np.stack([d, -b, -c, a], -1).reshape(forward.shape) / det[..., None, None]
    change = inverse - np.eye(2)
    size = np.linalg.norm(change, axis=(-1, -2), keepdims=True)
    bound = np.minimum(1, STEEPEST / np.maximum(size, 1e-9))
    return at, np.where(det[..., None, None] > 0, change * bound, 0)


def _swing_twist(rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (T, 3, 3) as twist (T, 3, 3) about the camera's axis, applied first, and swing (T, 3), axis * angle."""
    quaternion = Rotation.from_matrix(rotation).as_quat()  # x, y, z, w
    twist = quaternion * np.array((0, 0, 1, 1))
    size = np.linalg.norm(twist, axis=-1, keepdims=True)
    twist = np.where(size > 1e-9, twist / np.maximum(size, 1e-9), np.array((0, 0, 0, 1.0)))
    about = Rotation.from_quat(twist)
    swing = Rotation.from_matrix(rotation) * about.inv()
    return about.as_matrix(), swing.as_rotvec()


def _turned(vectors: np.ndarray, swing: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Vectors (T, K, 3) turned by a share (T, K) of each frame's swing (T, 3): Rodrigues' formula, the angle scaled."""
    angle = np.linalg.norm(swing, axis=-1)
    axis = swing / np.maximum(angle, 1e-12)[:, None]
    turn = angle[:, None] * share
    sine, cosine = np.sin(turn)[..., None], np.cos(turn)[..., None]
    axis = np.broadcast_to(axis[:, None], vectors.shape)
    along = (axis * vectors).sum(-1, keepdims=True)
    return vectors * cosine + np.cross(axis, vectors) * sine + axis * along * (1 - cosine)
