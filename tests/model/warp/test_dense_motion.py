"""First-order motion: still is still, similarities are exact, gentle gestures never fold, eyes close and look."""

from __future__ import annotations

import numpy as np
import pytest
from model.movements import SIZE, UNIT, blinking, face, looking, smiling, surface, turned

from animate.model.warp.dense_motion import FirstOrder, person_lattice
from animate.model.warp.sampling import NodeGrid
from animate.motion import landmarks

GENTLE = {
    "turn": lambda points: turned(points, yaw=8),
    "turn back": lambda points: turned(points, yaw=-8),
    "nod": lambda points: turned(points, pitch=8),
    "look up": lambda points: turned(points, pitch=-8),
    "smile": lambda points: smiling(points, 0.1),
    "blink": lambda points: blinking(points, 1),
    "turned smile": lambda points: turned(smiling(points, 0.08), yaw=6, pitch=4),
}


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    return face()


@pytest.fixture(scope="module")
def motion(source) -> FirstOrder:
    return FirstOrder(source, NodeGrid.uniform(SIZE, 150), surface(), size=SIZE)


def at(flow: np.ndarray, points: np.ndarray) -> np.ndarray:
    """`flow` (150, 150, 2) at the nodes nearest to points (N, 2)."""
    column, row = np.rint(points.T * 149 / (SIZE - 1)).astype(int)
    return flow[row, column]


def test_nothing_moved_gives_exactly_zero(source, motion):
    assert not motion.flow(source[None]).any()
    skin, eyes = motion.layers(source[None])
    assert not skin.any() and not any(eye[:, :6].any() for eye in eyes)


def test_a_similarity_of_all_points_moves_everything_by_it(source, motion):
    turn, middle = np.deg2rad(7), np.float32([160, 140])
    linear = 1.1 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    driven = source.copy()
    driven[:, :2] = (source[:, :2] - middle) @ linear.T + middle + [4, -3]
    driven[:, 2] *= 1.1
    flow = motion.flow(driven[None])[0]
    z = np.stack(np.meshgrid(*[np.linspace(0, SIZE - 1, 150)] * 2), -1)
    expected = (z - middle - [4, -3]) @ np.linalg.inv(linear).T + middle - z
    assert np.abs(flow - expected).max() < 0.1  # in the eyes, whose lids are lines between points
    assert np.abs(motion.layers(driven[None])[0][0] - expected).max() < 2e-3


@pytest.mark.parametrize("gesture", GENTLE)
def test_gentle_gestures_never_fold(source, motion, gesture):
    skin, _ = motion.layers(GENTLE[gesture](source)[None])
    step = (SIZE - 1) / 149
    along, down = np.gradient(skin[0], step, axis=1), np.gradient(skin[0], step, axis=0)
    det = (1 + along[..., 0]) * (1 + down[..., 1]) - along[..., 1] * down[..., 0]
    assert det.min() > 0.05  # where it is 0 the picture folds


def test_anchors_are_followed(source, motion):
    driven = smiling(source, 0.1)
    corners = list(landmarks.LIP_CORNERS)
    found = at(motion.flow(driven[None])[0], driven[corners, :2])
    wanted = (source - driven)[corners, :2]
    assert np.linalg.norm(found - wanted, axis=1).max() < 0.25 * np.linalg.norm(wanted, axis=1).min()


def test_a_batch_equals_its_frames_and_repeats_itself(source, motion):
    driven = np.stack([gesture(source) for gesture in GENTLE.values()])
    together = motion.flow(driven)
    assert np.array_equal(together, motion.flow(driven))
    assert np.abs(together[3] - motion.flow(driven[3:4])[0]).max() < 1e-3


def test_absurd_points_give_finite_motion(source, motion):
    rng = np.random.default_rng(0)
    driven = np.stack([np.zeros_like(source), source[::-1], source + rng.normal(0, 900, source.shape), source * 9])
    skin, eyes = motion.layers(driven.astype(np.float32))
    assert np.isfinite(skin).all() and all(np.isfinite(eye).all() for eye in eyes)


def test_a_closed_eye_looks_at_the_lid_above(source, motion):
    driven = blinking(source, 1)
    flow = motion.flow(driven[None])[0]
    upper, lower = source[159, :2], source[145, :2]
    gap = lower[1] - upper[1]
    just_above = at(flow, lower[None] - [0, 0.35 * gap])[0]
    assert lower[1] - 0.35 * gap + just_above[1] < upper[1]  # lid skin, nothing of the eyeball
    below = at(flow, lower[None] + [0, 0.06 * UNIT])[0]
    assert abs(below[1]) < 0.2 * gap  # the cheek stays
    assert np.abs(at(flow, source[[107, 336], :2])).max() < 0.2  # brows stay


def test_a_glance_moves_irises_and_leaves_lids(source, motion):
    driven = looking(source, -0.04)
    flow = motion.flow(driven[None])[0]
    irises = [iris[0] for iris in landmarks.IRISES]
    assert np.allclose(at(flow, driven[irises, :2]), [0.04 * UNIT, 0], atol=0.1 * UNIT * 0.04)
    away = [*landmarks.BROWS[0], *landmarks.OVAL, 33, 133, 263, 362, 23, 253, 27, 257]
    assert np.abs(at(flow, source[away, :2])).max() < 0.2


def test_eyes_open_wider_without_showing_the_lid_inside(source, motion):
    flow = motion.flow(blinking(source, -0.4)[None])[0]
    upper, lower = source[159, :2], source[145, :2]
    inside = upper - [0, 0.25 * (lower[1] - upper[1])]
    assert inside[1] + at(flow, inside[None])[0, 1] > upper[1] - 0.02 * UNIT


def test_a_picture_tells_where_the_lid_begins(source):
    picture = np.full((SIZE, SIZE, 3), 200, np.uint8)
    x, y = np.rint(source[159, :2]).astype(int)
    picture[y - 2 : y + 4, x - 30 : x + 30] = 20  # dark up to 2 pixels above the mesh's lid
    plain = FirstOrder(source, NodeGrid.uniform(SIZE, 20), surface(), size=SIZE)
    seeing = FirstOrder(source, NodeGrid.uniform(SIZE, 20), surface(), size=SIZE, picture=picture)
    assert not plain.eyes[0].eye.dark.any()
    assert 0.015 < seeing.eyes[0].eye.dark[3:6].mean() < 0.06 and seeing.eyes[0].eye.dark[[0, -1]].max() == 0


def test_the_lattice_is_dense_on_the_face(source):
    lattice = person_lattice(source, np.zeros(2), np.full(2, SIZE - 1.0), unit=UNIT, mouth=landmarks.LIPS)
    lips = source[list(landmarks.LIPS), 1]
    rows = np.diff(lattice.ys[(lattice.ys > lips.min()) & (lattice.ys < lips.max())]).mean()
    assert len(lattice.xs) == len(lattice.ys) == 176 and rows * 5 < np.diff(lattice.ys)[0]
