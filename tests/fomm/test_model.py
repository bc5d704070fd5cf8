"""The published model behind numpy: streams, laws of rest, motion in pixels, other keypoints refused."""

import numpy as np
import pytest
import torch
from fomm_small import SIDE, pictures, small, tensor

from animate.core.errors import KeypointsMixed
from animate.core.types import FOMM, MESH, Keypoints
from animate.fomm.model import BATCH, Fomm


@pytest.fixture(scope="module")
def model():
    return Fomm(small())


@pytest.fixture(scope="module")
def still(model):
    return model.still(pictures(1)[0])


def shifted(keypoints: Keypoints, x: float, y: float = 0.0) -> Keypoints:
    return Keypoints(keypoints.points + np.float32([x, y]), FOMM, 1.0, keypoints.jacobians)


def test_keypoints_are_those_of_the_network(model):
    frames = pictures(3)
    found, truth = list(model.detect(frames)), small().kp_detector(tensor(frames))
    for one, value, jacobian in zip(found, *truth, strict=True):
        np.testing.assert_allclose(one.points, value.detach(), atol=1e-5)
        np.testing.assert_allclose(one.jacobians, jacobian.detach(), atol=1e-5)


def test_streams_are_read_as_they_are_needed(model, still):
    taken = []

    def driver():
        for k in range(3 * BATCH):
            taken.append(k)
            yield pictures(1, seed=k)[0]

    frames = model.frames(still, model.detect(driver()))
    assert not taken and next(frames).picture.shape == (SIDE, SIDE, 3)
    assert len(taken) <= BATCH + 1
    assert len(list(frames)) == 3 * BATCH - 1


def test_at_rest_nothing_moves(model, still):
    rest = next(model.frames(still, [still.keypoints]))
    assert np.abs(rest.motion).max() < 1e-3 and rest.visible.shape == (SIDE // 4, SIDE // 4)
    assert rest.picture.min() >= 0 and rest.picture.max() <= 1 and rest.picture.dtype == np.float32


@pytest.mark.parametrize("aligned, where", [(True, (SIDE // 4 - 1) * 2), (False, SIDE // 2)])
def test_motion_counts_pixels(aligned, where):
    network = small()
    head = network.generator.dense_motion_network.mask
    with torch.no_grad():  # only the first keypoint counts
        head.weight.zero_()
        head.bias.fill_(-50)
        head.bias[1] = 50
    model = Fomm(network, aligned=aligned)
    still = model.still(pictures(1)[0])
    rest, moved = model.frames(still, [still.keypoints, shifted(still.keypoints, -0.1, 0.05)])
    np.testing.assert_allclose(
        moved.motion - rest.motion, np.broadcast_to([0.1 * where, -0.05 * where], rest.motion.shape), atol=1e-3
    )


def test_the_lattice_is_the_middles_of_cells(model):
    np.testing.assert_allclose(model.lattice(SIDE).xs, np.arange(16) * 4 + 1.5)
    np.testing.assert_array_equal(model.lattice(256).ys, model.lattice(256).xs)


def test_a_clip_plays_twice_the_same(model, still):
    driven = [shifted(still.keypoints, 0.02 * k) for k in range(3)]
    first, second = (np.stack([frame.picture for frame in model.frames(still, driven)]) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_bfloat16_is_close(model, still):
    rough = Fomm(small(), precision="bfloat16")
    driven = shifted(still.keypoints, 0.05)
    made = [next(one.frames(one.still(still.picture), [driven])).picture for one in (model, rough)]
    assert np.abs(made[0] - made[1]).mean() < 0.02
    assert Fomm(small(), precision="auto").side_step == model.side_step == 32


def test_keypoints_of_the_mesh_are_refused(model, still):
    with pytest.raises(KeypointsMixed, match="mesh478") as caught:
        list(model.frames(still, [Keypoints(np.zeros((478, 3), np.float32), MESH)]))
    assert caught.value.hint


@pytest.mark.parametrize("picture, words", [
    (np.zeros((64, 32, 3), np.uint8), "n, n, 3"), (np.zeros((64, 64, 3), np.float32), "float32"),
    (np.zeros((48, 48, 3), np.uint8), "multiple of 32"), (np.zeros((0, 0, 3), np.uint8), "multiple of 32"),
])  # fmt: skip
def test_other_pictures_are_refused(model, picture, words):
    with pytest.raises(ValueError, match=words):
        model.still(picture)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="float16"):
        Fomm(small(), precision="float16")
