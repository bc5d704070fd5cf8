"""Pairs of moments: blinks are drawn often, a photo that blinks looks, closed lids meet."""

import numpy as np
import pytest
from drawn import pack, pose

from animate.motion import landmarks
from animate.train import data
from animate.train.pairs import BLINKS, CLOSED, Pairs, opening
from animate.train.pseudo_labels import predict_all
from animate.train.samples import close_lids, open_lids


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "labels"
    pack(folder, frames=10)
    return data.load(folder, folder)


def gaps(points):
    return np.linalg.norm(
        points[..., list(sum(landmarks.UPPER_LIDS, ())), :2] - points[..., list(sum(landmarks.LOWER_LIDS, ())), :2],
        axis=-1,
    ).max(-1)


def test_closed_eyes_are_known_by_what_is_usual(pictures):
    assert np.array_equal(opening(pictures) < CLOSED, gaps(pictures.points) < 1)
    assert 0 < (opening(pictures) < CLOSED).mean() < 0.7 and opening(pictures).max() < 1.3


def test_blinks_come_often_and_from_open_eyes(pictures):
    pairs, rng = Pairs(pictures, pictures.of("train")), np.random.default_rng(0)
    shut_eyes = opening(pictures) < CLOSED
    drawn = [pairs.draw(rng, 2) for _ in range(300)]
    blinks = [not shut_eyes[photo] and shut_eyes[drivers[0]] for photo, drivers in drawn]
    assert np.mean(blinks) > BLINKS
    assert all(pictures.row_of[photo] == pictures.row_of[driver] for photo, drivers in drawn for driver in drivers)


def test_lids_that_are_closed_are_closed_to_the_last():
    points = np.stack([pose(closed=0.8), pose(closed=0.8)])
    done = close_lids(points, np.array([True, False]))
    assert gaps(done)[0] == 0 and np.array_equal(done[1], points[1])


class Shifting:
    """A keypoint network that says what the mesh is, `off` eye distances to the right."""

    def __init__(self, off: float):
        self.off = off

    def predict(self, crops):
        mesh = landmarks.MEAN_FACE * 45 + np.float32([79.5 + self.off * 45, 79.5, 0])
        return np.repeat(mesh[None], len(crops), 0), np.ones(len(crops))


def test_our_own_points_are_taken_unless_they_went_astray():
    frames, points = np.zeros((2, 256, 256, 3), np.uint8), np.stack([pose(), pose(shift=(9, 0))])
    near, far = (predict_all(frames, points, Shifting(off)) for off in (0.02, 0.4))
    assert 0 < np.abs(near - points).max() < 12
    assert np.array_equal(far, points)


def test_a_closed_eye_keeps_its_place():
    closed_eyes = np.stack([pose(closed=1.0)])
    wide = open_lids(closed_eyes)
    assert gaps(wide)[0] > 6 and np.abs(wide - closed_eyes)[..., 0].max() < 1
    upper, lower = (list(sum(lids, ())) for lids in (landmarks.UPPER_LIDS, landmarks.LOWER_LIDS))
    assert (wide[0, upper, 1] < wide[0, lower, 1]).all()
    open_eyes = open_lids(wide)
    assert np.allclose(open_eyes, wide, atol=1e-3)
