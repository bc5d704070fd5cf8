"""The two networks as one: the start of training is the first-order warp, weights survive the file, numpy outside."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from animate.core.errors import WeightsDamaged
from animate.model import checkpoint
from animate.model.nets.blocks import smooth_up, warp
from animate.model.nets.face_masks import Contours
from animate.model.nets.motion_networks import (
    MotionNetwork,
    MotionNetworks,
    MotionNetworkSizes,
    load_networks,
    save_networks,
)
from animate.motion import landmarks

OUTLINES = Contours(
    landmarks.LIDS, landmarks.INNER_LIPS, landmarks.OUTER_LIPS, landmarks.BROWS, landmarks.OVAL, landmarks.IRISES
)
SMALL = MotionNetworkSizes((8, 8, 8), (8, 8, 8), (8, 8, 8), 64)


def points(size: int = 64) -> np.ndarray:
    return (landmarks.MEAN_FACE * size / 4 + np.float32([(size - 1) / 2, (size - 1) / 2, 0])).astype(np.float32)


def closed(points: np.ndarray) -> np.ndarray:
    points = points.copy()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[list(upper)] = points[list(lower)]
    return points


def photo(size: int = 64) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    return np.stack([rows * 3, columns * 3, 128 + 60 * np.sin(rows / 5)], -1).astype(np.uint8)


def shaken(network: MotionNetwork) -> MotionNetwork:
    torch.manual_seed(3)
    for parameter in network.parameters():
        parameter.data.add_(0.02 * torch.randn_like(parameter))
    return network


def test_an_untrained_network_shows_the_first_order_warp():
    torch.manual_seed(0)
    networks = MotionNetworks(MotionNetwork(OUTLINES, SMALL))
    flow = 3 * np.random.default_rng(0).random((2, 32, 32, 2), dtype=np.float32)
    source = networks.encode(photo(), points())
    frames = networks.frames(source, np.stack([points()] * 2), flow)
    assert frames.keep.min() == pytest.approx(0.88, abs=0.01)
    warped = (
        warp(source.photo, smooth_up(torch.from_numpy(flow).permute(0, 3, 1, 2), 2), 64).permute(0, 2, 3, 1).numpy()
        * 255
    )
    shown = frames.keep[..., None] * warped + (1 - frames.keep[..., None]) * frames.colour
    assert np.abs(shown - warped).mean() < 4


def test_weights_survive_the_file(tmp_path):
    network = shaken(MotionNetwork(OUTLINES, SMALL))
    save_networks(network, tmp_path / "motion.safetensors")
    loaded = load_networks(tmp_path / "motion.safetensors")
    assert loaded.outlines == OUTLINES and asdict(loaded.network.shape) == asdict(SMALL)
    flow = np.ones((1, 32, 32, 2), np.float32)
    before, after = (
        n.frames(n.encode(photo(), points()), points()[None] + 1, flow) for n in (MotionNetworks(network), loaded)
    )
    assert np.abs(before.colour - after.colour).max() < 2 and np.abs(before.keep - after.keep).max() < 0.01


def test_frames_of_one_batch_do_not_see_each_other():
    networks = MotionNetworks(shaken(MotionNetwork(OUTLINES, SMALL)))
    source = networks.encode(photo(), points())
    driven = np.stack([points(), points() + np.float32([2, 1, 0])])
    flow = np.random.default_rng(1).normal(0, 2, (2, 32, 32, 2)).astype(np.float32)
    together, alone = networks.frames(source, driven, flow), networks.frames(source, driven[1:], flow[1:])
    assert np.allclose(together.colour[1], alone.colour[0], atol=0.05)
    assert networks.painted(together.keep, driven).shape == (2,)


def test_a_larger_crop_shows_the_same_in_more_pixels():
    network = MotionNetworks(MotionNetwork(OUTLINES, SMALL))
    shown = []
    for size in (256, 512):
        source = network.encode(
            photo(size) if size == 256 else np.kron(photo(256), np.ones((2, 2, 1), np.uint8)), points(size)
        )
        frames = network.frames(source, closed(points(size))[None], np.zeros((1, size // 2, size // 2, 2), np.float32))
        assert frames.colour.shape == (1, size, size, 3) and frames.tone.shape == (1, size // 4, size // 4, 3)
        shown.append(frames.keep[0].reshape(256, size // 256, 256, size // 256).mean((1, 3)))
    assert np.abs(shown[0] - shown[1]).mean() < 0.01


def test_other_weights_are_refused(tmp_path):
    checkpoint.write(tmp_path / "other.safetensors", "keypoints", {}, {"a": torch.zeros(1)})
    with pytest.raises(WeightsDamaged, match="expected 'motion'"):
        load_networks(tmp_path / "other.safetensors")


def test_a_file_of_another_version_is_refused_with_a_hint(tmp_path):
    network = MotionNetwork(OUTLINES, SMALL)
    state = {name: value for name, value in network.state_dict().items() if name != "lids.lashes"}
    checkpoint.write(tmp_path / "old.safetensors", "motion", {**asdict(SMALL), "outlines": asdict(OUTLINES)}, state)
    with pytest.raises(WeightsDamaged, match="lids.lashes") as caught:
        load_networks(tmp_path / "old.safetensors")
    assert "version" in caught.value.hint


def test_where_an_eye_closes_lids_are_drawn_and_count_as_painted():
    networks = MotionNetworks(MotionNetwork(OUTLINES, SMALL))
    source, flow = networks.encode(photo(), points()), np.zeros((1, 32, 32, 2), np.float32)
    looking, blinking = (networks.frames(source, driven[None], flow) for driven in (points(), closed(points())))
    middle = np.rint(closed(points())[list(landmarks.LIDS[0]), 1::-1].mean(0)).astype(int)
    assert looking.keep[0, *middle] > 0.8 and blinking.keep[0, *middle] < 0.01
    assert np.allclose(looking.keep[0, :8], blinking.keep[0, :8], atol=1e-3)


def test_a_crop_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        MotionNetworks(MotionNetwork(OUTLINES, SMALL)).encode(np.zeros((50, 50, 3), np.uint8), points())
