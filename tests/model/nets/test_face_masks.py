"""Structure masks: where they lie, how large they are, that closed eyes are closed."""

import numpy as np
import pytest
import torch

from animate.model.nets.face_masks import BROWS, CHANNELS, EYES, FACE, IRISES, LIPS, MOUTH, Contours, draw
from animate.motion import landmarks

OUTLINES = Contours(
    landmarks.LIDS, landmarks.INNER_LIPS, landmarks.OUTER_LIPS, landmarks.BROWS, landmarks.OVAL, landmarks.IRISES
)


def face(size: int = 128) -> torch.Tensor:
    return torch.from_numpy(
        landmarks.MEAN_FACE * np.float32([1, 1, 1]) * size / 4 + np.float32([(size - 1) / 2, (size - 1) / 2, 0])
    )[None]


def shoelace(ring: np.ndarray) -> float:
    after = np.roll(ring, -1, axis=0)
    return abs(float((ring[:, 0] * after[:, 1] - ring[:, 1] * after[:, 0]).sum())) / 2


def test_masks_cover_as_much_as_their_polygons():
    points = face()
    masks = draw(points, OUTLINES, size=128, count=64)
    assert masks.shape == (1, CHANNELS, 64, 64) and masks.min() >= 0 and masks.max() <= 1
    for channel, rings in ((EYES, landmarks.LIDS), (FACE, (landmarks.OVAL,)), (BROWS, landmarks.BROWS)):
        area = sum(shoelace(points[0, list(ring), :2].numpy()) for ring in rings) / 4
        assert masks[0, channel].sum().item() == pytest.approx(area, rel=0.03)


def test_irises_stay_inside_the_eyes_and_lips_around_the_mouth():
    masks = draw(face(), OUTLINES, size=128, count=64)[0]
    assert (masks[IRISES] <= masks[EYES] + 1e-6).all() and masks[IRISES].sum() > 0
    assert (masks[LIPS] + masks[MOUTH]).max() <= 1 + 1e-5


def test_a_closed_eye_has_no_opening():
    points = face()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[:, list(upper)] = points[:, list(lower)]
    open_, closed = (
        draw(face(), OUTLINES, size=128, count=64)[0, EYES].sum(),
        draw(points, OUTLINES, size=128, count=64)[0, EYES].sum(),
    )
    assert closed < 0.1 * open_


def test_points_outside_the_picture_do_no_harm():
    masks = draw(face() + torch.tensor([500.0, -500.0, 0.0]), OUTLINES, size=128, count=64)
    assert masks.abs().sum() == 0
