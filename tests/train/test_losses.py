"""The likeness loss: nothing for the truth, more for what is farther from it, and a way down for the output alone."""

import numpy as np
import pytest
import torch
from skimage import data
from training import settled

from animate.core.geometry import LANDMARK_SIZE
from animate.model.nets.landmark_network import LandmarkNetwork, LandmarkNetworkSizes, save_landmark_network
from animate.motion import landmarks
from animate.train.losses import Likeness

SIZE = 128
FACE = (landmarks.MEAN_FACE * 24 + np.float32([64, 60, 0])).astype(np.float32)


@pytest.fixture(scope="module")
def likeness(tmp_path_factory):
    torch.manual_seed(0)
    network = LandmarkNetwork(LandmarkNetworkSizes(widths=(4, 6, 8, 8, 8), depths=(0, 1, 1, 0, 1), hidden=16))
    path = tmp_path_factory.mktemp("weights") / "keypoints.safetensors"
    save_landmark_network(settled(network, 4, 3, LANDMARK_SIZE, LANDMARK_SIZE), path)
    return Likeness(path, SIZE)


@pytest.fixture
def truth():
    face = data.astronaut()[40 : 40 + 2 * SIZE : 2, 96 : 96 + 2 * SIZE : 2]
    return torch.from_numpy(face / np.float32(255)).permute(2, 0, 1)[None]


def test_the_truth_costs_nothing_and_what_is_farther_from_it_costs_more(likeness, truth):
    costs = [likeness(truth.lerp(truth.flip(-2), share), truth, FACE[None]) for share in (0.0, 0.15, 0.9)]
    features, points = zip(*((float(a), float(b)) for a, b in costs), strict=True)
    assert features[0] == points[0] == 0
    assert features[0] < features[1] < features[2] and points[0] < points[1] < points[2]


def test_the_output_is_led_to_the_truth_and_the_critic_stays(likeness, truth):
    output = (0.7 * truth + 0.1).requires_grad_()
    before = likeness(output, truth, FACE[None])[0]
    before.backward()
    assert output.grad[..., 40:90, 40:90].abs().sum() > 0
    assert all(weight.grad is None for weight in likeness.network.parameters())
    better = (output - 1e-2 * output.grad / output.grad.abs().max()).detach()
    assert likeness(better, truth, FACE[None])[0] < before
