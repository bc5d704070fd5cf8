"""How heads move, measured in recordings: the course of a turn and what goes with it, and the sway of a calm head.

Conventions: those of shapes.py; angles are in radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from animate.core.numerics import smoothstep
from animate.core.types import Motion
from animate.motion import pose, smooth
from animate.train.shapes import FPS, Labels

TURNERS = ("lp_d3_0", "lp_d12_0", "ed_pose2_0", "ed_pose2_2", "moore_2_0", "sh_woman_0")
SETTLED = 1.6  # length of the course of a turn, in times of its rise: the head overshoots a little and settles
LEAST_TURN = np.radians(6)
LEAST_SPEED = np.radians(15)  # a second, at the quickest moment of a turn


@dataclass(frozen=True, eq=False)
class Turn:
    """How heads turn: course (N,) from 0 to 1 over SETTLED rises, lean (radians) and shift of the pivot (2,) (eye
    distances) that go with a turn of one radian to the picture's left."""

    course: np.ndarray
    lean: float
    shift: np.ndarray


def turn(labels: Labels) -> tuple[Turn, list[str]]:
    """The median course of recorded turns to a side that begin and end in calm, and what goes with them."""
    courses, leans, shifts, used = [], [], [], []
    for name in TURNERS:
        motion = labels.motion(name)
        angles = gaussian_filter1d(pose.rotation_vector(motion.rotation), 1.0, axis=0)
        for start, stop in _turns(angles[:, 1]):
            way = angles[stop] - angles[start]
            times = start + np.linspace(0, SETTLED, 81) * (stop - start)
            courses.append((np.interp(times, np.arange(len(angles)), angles[:, 1]) - angles[start, 1]) / way[1])
            leans.append(way[2] / way[1])
            shifts.append((motion.translation[stop] - motion.translation[start]) / way[1])
            used.append(name)
    rises = np.linspace(0, SETTLED, 81)
    course = gaussian_filter1d(np.median(courses, axis=0), 2.0, mode="nearest")
    course = (course - course[0]) / (course[rises > 1].mean() - course[0])
    course = 1 + (course - 1) * (1 - smoothstep(rises, 1.1, SETTLED))  # ends in calm
    return Turn(course, float(np.median(leans)), np.median(shifts, axis=0)), sorted(set(used))


def sway(labels: Labels, name: str, start: int, count: int) -> Motion:
    """`count` frames of a calm recording's head and eyes from `start`, which goes back and forth where it is shorter:
    about half a degree, at rest at both ends."""
    motion = smooth.smooth(labels.motion(name), strength=2)
    last = len(motion) - 1
    order = (start + np.arange(count)) % (2 * last)
    piece = smooth.take(motion, np.minimum(order, 2 * last - order))
    ramp = np.linspace(0, 1, count)[:, None]

    def level(values: np.ndarray, usual: float, most: float) -> np.ndarray:
        flat = values.reshape(count, -1)
        flat = flat - (1 - ramp) * flat[:1] - ramp * flat[-1:]  # no drift
        flat = flat * (usual / max(float(flat.std()), 1e-6))
        return (most * np.tanh(flat / most)).reshape(values.shape)

    still = np.zeros_like(piece.expression)
    turn = level(pose.rotation_vector(piece.rotation), 0.007, 0.022)
    calm = Motion(
        pose.rotation_matrix(turn),
        1 + level(piece.scale - 1, 0.002, 0.006),
        level(piece.translation, 0.012, 0.035),
        still,
        np.zeros((count, 2)),
        np.zeros(count),
        level(piece.gaze, 0.007, 0.02),
        FPS,
    )
    return smooth.ease_in_out(calm, 0.5)


def _turns(yaw: np.ndarray) -> list[tuple[int, int]]:
    """First and last frames of turns in the course (T,) of a head's yaw in radians: calm before, calm after."""
    speed, found = np.gradient(yaw) * FPS, []
    for quickest in range(3, len(yaw) - 3):
        nearby = np.abs(speed[max(quickest - 8, 0) : quickest + 9])
        if abs(speed[quickest]) < max(LEAST_SPEED, nearby.max()):
            continue
        going = speed * np.sign(speed[quickest]) > 0.08 * abs(speed[quickest])
        start = quickest - int(np.argmin(going[quickest::-1]))
        stop = quickest + int(np.argmin(going[quickest:]))
        after, way = yaw[stop : stop + 11], yaw[stop] - yaw[start]
        calm = np.ptp(yaw[max(start - 4, 0) : start + 1]) < 0.2 * abs(way) and np.ptp(after) < 0.3 * abs(way)
        if start >= 3 and len(after) == 11 and abs(way) >= LEAST_TURN and stop > start and calm:
            found.append((start, stop))
    return found
