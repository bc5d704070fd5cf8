"""Creases: none at rest, dark along the fold and light on the cheek as a mouth widens, whatever the head's turn."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from animate.compose.creases import Creases
from animate.motion import landmarks
from animate.pipeline.mouths import FOLDS

EYES = (33, 263)
UNIT = 100.0


@pytest.fixture
def face() -> np.ndarray:
    points = landmarks.MEAN_FACE - landmarks.MEAN_FACE.mean(0)
    return (points * UNIT / landmarks.eye_distance(landmarks.MEAN_FACE) + [150, 150, 0]).astype(np.float32)


def smiling(face: np.ndarray, wide: float) -> np.ndarray:
    """The corners of the mouth moved apart by `wide` eye distances."""
    moved = face.copy()
    moved[61, 0] -= wide * UNIT / 2
    moved[291, 0] += wide * UNIT / 2
    return moved


def light(face, driven, **options):
    y, x = np.mgrid[:300, :300].astype(np.float32)
    change = Creases(face, FOLDS, landmarks.LIP_CORNERS, EYES, **options).light(driven, x, y)
    return None if change is None else change.sum(0)


def test_a_mouth_at_rest_or_narrower_has_none(face):
    assert light(face, face) is None and light(face, smiling(face, -0.2)) is None
    assert light(face, smiling(face, 0.4), shown=0.0) is None


def test_the_fold_is_dark_and_the_cheek_beside_it_light(face):
    change = light(face, smiling(face, 0.4))
    for fold, aside in zip(FOLDS, (-1, 1), strict=True):
        x, y = face[fold[2], :2].round().astype(int)
        cheek = x + aside * round(0.16 * UNIT)
        assert change[y, x] < -0.08 and change[y - 2, cheek] > 0.02
    mouth, nose = (face[index, :2].round().astype(int) for index in (0, 1))
    assert abs(change[mouth[1], mouth[0]]) < 0.01 and abs(change[nose[1], nose[0]]) < 0.01
    assert np.abs(change[:60]).max() == 0


def test_they_deepen_with_the_smile(face):
    depths = [-light(face, smiling(face, wide)).min() for wide in (0.1, 0.2, 0.4)]
    assert depths[0] < depths[1] < depths[2] <= 0.17


def test_a_turn_alone_makes_none(face):
    middle = face.mean(0)
    for angle in (-25, 25):
        turned = (face - middle) @ Rotation.from_euler("y", angle, degrees=True).as_matrix().T + middle
        assert light(face, turned.astype(np.float32)) is None
