"""The bundled gestures as plans: what each is called, and how head, eyes and expression move over time.

Conventions: times in seconds; turns are (nod down, turn to the picture's left, lean to the picture's right) in degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


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
