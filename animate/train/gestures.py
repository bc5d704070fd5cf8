"""The bundled gestures: what was measured in recordings, put together in time so that each begins and ends at rest.

Conventions: 25 frames a second; otherwise those of gesture_plans.py. Run once when the recordings change:
python -m animate.train.gestures DATA LABELS [MESH.npz], with MESH.npz for the mesh file alone
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.types import Motion
from animate.motion import gesture_file, mesh, pose
from animate.train import head_motion, shapes
from animate.train.gesture_plans import PLANS, Movements, Plan
from animate.train.shapes import FPS, Labels, Shape

EYE = 0.4  # radius of an eyeball in eye widths: how far the iris goes for a turn of the eye of 90 degrees
BREATHS, BREATH = 0.25, 0.03  # breaths a second, and how far each lifts the neck, in eye distances
WINKING = 1  # the eye to the picture's right: the nearer one after a turn to the left


@dataclass(frozen=True, eq=False)
class Pieces:
    """Everything measured: shapes at full strength, the courses of a blink and of a turn; the clips each came from."""

    smile: Shape
    laugh: Shape
    surprise: Shape
    lid_skin: Shape
    blink: np.ndarray
    turn: head_motion.Turn
    clips: dict[str, list[str]]


def least_jerk(part: np.ndarray) -> np.ndarray:
    """0 -> 1 with the least jerk (Flash and Hogan 1985), as the face moves; `part` is time over the rise."""
    part = np.clip(part, 0, 1)
    return part**3 * (10 - 15 * part + 6 * part**2)


def sum_of(movements: Movements, t: np.ndarray, course=least_jerk) -> np.ndarray:
    """The movements one over the other at times t (T,): each goes 0 -> amount -> 0 on `course`."""
    total = np.zeros(len(t))
    for amount, start, rise, hold, fall in movements:
        total += amount * (course((t - start) / rise) - course((t - start - rise - hold) / fall))
    return total


def compose(plan: Plan, pieces: Pieces, sway: Motion) -> Motion:
    """The gesture's motion; its first and last frame are exactly neutral."""
    t = np.arange(len(sway)) / FPS
    closed = _blink_course(t, plan.blinks, pieces.blink)
    wink = sum_of(plan.wink, t)
    layers = [(getattr(pieces, part), sum_of(getattr(plan, part), t)) for part in ("smile", "laugh", "surprise")]
    layers += [(pieces.lid_skin, closed), *_wink(pieces, wink)]
    expression = sum(course[:, None, None] * shape.expression for shape, course in layers)
    lids = sum(course[:, None] * shape.lids for shape, course in layers) + sum_of(plan.lids, t)[:, None]
    closing = np.maximum(closed[:, None], wink[:, None] * (np.arange(2) == WINKING))
    turn = _turn(plan, pieces.turn, t)
    motion = Motion(
        rotation=pose.rotation_matrix(pose.rotation_vector(sway.rotation) + turn),
        scale=sway.scale * (1 + sum_of(plan.near, t)),
        translation=sway.translation + turn[:, 1:2] * pieces.turn.shift - [0, 1] * _lift(plan, t)[:, None],
        expression=np.asarray(expression, np.float32),
        lids=lids + (1 - lids) * closing,
        mouth=sum(course * shape.mouth for shape, course in layers),
        gaze=sway.gaze + _gaze(plan, turn, t)[:, None],
        fps=FPS,
    )
    return _check_rest(plan.name, motion)


def _turn(plan: Plan, measured: head_motion.Turn, t: np.ndarray) -> np.ndarray:
    """The head's rotation vectors (T, 3), with the lean that goes with a turn."""

    def course(part: np.ndarray) -> np.ndarray:
        return np.interp(part, np.linspace(0, head_motion.SETTLED, len(measured.course)), measured.course)

    pitch, yaw, roll = (np.radians(sum_of(part, t, course)) for part in (plan.pitch, plan.yaw, plan.roll))
    return np.stack([pitch, yaw, roll + measured.lean * yaw], axis=-1)


def _gaze(plan: Plan, turn: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Where the irises are (T, 2): the eyes keep their aim while the head turns under them."""
    left, down = (np.radians(sum_of(part, t)) for part in (plan.aim_x, plan.aim_y))
    return EYE * np.stack([np.sin(turn[:, 1] - left), np.sin(down - turn[:, 0])], axis=-1)


def _lift(plan: Plan, t: np.ndarray) -> np.ndarray:
    """How far the neck is lifted (T,) by quiet breathing and by the plan."""
    breaths = max(round(t[-1] * BREATHS), 1)
    return BREATH * (1 - np.cos(2 * np.pi * breaths * t / t[-1])) / 2 + sum_of(plan.rise, t)


def _wink(pieces: Pieces, course: np.ndarray) -> list[tuple[Shape, np.ndarray]]:
    skin, smile = (shapes.one_side(shape, WINKING) for shape in (pieces.lid_skin, pieces.smile))
    return [(skin, course), (smile, 0.6 * course)]


def measure(labels: Labels) -> Pieces:
    """All pieces, from the teacher's labels."""
    smile, smilers = shapes.smile(labels)
    laugh, laughers = shapes.laugh(labels)
    surprise, surprised = shapes.surprise(labels)
    course, skin, blinkers = shapes.blink(labels)
    turn, turners = head_motion.turn(labels)
    clips = {"smile": smilers, "laugh": laughers, "surprise": surprised, "blink": blinkers, "yaw": turners}
    return Pieces(smile, laugh, surprise, skin, course, turn, clips)


def make(labels: Labels, folder: Path) -> list[Path]:
    """Write every bundled gesture into `folder`."""
    pieces = measure(labels)
    written = []
    for rank, plan in enumerate(PLANS):
        name, start = plan.calm
        motion = compose(plan, pieces, head_motion.sway(labels, name, start, round(plan.seconds * FPS)))
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
                mouth=plan.mouth,
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
    used += [
        clip for part in ("smile", "laugh", "surprise", "yaw") if getattr(plan, part) for clip in pieces.clips[part]
    ]
    rows = [row for row in labels.rows() if row["name"] in set(used)]
    return ", ".join(sorted({row["repo"] for row in rows})), ", ".join(sorted({row["licence"] for row in rows}))


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


def main(data: str, labels: str, mesh_file: str = "") -> None:
    """Writes the bundled gestures, or the mesh file."""
    from animate.faces.crop import TEMPLATE_FIVE

    known = Labels(Path(data), Path(labels))
    if mesh_file:
        make_mesh(known, Path(mesh_file), TEMPLATE_FIVE)
    else:
        make(known, Path(__file__).parents[1] / "assets" / "cards")


if __name__ == "__main__":
    main(*sys.argv[1:])
