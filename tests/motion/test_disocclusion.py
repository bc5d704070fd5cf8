"""What must be painted: nothing where the photograph has it, closing lids and opening mouths, smoothly in between."""

import numpy as np

from animate.motion import disocclusion, landmarks

FACE = landmarks.MEAN_FACE * np.float32(50) + np.float32([127.5, 127.5, 0])
AXIS = np.arange(256, dtype=np.float32)


def blinking(closed: float, side: int = 0) -> np.ndarray:
    points = FACE.copy()
    upper, lower = list(landmarks.UPPER_LIDS[side]), list(landmarks.LOWER_LIDS[side])
    points[upper] += closed * (points[lower] - points[upper])
    return points


def talking(open_: float) -> np.ndarray:
    points = FACE.copy()
    points[list(landmarks.INNER_LOWER + landmarks.OUTER_LOWER), 1] += open_ * 50
    return points


def test_what_the_photograph_shows_needs_no_paint():
    moved = np.stack([FACE, FACE + np.float32([20, -9, 3]), talking(0.015), blinking(0.02)])
    assert not disocclusion.inpaint_demand(FACE, moved).any()


def test_a_closed_eye_and_an_open_mouth_need_it_each_for_itself():
    needs = disocclusion.inpaint_demand(FACE, np.stack([blinking(1), blinking(1, 1), talking(0.3)]))
    assert np.allclose(needs, np.eye(3), atol=1e-3)


def test_needs_rise_smoothly():
    needs = disocclusion.inpaint_demand(FACE, np.stack([blinking(part) for part in np.linspace(0, 1, 81)]))[:, 0]
    assert needs[0] == 0 and needs[-1] == 1 and (np.diff(needs) >= 0).all() and np.diff(needs).max() < 0.25


def test_only_the_place_without_need_is_kept_as_it_is():
    share = disocclusion.inpaint_mask(np.float32([1, 1, 0]), FACE, AXIS, AXIS)
    mouth, eye = FACE[list(landmarks.INNER_LIPS), :2].mean(0), FACE[list(landmarks.LIDS[0]), :2].mean(0)
    assert share[int(mouth[1]), int(mouth[0])] == 0 and share[int(eye[1]), int(eye[0])] == 1
    assert share[4, 4] == 1 and np.abs(np.diff(share, axis=0)).max() < 0.25
    assert (disocclusion.inpaint_mask(np.ones(3, np.float32), FACE, AXIS, AXIS) == 1).all()
