"""The keypoint network: what is exported computes what was trained, and the bundled weights see a face."""

import numpy as np
import pytest
import torch
from skimage import data
from training import settled

from animate.core import weights
from animate.core.errors import WeightsDamaged
from animate.core.geometry import LANDMARK_SIZE, LANDMARK_SPAN
from animate.faces.crop import crop_from_five, cut
from animate.model.checkpoint import write
from animate.model.nets.landmark_network import (
    LandmarkNetwork,
    LandmarkNetworkSizes,
    fold,
    from_pixels,
    load_landmark_network,
    save_landmark_network,
    to_pixels,
)
from animate.motion import landmarks

SMALL = LandmarkNetworkSizes(widths=(4, 6, 8, 8, 8), depths=(0, 1, 1, 0, 1), hidden=16)
EYES_NOSE_MOUTH = np.array([[203, 101], [246, 103], [223, 129.5], [201, 139], [244.5, 140.5]])  # in skimage's astronaut


@pytest.fixture
def trained():
    torch.manual_seed(0)
    return settled(LandmarkNetwork(SMALL), 8, 3, LANDMARK_SIZE, LANDMARK_SIZE)


def test_folding_batchnorm_changes_nothing(trained):
    crops = torch.rand(2, 3, LANDMARK_SIZE, LANDMARK_SIZE) * 2 - 1
    with torch.no_grad():
        before, after = trained(crops), fold(trained)(crops)
    assert torch.allclose(before[0], after[0], atol=1e-5)
    assert torch.allclose(before[1], after[1], atol=1e-5)


def test_saved_and_loaded_it_finds_the_same_points(trained, tmp_path):
    save_landmark_network(trained, tmp_path / "k.safetensors")
    crops = np.random.default_rng(0).integers(0, 256, (2, LANDMARK_SIZE, LANDMARK_SIZE, 3), dtype=np.uint8)
    points, presence = load_landmark_network(tmp_path / "k.safetensors").predict(crops)
    with torch.no_grad():
        expected, logits, _ = trained(torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1)
    assert points.shape == (2, 478, 3) and presence.shape == (2,)
    assert np.abs(points - to_pixels(expected).numpy()).max() < 0.3  # pixels, after fp16
    assert np.abs(presence - torch.sigmoid(logits).numpy()).max() < 0.01


def test_network_units_and_pixels_are_inverse():
    points = torch.rand(3, 478, 3) * 160
    assert torch.allclose(to_pixels(from_pixels(points)), points, atol=1e-4)


def test_crops_of_another_size_are_refused(trained, tmp_path):
    save_landmark_network(trained, tmp_path / "k.safetensors")
    with pytest.raises(ValueError, match="160"):
        load_landmark_network(tmp_path / "k.safetensors").predict(np.zeros((1, 100, 100, 3), np.uint8))


@pytest.mark.parametrize(
    "shape", [{"widths": [4, 6, 8, 8, 9], "depths": [0, 1, 1, 0, 1], "hidden": 16, "norm": False}, {"colour": "red"}]
)
def test_a_shape_that_does_not_fit_its_tensors_is_damage(trained, tmp_path, shape):
    write(tmp_path / "k.safetensors", "keypoints", shape, fold(trained).state_dict())
    with pytest.raises(WeightsDamaged):
        load_landmark_network(tmp_path / "k.safetensors")


@pytest.mark.slow
def test_the_bundled_weights_find_a_face_where_it_is_and_none_where_none_is():
    network = load_landmark_network(weights.path("keypoints"))
    crop = crop_from_five(EYES_NOSE_MOUTH, size=LANDMARK_SIZE, span=LANDMARK_SPAN)
    points, presence = network.predict(cut(data.astronaut(), crop)[None])
    five = landmarks.five(crop.out(points[0]))[:, :2]
    assert presence[0] > 0.9
    assert np.linalg.norm(five - EYES_NOSE_MOUTH, axis=1).max() < 0.1 * 40  # a tenth of the eye distance
    nothing = np.random.default_rng(0).integers(0, 256, (1, LANDMARK_SIZE, LANDMARK_SIZE, 3), dtype=np.uint8)
    assert network.predict(nothing)[1][0] < 0.5
