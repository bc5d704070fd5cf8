"""Movement from one face to another: record it relative to a neutral frame, put it onto a face of other proportions.

Conventions: points (T, 478, 3), x right, y down, z away, any one unit. Motion.rotation turns about the head's own axes:
R(t) = R(neutral) @ rotation(t). Motion.translation is the shift of the pivot, a place in the neck, along the axes of
the neutral head rolled upright. Motion.expression is in outer-eye distances of an average face, without the opening of
the jaw, the closing of lids and the shift of irises, which are fractions in `mouth`, `lids` and `gaze`; at the upper
lids it holds their change of form.
"""

from __future__ import annotations

import numpy as np

from animate.core.types import Motion
from animate.motion import landmarks, openings, pose
from animate.motion import neutral_frame as rest

PIVOT = np.array((0.0, 1.0, 0.7))  # where heads turn, in a head's own frame: fitted to some 260 recordings
TURN = np.radians(45)  # furthest turn relative to the photograph; two thirds of it pass as they are
SEEN = np.radians(60)  # furthest turn relative to the camera that the far cheek bears
ASIDE = np.array((0.55, 0.38))  # furthest shift of the head on its neck, across and along, in outer-eye distances
NEARER = np.log(1.06)  # furthest change of the head's size
SPREAD = 4  # how many anchors far an exaggeration is spread
BLENDED = 2  # how many anchors far light is spread
GLARE = 0.5  # logarithm of the strongest light that another face takes on
ALIKE = 0.03  # outer-eye distances by which the gaps of two mouths may differ to be lit alike
WIDEST = 0.84  # of a laughing mouth, in outer-eye distances
ROOM = 0.03  # by which a mouth may widen that is as wide already
SMILING = 0.7  # share of the opening that a mouth which is open already has behind it
LOWER_FACE = 0.55  # outer-eye distances around the mouth that go along with it
SHIFT = 0.3  # furthest way of an anchor by expression, in outer-eye distances


def extract_motion(
    points: np.ndarray, fps: float, *, neutral: int | None = None, shading: np.ndarray | None = None
) -> Motion:
    """The movement in tracked points, relative to a neutral frame; frames of NaN are bridged.

    Args:
        points: (T, 478, 3).
        fps: frames a second.
        neutral: index of the neutral frame; None for one chosen where the face rests.
        shading: (T, 487), passed on as it is.

    Raises:
        NoFaceInDriver: no frame holds a face.
    """
    points = rest.fill_gaps(points)
    index = rest.neutral_index(points) if neutral is None else neutral
    still, shape = pose.canonical(points[index])
    place, expression = pose.decompose(points, shape)
    moved = shape + expression
    gaze = _gaze(moved, shape)
    lids = openings.lid_fraction(openings.eye_opening(moved), openings.eye_opening(shape))
    size = openings.proportions(shape)
    mouth = (openings.lip_gap(moved) - openings.lip_gap(shape)) / (openings.FULL_MOUTH * size[1])
    return Motion(
        rotation=still.rotation.T @ place.rotation,
        scale=place.scale / still.scale,
        translation=_shift(place, still),
        expression=_expression(moved, shape, lids, mouth, size).astype(np.float32),
        lids=openings.without_follow(lids, gaze[..., 1]),
        mouth=mouth,
        gaze=gaze,
        fps=float(fps),
        shading=shading,
        parted=float(openings.lip_gap(shape)),
    )


def retarget(
    source: np.ndarray,
    motion: Motion,
    *,
    head: float = 1,
    expression: float = 1,
    gaze: float = 1,
    open_mouth: float = 0.0,
) -> np.ndarray:
    """The face `source` (478, 3) moved as `motion` says: (T, 478, 3) float32 in the unit of `source`.

    head, expression, gaze: strengths, 0 leaves that part still; a blink closes eyes at any strength of expression.
    open_mouth: 0 keeps the lips as good as together, 1 parts them as far as the motion does.
    """
    source = np.asarray(source, float)
    if source.shape != (landmarks.COUNT, 3) or not np.isfinite(source).all():
        raise ValueError(f"source is ({landmarks.COUNT}, 3) finite points, not {source.shape}")
    still, shape = pose.canonical(source)
    moved = _moved_shape(shape, motion, expression, gaze, open_mouth)
    driven = pose.apply(moved, _moved_pose(still, motion, head))
    return (source + (driven - pose.apply(shape, still))).astype(np.float32)  # a difference, so that rest is exact


def retarget_shading(source: np.ndarray, motion: Motion, *, strength: float = 1) -> np.ndarray | None:
    """The shading of a movement on another face.

    It is spread over neighbouring landmarks: what is finer belongs to the driver's own skin. The inner mouth takes on
    the driver's shading only as far as both mouths are parted alike at rest: teeth that a photograph shows are not to
    darken because a closed mouth opened.

    Args:
        source: (478, 3) scan points of the face.
        motion: the movement.
        strength: 0 leaves the light as it is, 1 is all of it.

    Returns:
        (T, 487) float32, or None if `motion` has no shading.
    """
    if motion.shading is None:
        return None
    _, shape = pose.canonical(np.asarray(source, float))
    alike = np.exp(-(((openings.lip_gap(shape) - motion.parted) / ALIKE) ** 2))
    shading = np.array(motion.shading, np.float32)
    shading[:, : landmarks.COUNT] @= np.linalg.matrix_power(landmarks.smoothing_matrix(), BLENDED).T.astype(np.float32)
    share = np.full(landmarks.SHADING_POINTS, min(float(strength), 1.0))
    share[[*landmarks.INNER_LIPS, *range(landmarks.COUNT, landmarks.SHADING_POINTS)]] *= alike
    return (GLARE * np.tanh(shading / GLARE) * share).astype(np.float32)


def _moved_pose(still: pose.Pose, motion: Motion, head: float) -> pose.Pose:
    turn = pose.rotation_vector(motion.rotation) * head
    rotation = still.rotation @ pose.rotation_matrix(_limit_turn(turn, still.rotation))
    size = head * np.log(np.maximum(np.asarray(motion.scale, float), 0.2))
    scale = still.scale * np.exp(openings.soften(size, -NEARER, NEARER))
    shift = _limit_shift(head * np.asarray(motion.translation, float)) @ _roll(still).T * still.scale
    pivot = pose.apply(PIVOT[None], still)[0]
    pivots = np.concatenate([pivot[:2] + shift, np.full((len(motion), 1), pivot[2])], axis=1)
    return pose.Pose(rotation, scale, pivots - scale[:, None] * (rotation @ PIVOT))


def _moved_shape(shape: np.ndarray, motion: Motion, expression: float, gaze: float, open_mouth: float) -> np.ndarray:
    size = openings.proportions(shape)
    change = _exaggerate(np.asarray(motion.expression, float), expression)
    length = np.linalg.norm(change, axis=-1, keepdims=True)
    change *= size * openings.soften(length, -SHIFT, SHIFT) / np.maximum(length, 1e-9)
    change = _limit_width(shape, change)
    look = np.asarray(motion.gaze, float) * gaze
    lids = openings.with_follow(_strengthen(np.asarray(motion.lids, float), expression), look[..., 1])
    bend = change[:, np.array(landmarks.UPPER_LIDS)]
    low, high = _lip_limits(shape, size, open_mouth)
    mouth = np.asarray(motion.mouth, float) * (openings.FULL_MOUTH * size[1] * expression)
    own = openings.lip_gap(shape)
    mouth -= SMILING * np.clip(mouth, 0, max(own - motion.parted, 0))
    mouth = openings.soften(mouth, low[openings.MIDDLE].mean() - own, high[openings.MIDDLE].mean() - own)
    moved = shape + change + mouth[:, None, None] * landmarks.JAW
    moved = openings.keep_rows_apart(openings.seal_lips(moved, low, high), shape)
    moved = openings.set_lids(moved, shape, lids, bend)
    return openings.set_irises(moved, shape, look)


def _limit_width(shape: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Expression (T, 478, 3) in which the mouth widens softly to WIDEST at most: who smiles already has less to go."""
    corners = list(landmarks.LIP_CORNERS)
    width = np.linalg.norm(np.subtract(*shape[corners]))
    moved = (shape + change)[:, corners]
    wider = np.linalg.norm(moved[:, 0] - moved[:, 1], axis=-1) - width
    room = max(WIDEST - width, ROOM)
    share = np.where(wider > 0, openings.soften(wider, -1, room) / np.maximum(wider, 1e-9), 1)
    near = np.linalg.norm(shape - shape[corners].mean(0), axis=-1) / LOWER_FACE
    return change * (1 - (1 - share)[:, None] * np.exp(-(near**4)))[..., None]


def _lip_limits(shape: np.ndarray, size: np.ndarray, open_mouth: float) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest gap (9,) between the inner lips that this face is allowed."""
    gaps = openings.lip_gaps(shape)
    if open_mouth >= 1:
        return np.minimum(gaps, 0), np.full(9, 9.0)
    width = np.linalg.norm(np.subtract(*shape[list(landmarks.LIP_CORNERS)]))
    arch = np.sin(np.linspace(0.1, 0.9, 9) * np.pi)  # lips part less at the corners
    more = np.maximum(0.03 * width * arch, 0.3 * gaps)
    return np.minimum(gaps, 0), gaps + more + open_mouth * openings.FULL_MOUTH * size[1] * arch


def _exaggerate(change: np.ndarray, strength: float) -> np.ndarray:
    """Expression (T, 478, 3) at another strength; what goes beyond 1 is spread over the skin around, lest it folds."""
    if strength <= 1:
        return change * strength
    broad = np.linalg.matrix_power(landmarks.smoothing_matrix(), SPREAD)
    lids = np.array(landmarks.UPPER_LIDS).ravel()  # these hold a change of form, which is no one else's
    broad[:, lids], broad[lids] = 0, 0
    broad[lids, lids] = 1
    return change + (strength - 1) * (broad @ change)


def _strengthen(lids: np.ndarray, strength: float) -> np.ndarray:
    """Lid fractions at another strength: half-closed is less or more, but open stays open and closed stays closed."""
    if strength <= 0:
        return np.zeros_like(lids)
    closing = np.clip(lids, 0, 1)
    closing = closing ** (1 / strength) if strength < 1 else closing * (strength + (1 - strength) * closing)
    return np.where(lids > 0, np.minimum(closing, 1), lids * strength)


def _limit_turn(turn: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Rotation vectors (T, 3) kept softly to what the face, already turned by `rotation` (3, 3), can bear."""
    upright = pose.rotation_matrix(np.array((0.0, 0.0, -pose.roll(rotation)))) @ rotation
    now = np.array((np.arctan2(-upright[1, 2], upright[2, 2]), np.arctan2(upright[0, 2], upright[2, 2]), 0.0))
    least = np.radians(6)  # some freedom even where the photograph shows a profile
    kept = openings.soften(turn, -np.clip(SEEN + now, least, TURN), np.clip(SEEN - now, least, TURN))
    angle = np.linalg.norm(kept, axis=1, keepdims=True)
    return kept * (openings.soften(angle, -TURN, TURN) / np.maximum(angle, 1e-9))


def _limit_shift(shift: np.ndarray) -> np.ndarray:
    """Shifts (T, 2) kept softly within an ellipse of half axes ASIDE."""
    length = np.linalg.norm(shift / ASIDE, axis=1, keepdims=True)
    return shift * (openings.soften(length, -1, 1) / np.maximum(length, 1e-9))


def _expression(
    moved: np.ndarray, shape: np.ndarray, lids: np.ndarray, mouth: np.ndarray, size: np.ndarray
) -> np.ndarray:
    change = (moved - shape) / size - mouth[:, None, None] * openings.FULL_MOUTH * landmarks.JAW
    lower, bend = openings.lid_remainder(moved, shape, lids)
    change[:, np.array(landmarks.LOWER_LIDS)] = lower / size
    change[:, np.array(landmarks.UPPER_LIDS)] = bend / size
    change[:, np.array(landmarks.IRISES)] = 0
    return change


def _gaze(moved: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Shift of the irises (T, 2, 2), bridged where the lids hide them."""
    shift = openings.iris_places(moved) - openings.iris_places(shape)
    hidden = openings.lid_fraction(openings.eye_opening(moved), openings.eye_opening(shape)) > 0.6
    frames = np.arange(len(moved))
    for eye in (0, 1):
        seen = ~hidden[:, eye]
        if seen.any():
            for axis in (0, 1):
                shift[:, eye, axis] = np.interp(frames, frames[seen], shift[seen, eye, axis])
    return shift


def _shift(place: pose.Pose, still: pose.Pose) -> np.ndarray:
    pivots = pose.apply(PIVOT[None], place)[:, 0, :2] - pose.apply(PIVOT[None], still)[0, :2]
    return pivots @ _roll(still) / still.scale


def _roll(still: pose.Pose) -> np.ndarray:
    """(2, 2) turn in the picture by the tilt of a head."""
    return pose.rotation_matrix(np.array((0.0, 0.0, pose.roll(still.rotation))))[:2, :2]
