"""Held-out clips played from a frame in which the head is far from where it goes: what large movements do to a picture.

Conventions: those of self_reenactment.py and layers.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.evaluate import layers, metrics, models
from animate.evaluate.self_reenactment import ClipCase, Method, Teach, akd, clip_case, clip_rows, tracked
from animate.motion import landmarks, pose

TURN, SHIFT = 15.0, 0.25  # degrees and heights of the face: heads that differ by more are far from each other
FARTHEST = 35 / 15  # times as far: more is beyond what a photograph can follow (and mostly a camera that moves)
STEP = 5  # frames of a clip from one that is considered to the next
PERSON = 0.5  # opacity from which on a pixel is somebody's


@dataclass(frozen=True, eq=False)
class FarCase:
    """A clip's case, and where its person is in each true frame: (T, H, W) bool."""

    clip: ClipCase
    people: np.ndarray


def cases(data: Path, *, most: int = 0, frames: int = 5) -> list[FarCase]:
    """A case for each real held-out clip with far pairs (`most` of them, 0 for all): up to `frames` of its frames."""
    found = []
    for row in clip_rows(data):
        chosen = far_frames(tracked(data, row), frames)
        if len(chosen) > 1:
            clip = clip_case(data, row, chosen)
            found.append(FarCase(clip, people(clip.truth, clip.driven)))
        if len(found) == most > 0:
            break
    return found


def far_frames(meshes: np.ndarray, most: int) -> np.ndarray:
    """A source frame, then up to `most` frames whose heads are far from it, spread evenly over all such frames.

    Args:
        meshes: (T, 478, 3), NaN without a face.
        most: how many frames there may be besides the source.

    Returns:
        Indices of frames. Of the two frames that differ most, but not too much, the source is the one that faces the
        camera more.
    """
    known = np.flatnonzero(np.isfinite(meshes).all((1, 2)))[::STEP]
    if len(known) < 2:
        return known
    away = distances(meshes[known])
    away[away > FARTHEST] = 0
    first, second = np.unravel_index(away.argmax(), away.shape)
    source = min((int(first), int(second)), key=lambda index: _turned(meshes[known[index]]))
    far = np.flatnonzero(away[source] > 1)
    chosen = np.unique(np.linspace(0, len(far) - 1, min(most, len(far))).round().astype(int))
    return known[np.concatenate([[source], far[chosen]])]


def _turned(mesh: np.ndarray) -> float:
    """How far a head is turned away from the camera: least for a front view."""
    return -float(pose.canonical(mesh)[0].rotation[2, 2])


def distances(meshes: np.ndarray) -> np.ndarray:
    """How far the heads of T meshes are from each other: (T, T), above 1 for a far pair."""
    turns = np.stack([pose.canonical(mesh)[0].rotation for mesh in meshes])
    cosine = (np.einsum("aij,bij->ab", turns, turns) - 1) / 2
    angles = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    face = meshes[:, : landmarks.SURFACE, :2]
    middles, height = face.mean(1), np.ptp(face[..., 1], axis=1).mean()
    shifts = np.linalg.norm(middles[:, None] - middles[None], axis=-1) / height
    return np.maximum(angles / TURN, shifts / SHIFT)


def people(frames: np.ndarray, meshes: np.ndarray) -> np.ndarray:
    """Where the person with these meshes is in each frame: (T, H, W) bool."""
    network = models.bundled().matte
    pairs = zip(frames, meshes, strict=True)
    return np.stack([layers.matte_of(frame, [mesh], network) > PERSON for frame, mesh in pairs])


def measure(found: Sequence[FarCase], method: Method, teach: Teach | None) -> dict[str, float]:
    """Means over the cases: L1 over the frame and over the face, AKD (NaN without a teacher), matte IoU, reach and
    follow; stillness of the median case and of the worst frame of all."""
    rows = [_measured(case, method, teach) for case in found]
    median = float(np.nanmedian([row["moved_median"] for row in rows]))
    worst = float(np.nanmax([row["moved_worst"] for row in rows]))
    return metrics.means(rows) | {"moved_median": median, "moved_worst": worst}


def _measured(case: FarCase, method: Method, teach: Teach | None) -> dict[str, float]:
    clip = case.clip
    outputs = np.stack(list(method.render(clip.photo, clip.source, clip.driven_for(method.uses_pixels))))
    mattes = people(outputs, clip.driven)
    rows = [
        {
            "l1": metrics.l1(output, truth),
            "face_l1": metrics.l1(output, truth, metrics.face_region(mesh, truth.shape)),
            "akd": akd(output, truth, teach),
            "matte_iou": metrics.overlap(ours, true),
        }
        for output, truth, mesh, ours, true in zip(outputs, clip.truth, clip.driven, mattes, case.people, strict=True)
    ]
    driver = layers.ways(np.concatenate([clip.source[None], clip.driven]))
    return metrics.means(rows) | layers.measure(clip.photo, outputs, [clip.source], driver, from_rest=True)
