"""A movement fitted to the way a photograph's head is turned: mirrored, and bounded where it would show a hidden cheek.

Conventions: yaw is in degrees here, positive where the face is turned to the left of the picture. A head that is turned
far to a side turns back towards the viewer: the mirror image of its other side shows what the photograph does not. One
that turned further would be seen from behind; one that is turned a little may.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from animate.core.numerics import smoothstep
from animate.core.types import Motion
from animate.motion import landmarks, openings, pose

ASIDE = 5.0  # yaw from which on a head counts as turned to a side
SMALL = 2.0  # turns below this may go either way
TOWARDS = 12.0, 38.0  # yaws between which the main turn goes back towards the viewer
YAWS = (5.0, 10.0, 20.0, 30.0, 36.0, 44.0, 52.0)  # how far a head is turned
BACK = (21.0, 22.0, 26.0, 26.0, 20.0, 8.0, 4.5)  # how far it bears to be turned back then: a profile hardly
FURTHER = (30.0, 26.0, 18.0, 12.0, 10.0, 9.0, 7.0)  # and how far further
CUT, HELD = (-0.12, 0.3), 0.85  # outer-eye distances that a face lies beyond the border; share of movement taken away
SURE = 0.99  # presence of a face from which its landmarks are relied on where it is turned far
EYE = 0.4  # radius of an eyeball in eye widths


def yaw(points: np.ndarray) -> float:
    """Yaw in degrees of a face (478, 3), after its tilt in the picture is undone."""
    still, _ = pose.canonical(points)
    upright = pose.rotation_matrix(np.array((0.0, 0.0, -pose.roll(still.rotation)))) @ still.rotation
    return float(np.degrees(np.arctan2(upright[0, 2], upright[2, 2])))


def suit(motion: Motion, yaw_degrees: float, *, sure: bool = True) -> tuple[Motion, bool]:
    """The motion for a photograph whose head is turned by `yaw_degrees`.

    Args:
        motion: of a gesture; its main turn is the largest one to a side.
        yaw_degrees: of the photograph, positive to the left of the picture.
        sure: whether its landmarks can be relied on; a head that is turned far is treated as a profile if not.

    Returns:
        The motion and whether it was mirrored. Up to ASIDE degrees it is `motion` itself. Beyond, its main turn goes
        the way that the head is turned already, within TOWARDS back to the viewer; turns are bounded softly by what
        the head bears either way, and the eyes keep their aim.
    """
    if abs(yaw_degrees) <= ASIDE:
        return motion, False
    side = np.sign(yaw_degrees)
    turns = np.degrees(pose.rotation_vector(motion.rotation)[:, 1]) * side
    further, back = turns.max(initial=0), -turns.min(initial=0)
    degrees = abs(yaw_degrees) if sure or abs(yaw_degrees) < TOWARDS[0] else YAWS[-1]
    towards = TOWARDS[0] <= degrees <= TOWARDS[1]
    wrong, right = (further, back) if towards else (back, further)
    mirrored = bool(wrong > max(right, SMALL))
    motion = mirror(motion) if mirrored else motion
    limits = (np.radians(np.interp(degrees, YAWS, most)) for most in (BACK, FURTHER))
    return _bounded(motion, side, *limits), mirrored


def room(points: np.ndarray, width: int, height: int) -> float:
    """How far, 0..1, the head of a face (478, 3) may move in a photograph of `width` x `height` pixels.

    Where the photograph cuts a face, what lies beyond is not known: a head that turned or shifted would have to show
    it.
    """
    unit = float(landmarks.eye_distance(points))
    low, high = points[: landmarks.SURFACE, :2].min(0), points[: landmarks.SURFACE, :2].max(0)
    beyond = max(-low[0], -low[1], high[0] - width, high[1] - height) / unit
    return float(1 - HELD * smoothstep(beyond, *CUT))


def mirror(motion: Motion) -> Motion:
    """The same movement with left and right exchanged."""
    shading = motion.shading
    if shading is not None:
        between = shading[:, landmarks.COUNT :][:, ::-1]
        shading = np.concatenate([shading[:, landmarks.MIRROR], between], axis=1)
    return replace(
        motion,
        rotation=pose.rotation_matrix(pose.rotation_vector(motion.rotation) * (1, -1, -1)),
        translation=motion.translation * (-1, 1),
        expression=(motion.expression[:, landmarks.MIRROR] * (-1, 1, 1)).astype(motion.expression.dtype),
        lids=motion.lids[:, ::-1],
        gaze=motion.gaze[:, ::-1] * (-1, 1),
        shading=shading,
    )


def _bounded(motion: Motion, side: float, back: float, further: float) -> Motion:
    """The motion whose turns to `side` stay below `further` radians, and those to the other below `back`."""
    turn = pose.rotation_vector(motion.rotation)
    ways = turn[:, 1] * side
    if -ways.min() <= back * 2 / 3 and ways.max() <= further * 2 / 3:
        return motion
    bounded = np.where(ways < 0, openings.soften(ways, -back, back), openings.soften(ways, -further, further)) * side
    aim = EYE * (np.sin(bounded) - np.sin(turn[:, 1]))
    turn = np.stack([turn[:, 0], bounded, turn[:, 2]], axis=-1)
    gaze = motion.gaze + aim[:, None, None] * (1, 0)
    return replace(motion, rotation=pose.rotation_matrix(turn), gaze=gaze)
