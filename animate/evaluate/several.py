"""One picture of a person rebuilt from another, without and with a further one that shows what the first does not.

Three pictures of one held-out person: A, whose lips are closed, whose eyes are open, or whose head faces the camera; B,
which differs from it and is what is to come out; C, another picture like B, from another take where there is one, else
at least APART frames away. B is made of A alone, and of A with C, and both are held against B.

Conventions: those of self_reenactment.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.types import DrivenLandmarks, Keypoints, Photo
from animate.evaluate import alike, metrics, models
from animate.evaluate.self_reenactment import clip_rows, tracked
from animate.faces.crop import crop_from_five, cut
from animate.motion import landmarks, source_choice
from animate.motion.source_choice import FaceState
from animate.pipeline import photometric, portraits
from animate.pipeline.render import Renderer
from animate.pipeline.sources import FaceSources, FurtherFace
from animate.train import distil

APART = 15  # frames of one take between B and C
STEP = 3  # frames from one that is considered to the next
CLOSED_LIPS, OPEN_LIPS = 0.02, 0.06  # outer-eye distances between inner lips
CLOSED_EYE, OPEN_EYE = 0.10, 0.20  # eye widths
FRONT, TURNED = 10.0, 16.0  # degrees between the heads of B and C at most, of A and B at least
KINDS = ("mouth", "eyes", "side")


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame of a clip: pixels, its mesh and its state."""

    pixels: np.ndarray
    points: np.ndarray
    state: FaceState
    clip: str
    frame: int


@dataclass(frozen=True, eq=False)
class Triplet:
    """What one kind of difference is measured on."""

    kind: str
    a: Picture
    b: Picture
    c: Picture


def bench(data: Path, *, most: int = 0) -> dict[str, dict[str, float]]:
    """What a further picture is worth, and how well people are told apart, on the held-out people of `data`.

    Args:
        data: the folder with clips.csv and stills.csv.
        most: how many clips at most, 0 for all.

    Raises:
        TrainingDataMissing: `data` is not that folder.
    """
    return measure(list(triplets(data, most=most))) | alike.measure(data, most=most)


def triplets(data: Path, *, most: int = 0) -> Iterator[Triplet]:
    """Up to one triplet of each kind for every real held-out clip (`most` clips, 0 for all)."""
    rows = clip_rows(data, most)
    pictures = {row.name: _pictures(data, row) for row in rows}
    for row in rows:
        takes = [one for other in rows if other.identity == row.identity for one in pictures[other.name]]
        for kind in KINDS:
            found = _triplet(kind, pictures[row.name], takes)
            if found:
                yield found


def measure(found: Sequence[Triplet]) -> dict[str, dict[str, float]]:
    """For each kind, without and with C: L1 over the openings, over the face and over the region of the kind,
    likeness of the face, unlikeness of the region, and how often C made the region worse by more than a hundredth of
    its error."""
    table: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        rows = [_measured(one) for one in found if one.kind == kind]
        if not rows:
            continue
        for way, name in enumerate(("alone", "with C")):
            table[f"{kind}, {name}"] = metrics.means([pair[way] for pair in rows]) | {"cases": float(len(rows))}
        known = [pair for pair in rows if pair[0]["region_l1"] == pair[0]["region_l1"]]
        worse = [pair[1]["region_l1"] > 1.01 * pair[0]["region_l1"] for pair in known]
        table[f"{kind}, alone"]["worse"], table[f"{kind}, with C"]["worse"] = 0.0, float(np.mean(worse))
    return table


def render(one: Triplet) -> tuple[np.ndarray, np.ndarray]:
    """Picture B made of A alone, and of A with C."""
    frames, points = np.stack([one.a.pixels, one.b.pixels]), np.stack([one.a.points, one.b.points])
    shading = photometric.refine(frames, points, 0)[1]
    driven = DrivenLandmarks(points[1:], shading[1:])  # refined points would follow A's pixels, not B's lips
    photo = Photo(one.a.pixels)
    portrait = portraits.portrait_of(photo, Keypoints(one.a.points))
    other = portraits.portrait_of(Photo(one.c.pixels), Keypoints(one.c.points))
    networks, matte = models.bundled().motion, models.bundled().matte
    renderer = Renderer(photo, [(portrait, driven)], networks=networks, matte=matte)
    alone = renderer.frame(0)
    both = alone.copy()
    FaceSources(photo, portrait, driven, [FurtherFace(1, other)]).draw(both, 0)
    return alone, both


def _measured(one: Triplet) -> list[dict[str, float]]:
    region = _region(one)
    face = metrics.face_region(one.b.points, one.b.pixels.shape)
    openings = metrics.openings_region(one.b.points, one.b.pixels.shape)
    crop = crop_from_five(landmarks.five(one.b.points)[:, :2], size=112, span=3.0)
    truth = cut(one.b.pixels, crop)
    where = cut(np.repeat(region[..., None], 3, -1).astype(np.uint8) * 255, crop)[..., 0] > 127
    return [
        {
            "region_l1": metrics.l1(output, one.b.pixels, region) if region.any() else float("nan"),
            "openings_l1": metrics.l1(output, one.b.pixels, openings) if openings.any() else float("nan"),
            "face_l1": metrics.l1(output, one.b.pixels, face),
            "likeness": metrics.likeness(cut(output, crop), truth),
            "region_unlike": 1 - metrics.likeness(cut(output, crop), truth, where),
        }
        for output in render(one)
    ]


def _region(one: Triplet) -> np.ndarray:
    """Where picture B shows what A does not: between the lips, the eyes with their lids, or the side turned away."""
    shape, points = one.b.pixels.shape, one.b.points
    if one.kind == "mouth":
        return metrics.polygon(points, landmarks.INNER_LIPS, shape)
    if one.kind == "eyes":
        return np.any([_socket(points[list(ring), :2], shape) for ring in landmarks.LIDS], axis=0)
    own, now = one.a.state.facing, one.b.state.facing
    hidden = (now > 0.1) & (now > 1.5 * np.maximum(own, 0.05))
    mesh = [triangle for triangle in landmarks.TRIANGLES if hidden[triangle].all()]
    parts = [metrics.polygon(points, triangle, shape) for triangle in mesh]
    return np.any(parts, axis=0) if parts else np.zeros(shape[:2], bool)


def _socket(ring: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """An eye with the lids that cover it when it is closed: an ellipse (H, W)."""
    (x, y), width = ring.mean(0), float(np.ptp(ring[:, 0]))
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.hypot((columns - x) / (0.6 * width), (rows - y) / (0.35 * width)) < 1


def _pictures(data: Path, row: distil.Row) -> list[Picture]:
    points = tracked(data, row)
    known = np.flatnonzero(np.isfinite(points).all((1, 2)))[::STEP]
    if not len(known):
        return []
    frames = distil.pictures(data, row)
    return [Picture(frames[k], points[k], source_choice.state(points[k]), row.name, int(k)) for k in known]


def _triplet(kind: str, own: Sequence[Picture], takes: Sequence[Picture]) -> Triplet | None:
    """The triplet of a kind whose A and B are of one clip and differ most; None if there is none."""
    if kind == "mouth":
        a = min(own, key=lambda one: one.state.gap, default=None)
        b = max(own, key=lambda one: one.state.gap, default=None)
        if a is None or b is None or a.state.gap > CLOSED_LIPS or b.state.gap < OPEN_LIPS:
            return None
        others = [one for one in takes if one.state.gap > OPEN_LIPS]
        return _closest(kind, a, b, others, lambda one: abs(one.state.gap - b.state.gap))
    if kind == "eyes":
        a = max(own, key=lambda one: one.state.opening.min(), default=None)
        b = min(own, key=lambda one: one.state.opening.max(), default=None)
        if a is None or b is None or a.state.opening.min() < OPEN_EYE or b.state.opening.max() > CLOSED_EYE:
            return None
        others = [one for one in takes if one.state.opening.max() < CLOSED_EYE]
        return _closest(kind, a, b, others, lambda one: float(one.state.opening.max()))
    return _turned(own, takes)


def _turned(own: Sequence[Picture], takes: Sequence[Picture]) -> Triplet | None:
    if len(own) < 2:
        return None
    rotations = np.stack([one.state.rotation for one in own])
    away = source_choice.turned(rotations[:, None], rotations[None])
    first, second = np.unravel_index(away.argmax(), away.shape)
    if away[first, second] < TURNED:
        return None
    a, b = sorted((own[first], own[second]), key=lambda one: -float(one.state.rotation[2, 2]))
    near = [one for one in takes if source_choice.turned(one.state.rotation, b.state.rotation) < FRONT]
    return _closest("side", a, b, near, lambda one: abs(one.state.gap - b.state.gap))


def _closest(kind: str, a: Picture, b: Picture, others, away) -> Triplet | None:
    """The triplet with the closest of `others` to B, of another take if possible, else long before or after B."""
    foreign = [one for one in others if one.clip != b.clip]
    far = [one for one in others if one.clip == b.clip and abs(one.frame - b.frame) >= APART]
    chosen = foreign or far
    return Triplet(kind, a, b, min(chosen, key=away)) if chosen else None
