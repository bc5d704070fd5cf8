"""The bundled gestures: what was measured in recordings, put together in time so that each begins and ends at rest.

Conventions: 25 frames a second; otherwise those of gesture_plans.py. Run once when the recordings change:
python -m animate.train.gestures DATA LABELS
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.types import Motion
from animate.motion import gesture_file, mesh, pose
from animate.train import shapes
from animate.train.gesture_plans import PLANS, Plan
from animate.train.shapes import FPS, Labels, Shape


@dataclass(frozen=True, eq=False)
class Pieces:
    """Everything measured: shapes at full strength and the course of a blink, each with the clips it came from."""

    smile: Shape
    surprise: Shape
    lid_skin: Shape
    blink: np.ndarray
    clips: dict[str, list[str]]


def compose(plan: Plan, pieces: Pieces, sway: Motion) -> Motion:
    """The gesture's motion; its first and last frame are exactly neutral."""
    t = np.arange(len(sway)) / FPS
    closed = _blink_course(t, plan.blinks, pieces.blink)
    layers = ((pieces.smile, plan.smile(t)), (pieces.surprise, plan.surprise(t)), (pieces.lid_skin, closed))
    expression = sum(course[:, None, None] * shape.expression for shape, course in layers)
    lids = sum(course[:, None] * shape.lids for shape, course in layers)
    motion = Motion(
        rotation=pose.rotation_matrix(pose.rotation_vector(sway.rotation) + np.radians(plan.turn(t))),
        scale=sway.scale * (1 + plan.near(t)),
        translation=sway.translation,
        expression=np.asarray(expression, np.float32),
        lids=lids + (1 - lids) * closed[:, None],
        mouth=sum(course * shape.mouth for shape, course in layers),
        gaze=sway.gaze + plan.gaze(t)[:, None],
        fps=FPS,
    )
    return _check_rest(plan.name, motion)


def measure(labels: Labels) -> Pieces:
    """All pieces, from the teacher's labels."""
    smile, smilers = shapes.smile(labels)
    surprise, surprised = shapes.surprise(labels)
    course, skin, blinkers = shapes.blink(labels)
    return Pieces(smile, surprise, skin, course, {"smile": smilers, "surprise": surprised, "blink": blinkers})


def make(labels: Labels, folder: Path) -> list[Path]:
    """Write every bundled gesture into `folder`."""
    pieces = measure(labels)
    written = []
    for rank, plan in enumerate(PLANS):
        name, start = plan.calm
        motion = compose(plan, pieces, shapes.sway(labels, name, start, round(plan.seconds * FPS)))
        credit, licence = _credits(labels, plan, pieces)
        written.append(
            gesture_file.save_gesture(
                folder / f"{plan.name}{gesture_file.SUFFIX}",
                motion,
                name=plan.name,
                title=plan.title,
                description=plan.description,
                credit=credit,
                licence=licence,
                rank=rank,
            )
        )
    return written


def make_mesh(labels: Labels, path: Path, template: np.ndarray) -> Path:
    """Write the mesh file from the training split; `template` (5, 2) is where the five points of a crop lie."""
    recordings = [points for points in map(labels.points, labels.videos()) if len(points) >= 45]
    faces = np.concatenate([points[::10] for points in recordings])
    arrays = mesh.derive(mesh.average(faces, template))
    jaw = mesh.jaw((points[::3] for points in recordings), arrays["mean"], arrays["mirror"])
    np.savez_compressed(path, **arrays, jaw=jaw)
    return path


def _blink_course(t: np.ndarray, starts: tuple[float, ...], course: np.ndarray) -> np.ndarray:
    closed = np.zeros(len(t))
    for start in starts:
        first = round(start * FPS)
        closed[first : first + len(course)] = np.maximum(closed[first : first + len(course)], course[: len(t) - first])
    return closed


def _credits(labels: Labels, plan: Plan, pieces: Pieces) -> tuple[str, str]:
    """Repositories and licences of the recordings that a gesture's pieces came from."""
    used = [plan.calm[0], *pieces.clips["blink"]]
    used += [clip for part in ("smile", "surprise") if _moves(plan, part) for clip in pieces.clips[part]]
    rows = [row for row in labels.rows() if row["name"] in set(used)]
    return ", ".join(sorted({row["repo"] for row in rows})), ", ".join(sorted({row["licence"] for row in rows}))


def _moves(plan: Plan, part: str) -> bool:
    return bool(np.any(getattr(plan, part)(np.linspace(0, plan.seconds, 100))))


def _check_rest(name: str, motion: Motion) -> Motion:
    for frame in (0, -1):
        rest = (
            motion.rotation[frame] - np.eye(3),
            motion.scale[frame] - 1,
            motion.translation[frame],
            motion.expression[frame],
            motion.lids[frame],
            motion.mouth[frame],
            motion.gaze[frame],
        )
        if max(float(np.abs(part).max()) for part in rest) > 1e-6:
            raise ValueError(f"{name} does not begin and end at rest")
    return motion


if __name__ == "__main__":
    make(Labels(Path(sys.argv[1]), Path(sys.argv[2])), Path(__file__).parents[1] / "assets" / "cards")
