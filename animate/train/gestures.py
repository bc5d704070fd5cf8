"""The bundled gestures: what was measured in recordings, put together in time so that each begins and ends at rest.

Conventions: 25 frames a second, times in seconds; turns are (nod down, turn to the picture's left, lean to the
picture's right) in degrees. Run once when the recordings change:  python -m animate.train.gestures DATA LABELS
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.types import Motion
from animate.motion import gesture_file, mesh, pose
from animate.train import shapes
from animate.train.shapes import FPS, Labels, Shape


@dataclass(frozen=True, eq=False)
class Pieces:
    """Everything measured: shapes at full strength and the course of a blink, each with the clips it came from."""

    smile: Shape
    surprise: Shape
    lid_skin: Shape
    blink: np.ndarray
    clips: dict[str, list[str]]


@dataclass(frozen=True, eq=False)
class Plan:
    """A gesture: for people, and as curves over time in seconds (T,) -> (T,) or (T, n)."""

    name: str
    title: str
    description: str
    seconds: float
    calm: tuple[str, int]  # the clip whose sway it carries, and from which frame
    blinks: tuple[float, ...]
    turn: Callable[[np.ndarray], np.ndarray] = lambda t: np.zeros((len(t), 3))
    near: Callable[[np.ndarray], np.ndarray] = lambda t: np.zeros(len(t))  # part larger
    gaze: Callable[[np.ndarray], np.ndarray] = lambda t: np.zeros((len(t), 2))
    smile: Callable[[np.ndarray], np.ndarray] = lambda t: np.zeros(len(t))
    surprise: Callable[[np.ndarray], np.ndarray] = lambda t: np.zeros(len(t))


def bump(t: np.ndarray, start: float, rise: float, hold: float, fall: float) -> np.ndarray:
    """0 -> 1 -> 0 with the least jerk (Flash and Hogan 1985), as limbs and heads move."""

    def step(part: np.ndarray) -> np.ndarray:
        part = np.clip(part, 0, 1)
        return part**3 * (10 - 15 * part + 6 * part**2)

    return step((t - start) / rise) - step((t - start - rise - hold) / fall)


def _each(*tracks: np.ndarray | float) -> np.ndarray:
    return np.stack(np.broadcast_arrays(*tracks), axis=-1)


def _gaze_course(t: np.ndarray) -> np.ndarray:
    """Head of someone who looks to one side, then to the other."""
    return _each(
        -1.2 * bump(t, 0.6, 0.8, 2.8, 0.9),
        10 * bump(t, 0.55, 0.75, 0.75, 0.95) - 9 * bump(t, 2.3, 0.95, 0.7, 0.95),
        1.5 * bump(t, 0.55, 0.8, 0.7, 1.0) - 1.3 * bump(t, 2.35, 0.9, 0.7, 1.0),
    )


def _glances(t: np.ndarray) -> np.ndarray:
    """Eyes that arrive first, then let the head catch up."""
    first = bump(t, 0.45, 0.12, 0.35, 0.6) + 0.35 * bump(t, 0.9, 0.5, 0.6, 0.3)
    second = bump(t, 2.2, 0.16, 0.45, 0.6) + 0.35 * bump(t, 2.75, 0.5, 0.55, 0.3)
    return _each(-0.16 * first + 0.16 * second, 0.015 * second)


PLANS = (
    Plan(
        "breath",
        "A breath",
        "One quiet breath and a blink; the gentlest of all.",
        seconds=4.4,
        calm=("lp_d13_1", 4),
        blinks=(2.6,),
        turn=lambda t: _each(
            -1.5 * bump(t, 0.3, 1.5, 0.15, 2.2), 0.4 * bump(t, 0.5, 1.5, 0.4, 1.8), 0.5 * bump(t, 0.4, 1.6, 0.3, 1.9)
        ),
        near=lambda t: 0.010 * bump(t, 0.3, 1.5, 0.15, 2.2),
    ),
    Plan(
        "blink",
        "A blink",
        "Two natural blinks, nothing else to speak of.",
        seconds=4.0,
        calm=("lp_d9_0", 20),
        blinks=(0.9, 2.7),
        turn=lambda t: _each(
            0.6 * bump(t, 0.8, 0.3, 0.1, 0.8) + 0.5 * bump(t, 2.6, 0.3, 0.1, 0.7), 0.5 * bump(t, 0.6, 1.2, 0.4, 1.4), 0
        ),
    ),
    Plan(
        "glance",
        "A glance",
        "The eyes go aside for a moment and come back.",
        seconds=3.6,
        calm=("lp_d7_0", 10),
        blinks=(1.95,),
        turn=lambda t: _each(
            0.8 * bump(t, 0.8, 0.5, 0.6, 0.8), -2.5 * bump(t, 0.75, 0.6, 0.5, 0.8), 0.5 * bump(t, 0.8, 0.6, 0.5, 0.9)
        ),
        gaze=lambda t: _each(0.16 * bump(t, 0.6, 0.12, 1.15, 0.2), 0.01 * bump(t, 0.6, 0.12, 1.15, 0.2)),
    ),
    Plan(
        "hint-of-a-smile",
        "A hint of a smile",
        "The corners of the mouth rise a little, and sink again.",
        seconds=5.0,
        calm=("lp_d13_1", 8),
        blinks=(0.7, 3.3),
        turn=lambda t: _each(
            0.9 * bump(t, 0.9, 0.9, 1.4, 1.2), 1.0 * bump(t, 1.0, 1.0, 1.2, 1.3), 2.0 * bump(t, 0.9, 1.1, 1.2, 1.4)
        ),
        smile=lambda t: 0.5 * bump(t, 0.9, 0.9, 1.3, 1.4),
    ),
    Plan(
        "smile",
        "A smile",
        "A warm smile, up to the eyes.",
        seconds=5.0,
        calm=("lp_d9_0", 5),
        blinks=(0.5, 3.6),
        turn=lambda t: _each(
            -1.8 * bump(t, 0.7, 0.7, 1.5, 1.3), -1.2 * bump(t, 0.7, 1.0, 1.2, 1.4), 1.6 * bump(t, 0.8, 0.9, 1.4, 1.3)
        ),
        smile=lambda t: bump(t, 0.7, 0.7, 1.8, 1.4),
    ),
    Plan(
        "tilt",
        "A tilt of the head",
        "The head leans to one side, with a friendly look, and comes upright.",
        seconds=4.6,
        calm=("lp_d5_0", 2),
        blinks=(0.6, 3.0),
        turn=lambda t: _each(
            0.8 * bump(t, 0.6, 0.9, 1.2, 1.2), 1.6 * bump(t, 0.6, 1.0, 1.0, 1.2), 7 * bump(t, 0.6, 1.0, 1.1, 1.3)
        ),
        smile=lambda t: 0.22 * bump(t, 1.0, 0.8, 1.0, 1.2),
    ),
    Plan(
        "nod",
        "A nod",
        "Two small nods, the second one smaller.",
        seconds=3.8,
        calm=("lp_d18_0", 30),
        blinks=(0.5, 2.7),
        turn=lambda t: _each(
            6 * bump(t, 0.65, 0.42, 0.02, 0.46)
            + 3.6 * bump(t, 1.45, 0.4, 0.02, 0.7)
            - 1.2 * bump(t, 0.35, 0.3, 0, 0.3),
            0.6 * bump(t, 0.6, 0.8, 0.4, 1.0),
            0,
        ),
        gaze=lambda t: _each(0, -0.04 * bump(t, 0.7, 0.4, 0.02, 0.45) - 0.02 * bump(t, 1.5, 0.4, 0.02, 0.6)),
        smile=lambda t: 0.12 * bump(t, 0.7, 0.6, 1.0, 1.2),
    ),
    Plan(
        "look-around",
        "A look around",
        "The eyes go first and the head follows, to one side and to the other.",
        seconds=5.4,
        calm=("lp_d13_1", 5),
        blinks=(2.12, 4.4),
        turn=_gaze_course,
        gaze=_glances,
    ),
    Plan(
        "surprise",
        "Surprise",
        "The brows go up, the eyes open wide, and all settles again.",
        seconds=4.0,
        calm=("lp_d9_0", 40),
        blinks=(0.3, 2.5),
        turn=lambda t: _each(-3.2 * bump(t, 0.72, 0.3, 0.7, 1.0), 0.8 * bump(t, 0.7, 0.5, 0.8, 1.0), 0),
        near=lambda t: -0.012 * bump(t, 0.72, 0.3, 0.7, 1.0),
        surprise=lambda t: bump(t, 0.7, 0.26, 0.75, 0.9),
    ),
    Plan(
        "hello",
        "Hello",
        "A flash of the brows, a smile and a small nod, as one greets a friend.",
        seconds=4.8,
        calm=("lp_d5_0", 2),
        blinks=(2.0,),
        turn=lambda t: _each(
            4.2 * bump(t, 1.25, 0.42, 0.05, 0.8) - 2.4 * bump(t, 0.5, 0.35, 0.1, 0.5),
            1.2 * bump(t, 0.6, 0.9, 1.4, 1.2),
            2.0 * bump(t, 0.6, 0.9, 1.4, 1.3),
        ),
        smile=lambda t: 0.85 * bump(t, 0.6, 0.7, 1.7, 1.4),
        surprise=lambda t: 0.6 * bump(t, 0.5, 0.22, 0.2, 0.5),
    ),
)


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
    """Write every bundled card into `folder`."""
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
