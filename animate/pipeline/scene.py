"""One photograph as layers: the persons that move, the plate behind them, and how each body follows its face.

Part of the pipeline: it joins layers, faces, motion and model. Points are scan pixels; a rectangle is (left, top,
right, bottom) in scan pixels, right and bottom excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from animate.core.numerics import Rectangle
from animate.core.types import Crop, DrivenLandmarks, Photo, Portrait
from animate.layers import composite, headwear, outline, people, plate, rims, shoulders, solid
from animate.layers.heads import Head, head_of
from animate.layers.sweep import Sweep, depth_inside, near
from animate.motion import landmarks, pose
from animate.pipeline.blocks import overlap

RIM_STEP, HEAD_STEP, TRUNK_STEP = 0.09, 0.16, 0.34  # eye distances between anchors
RIM = 0.35  # eye distances around a face where they are closest: a turn draws that out farthest
BEYOND = 0.5  # eye distances beyond the matte where there still are anchors
WIDTH = 0.8  # of an anchor's Gaussian, in steps
ALIGNED = 32  # scan pixels: a multiple of the cells in which light and coarse motion are known
FACE_ROOM = 1.2  # times as large as a face is what is not copied of it
PROBES = 14  # frames in which the uncovered background is measured


@dataclass(frozen=True, eq=False)
class Person:
    """Who moves: portrait and driven landmarks, index among the faces of the photograph, motion of everything, anchors
    (K, 2) with spacings (K,), and the rectangle that holds the person in every frame."""

    portrait: Portrait
    driven: DrivenLandmarks
    index: int
    motion: solid.PersonMotion
    anchors: np.ndarray
    spacing: np.ndarray
    rectangle: Rectangle


def persons(
    photo: Photo, cast: Sequence[tuple[Portrait, DrivenLandmarks]], owners: people.People
) -> tuple[Person, ...]:
    """The moving persons of a photograph; `cast` are the first of the faces that `owners` knows."""
    return tuple(person(photo, *part, index, owners.persons[index]) for index, part in enumerate(cast))


def person(photo: Photo, portrait: Portrait, driven: DrivenLandmarks, index: int, owner: people.Person) -> Person:
    """One moving person of a photograph, the owner of a part of its matte."""
    points = portrait.keypoints.points
    still, shape = pose.canonical(points)
    moved = pose.fit_pose(driven.points, shape)
    rest = solid.Poses(still.rotation[None], np.array([still.scale]), still.offset[None])
    poses = solid.Poses(moved.rotation, moved.scale, moved.offset)
    head = head_of(points)
    head = replace(head, lift=shoulders.lift(owner, head))
    left, top, right, bottom = owner.rectangle
    oval = list(landmarks.OVAL)
    rim = points[oval, :2], driven.points[:, oval, :2]
    motion = solid.PersonMotion(head, rest, poses, rim, lower=float(bottom), reach=outline.reach(owner, head))
    anchors, spacing = _anchors(points, owner, head)
    at = motion(anchors)
    low = np.floor(np.minimum(at.min((0, 1)), driven.points[..., :2].min((0, 1)))).astype(int) - 2
    high = np.ceil(np.maximum(at.max((0, 1)), driven.points[..., :2].max((0, 1)))).astype(int) + 3
    low, high = np.minimum(low, (left, top)), np.maximum(high, (right, bottom))
    low, high = np.clip(low, 0, (photo.width, photo.height)), np.clip(high, 0, (photo.width, photo.height))
    low = low // ALIGNED * ALIGNED
    return Person(portrait, driven, index, motion, anchors, spacing, (*low.tolist(), *high.tolist()))


def _anchors(points: np.ndarray, owner: people.Person, head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Anchors (K, 2) on and a little around a person's part of the matte, outside the face, and their spacings (K,)."""
    unit = head.scale
    outline = points[: landmarks.SURFACE, :2]
    left, top, right, bottom = owner.rectangle
    pad = BEYOND * unit
    anchors, spacings = [], []
    for step, part in ((RIM_STEP * unit, 2), (HEAD_STEP * unit, 1), (TRUNK_STEP * unit, 0)):
        x = np.arange(left - pad, right + pad + step, step)
        y = np.arange(top - pad, bottom + pad + step, step)
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
        outside = -depth_inside(grid, outline)
        kind = (head.headness(*grid.T) > 0) * (1 + (outside < RIM * unit))
        grid = grid[(kind == part) & (outside > 0.3 * step) & near(owner, grid, pad)]
        anchors.append(grid)
        spacings.append(np.full(len(grid), step))
    return np.concatenate(anchors), np.concatenate(spacings)


def probes(ways: np.ndarray, count: int = PROBES) -> list[int]:
    """Frames that stand for a movement, `count` at most: whose ways (T, K, 2) from rest are as unlike as can be.

    Each is the one farthest from those chosen before; lengths count by their root, as small movements to another side
    uncover something else.
    """
    flat = ways.reshape(len(ways), -1)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = flat / np.sqrt(np.maximum(length, 1e-9))
    away = length[:, 0]
    chosen: list[int] = []
    while len(chosen) < count and away.max() > 0:
        chosen.append(int(away.argmax()))
        new = np.linalg.norm(flat - flat[chosen[-1]], axis=1)
        away = new if len(chosen) == 1 else np.minimum(away, new)
    return chosen or [0]


def corners(crop: Crop, rectangle: Rectangle) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest crop point (2,) of a rectangle of the scan."""
    left, top, right, bottom = rectangle
    corners = crop.into(np.array([[left, top], [right, top], [left, bottom], [right, bottom]], np.float32))
    return corners.min(0), corners.max(0)


def anchors_in(person: Person, crop: Crop) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places, driven places, changes and widths of a person's anchors in crop pixels, as Surroundings takes them."""
    at, change = solid.jacobians(person.motion, person.anchors, 0.02 * person.motion.unit)
    turn = crop.matrix[:, :2]
    change = turn @ change @ np.linalg.inv(turn)
    return crop.into(person.anchors), crop.into(at), change, WIDTH * person.spacing * crop.scale


def background(
    photo: Photo,
    owners: people.People,
    moving: Sequence[Person],
    swept: Sequence[tuple[Rectangle, Sweep]],
) -> np.ndarray:
    """The plate: the photograph, painted where a movement uncovers what is behind a person.

    Args:
        photo: the photograph.
        owners: who owns which pixel.
        moving: the persons that move.
        swept: rectangle of each of them, and what its movement touches.

    Returns:
        (H, W, 3) uint8; where nothing is uncovered it equals the photograph.
    """
    uncovered, hidden = np.zeros((2, photo.height, photo.width), bool)
    for person in moving:
        left, top, right, bottom = owners.persons[person.index].rectangle
        hidden[top:bottom, left:right] |= owners.persons[person.index].alpha > plate.LEAST
    for (left, top, right, bottom), touched in swept:
        uncovered[top:bottom, left:right] |= touched.uncovered
    unit = float(np.mean([person.motion.unit for person in moving]))
    painted = plate.paint(photo.pixels, hidden, uncovered, unit, _faces_at_rest(photo, owners, moving))
    for person in moving:
        rectangle = owners.persons[person.index].rectangle
        rims.share_out(photo.pixels, painted, owners.opacity(person.index), rectangle, unit)
    return painted


def _faces_at_rest(photo: Photo, owners: people.People, moving: Sequence[Person]) -> np.ndarray | None:
    """(H, W) bool: faces of those who do not move; None if all do. Copied behind somebody they would look out there."""
    moved = {person.index for person in moving}
    rings = [head.face(FACE_ROOM) for k, head in enumerate(owners.heads) if k not in moved]
    return headwear.outlined((photo.height, photo.width), rings) > 0 if rings else None


def stack(
    photo: Photo,
    behind: np.ndarray,
    owners: people.People,
    moving: Sequence[Person],
    places: dict[int, Rectangle],
) -> Iterator[composite.Layer]:
    """The layers of everyone who moves, in their `places`, and of those in front of them, back to front."""
    wanted = {person.index for person in moving}
    lowest = min((owners.order.index(person.index) for person in moving), default=0)
    rectangles = [person.rectangle for person in moving]
    for k in owners.order[lowest:]:
        if k not in wanted and any(overlap(owners.persons[k].rectangle, other) for other in rectangles):
            wanted.add(k)
    if (owners.unowned > people.PRESENT).any():
        wanted.add(-1)
    return composite.layers(photo.pixels, behind, owners, wanted, places)
