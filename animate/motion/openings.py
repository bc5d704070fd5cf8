"""How far eyes and lips are open and where irises look, measured on a face's own scale, and the same set again.

Conventions: shapes (..., 478, 3) are in a head's own frame (upright, outer eye corners about 1 apart, y down). Eyes are
(left, right of the picture). A lid fraction is 0 as in the neutral shape, 1 closed, < 0 wider; places of irises are
(x along the corners, y across, down) from the middle of the corners in eye widths.
"""

from __future__ import annotations

import numpy as np

from animate.motion import landmarks

CLOSED = 0.045  # eye widths between the lids where a detector says a closed eye is: the lashes keep it from 0
FULL_MOUTH = 0.5  # inner-lip gap of a wide open mouth, in outer-eye distances of an average face
RISE = 0.15  # share of a blink that the lower lid does
FOLLOW = 1.5  # lid fraction per eye width of downward gaze: the upper lid goes with the eye
WIDEST = -0.5  # lid fraction of eyes torn open
GAZE_X, GAZE_UP, GAZE_DOWN = 0.24, 0.17, 0.06  # how far from the middle an iris is ever seen, in eye widths
CENTRAL, MIDDLE = slice(1, 6), slice(2, 7)  # of seven lid and of nine lip pairs: those that measure an opening


def eye_frames(shape: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle of each eye's corners (..., 2, 2), axes (..., 2, 2, 2) in rows (along, then down), width (..., 2)."""
    ends = np.asarray(shape)[..., np.array(landmarks.EYE_CORNERS), :2]  # (..., eye, outer/inner, xy)
    left = np.stack([ends[..., 0, 0, :], ends[..., 1, 1, :]], axis=-2)
    right = np.stack([ends[..., 0, 1, :], ends[..., 1, 0, :]], axis=-2)
    width = np.maximum(np.linalg.norm(right - left, axis=-1), 1e-6)
    along = (right - left) / width[..., None]
    return (left + right) / 2, np.stack([along, along[..., ::-1] * (-1, 1)], axis=-2), width


def lid_gaps(shape: np.ndarray) -> np.ndarray:
    """Vectors (..., 2, 7, 3) from the lower to the upper lid."""
    shape = np.asarray(shape)
    return shape[..., np.array(landmarks.UPPER_LIDS), :] - shape[..., np.array(landmarks.LOWER_LIDS), :]


def eye_opening(shape: np.ndarray) -> np.ndarray:
    """Mean opening of each eye across its corners, in eye widths (..., 2); slightly below 0 where lids overlap."""
    _, axes, width = eye_frames(shape)
    gaps = lid_gaps(shape)[..., CENTRAL, :2].mean(axis=-2)
    return -(gaps * axes[..., 1, :]).sum(axis=-1) / width


def lid_fraction(opening: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """Fraction (..., 2) closed of eyes open by `opening`, relative to `neutral` (2,); nearly closed counts as closed.

    A detector rounds the short bottom of a blink off, so the stretch .5-.85 is drawn out to .5-1.
    """
    span = np.maximum(neutral - CLOSED, 0.05)
    raw = (neutral - opening) / span
    return np.clip(np.where(raw > 0.5, 0.5 + (raw - 0.5) / 0.7, raw), WIDEST, 1.0)


def without_follow(lids: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The part of lid fractions that downward gaze (in eye widths) does not explain; undoes `with_follow`."""
    follow = np.clip(FOLLOW * down, -0.4, 0.5)
    return np.where(lids >= 1, 1.0, (lids - follow) / (1 - follow))


def with_follow(lids: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Lid fractions with what downward gaze adds; closed stays closed."""
    follow = np.clip(FOLLOW * down, -0.4, 0.5)
    return np.clip(lids + (1 - lids) * follow, WIDEST, 1.0)


def set_lids(shape: np.ndarray, source: np.ndarray, lids: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """Shapes (T, 478, 3) whose lids close the `source`'s (478, 3) own opening by `lids` (T, 2); 1 makes them meet.

    The lower lid rises a little from where it is in `shape`; the upper comes down onto its curve. `bend` (T, 2, 7, 3)
    is how the upper lid differs in form, and fades as the eye closes.
    """
    gaps = lid_gaps(source)  # (2, 7, 3)
    closing = lids[..., None, None]
    lower = shape[..., np.array(landmarks.LOWER_LIDS), :] + RISE * np.maximum(closing, 0) * gaps
    upper = lower + (1 - closing) * gaps + np.clip(2 * (1 - closing), 0, 1) * bend
    moved = shape.copy()
    moved[..., np.array(landmarks.LOWER_LIDS), :] = lower
    moved[..., np.array(landmarks.UPPER_LIDS), :] = upper
    return moved


def lid_remainder(moved: np.ndarray, neutral: np.ndarray, lids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `set_lids` needs besides the fraction: lower lids' own shift and upper lids' bend, both (T, 2, 7, 3)."""
    gaps = lid_gaps(neutral)
    closing = lids[..., None, None]
    lower = (moved - neutral)[..., np.array(landmarks.LOWER_LIDS), :] - RISE * np.maximum(closing, 0) * gaps
    return lower, lid_gaps(moved) - (1 - closing) * gaps


def iris_places(shape: np.ndarray) -> np.ndarray:
    """Where the irises' centres are between the corners (..., 2, 2)."""
    middle, axes, width = eye_frames(shape)
    centres = np.asarray(shape)[..., [ring[0] for ring in landmarks.IRISES], :2]
    return (axes @ (centres - middle)[..., None])[..., 0] / width[..., None]


def set_irises(shape: np.ndarray, source: np.ndarray, gaze: np.ndarray) -> np.ndarray:
    """Shapes (T, 478, 3) with the irises of `source` (478, 3) in the eyes of `shape`, shifted by `gaze` (T, 2, 2)."""
    middle, axes, width = eye_frames(source)
    rings = np.array(landmarks.IRISES)
    local = np.einsum("eij,ekj->eki", axes, source[rings, :2] - middle[:, None]) / width[:, None, None]  # (2, 5, 2)
    low = np.minimum(np.array((-GAZE_X, -GAZE_UP)) - local[:, 0], -0.02)
    high = np.maximum(np.array((GAZE_X, GAZE_DOWN)) - local[:, 0], 0.02)
    shifted = local + soften(gaze, low, high)[..., None, :]
    middle, axes, width = eye_frames(shape)
    moved = shape.copy()
    moved[..., rings, :2] = middle[..., None, :] + (shifted @ axes) * width[..., None, None]
    follow = (shape - source)[..., np.array(landmarks.EYE_CORNERS), 2].mean(axis=-1)
    moved[..., rings, 2] = source[rings, 2] + follow[..., None]
    return moved


def lip_gap(shape: np.ndarray) -> np.ndarray:
    """Mean height of the opening between the inner lips (...,), in the shape's unit; linear in the shape."""
    return lip_gaps(shape)[..., MIDDLE].mean(axis=-1)


def lip_gaps(shape: np.ndarray) -> np.ndarray:
    """Height (..., 9) of the opening between the inner lips from left to right."""
    shape = np.asarray(shape)
    return shape[..., list(landmarks.INNER_LOWER), 1] - shape[..., list(landmarks.INNER_UPPER), 1]


def seal_lips(shape: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Shapes (T, 478, 3) whose inner-lip gaps lie between `low` and `high` (9,): whole lips give way."""
    gaps = lip_gaps(shape)
    excess = gaps - np.clip(gaps, low, high)  # (T, 9)
    sealed = shape.copy()
    for row in landmarks.UPPER_LIP_ROWS:
        sealed[..., list(row), 1] += 0.3 * excess
    for row in landmarks.LOWER_LIP_ROWS:
        sealed[..., list(row), 1] -= 0.7 * excess
    return sealed


def keep_rows_apart(shape: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Shapes (T, 478, 3) whose lips, chin and forehead keep a quarter of their height in `source` (478, 3).

    The outer rows give way: detected lips thin out to nothing, and brows rise past a forehead that stays where it is.
    """
    kept = shape.copy()
    stacks = (
        (landmarks.UPPER_LIP_ROWS, 1),
        (landmarks.CHIN_ROWS + landmarks.LOWER_LIP_ROWS, -1),
        (landmarks.FOREHEAD_ROWS, 1),
    )
    for rows, down in stacks:  # rows from the outer to the inner one, in this direction
        for outer, inner in zip(rows[-2::-1], rows[:0:-1], strict=True):
            own = down * (source[list(inner), 1] - source[list(outer), 1])
            least = np.where(own > 0, own / 4, own)
            slack = down * (kept[..., list(inner), 1] - kept[..., list(outer), 1]) - least
            kept[..., list(outer), 1] += down * np.minimum(slack, 0)
    return kept


def proportions(shape: np.ndarray) -> np.ndarray:
    """Width, height and depth (3,) of a face over those of the average one, at equal eye distance, kept to .7-1.4."""
    ratio = _extent(shape) / _extent(landmarks.MEAN_FACE)
    ratio = ratio / (landmarks.eye_distance(shape) / landmarks.eye_distance(landmarks.MEAN_FACE))
    return np.clip((ratio[0], ratio[1], np.sqrt(ratio[0] * ratio[1])), 0.7, 1.4)


def soften(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """`value` as it is for two thirds of the way to the limits `low` < 0 < `high`, then bent to stay within."""
    limit = np.maximum(np.where(value < 0, -np.asarray(low, float), high), 1e-9)
    size, knee = np.abs(value), limit * 2 / 3
    bent = knee + (limit - knee) * np.tanh((size - knee) / (limit - knee))
    return np.sign(value) * np.where(size > knee, bent, size)


def _extent(shape: np.ndarray) -> np.ndarray:
    temples, eyes = shape[[127, 356, 234, 454], 0], shape[np.array(landmarks.EYE_CORNERS).ravel(), 1].mean()
    return np.array([temples @ (-1, 1, -1, 1), shape[[2, 0], 1].mean() - eyes])  # 2 and 0: from nose to upper lip
