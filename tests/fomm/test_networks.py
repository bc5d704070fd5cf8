"""The published networks: the reference's numbers where they are at hand, and laws that hold for any weights."""

import numpy as np
import pytest
import torch
from fomm_small import SMALL, VECTORS, pictures, small, tensor
from torch.nn import functional as F

from animate.fomm.blocks import Shrink, UpBlock, positions
from animate.fomm.checkpoint import import_checkpoint
from animate.fomm.config import Sizes
from animate.fomm.fused import fast
from animate.fomm.networks import FommNetwork, Points, deform, sparse_motions
from animate.model.warp.sampling import sample_normalised


@pytest.fixture(scope="module")
def network():
    return small()


@pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the reference's numbers (shared/fomm-vectors) are not beside the checkout"
)
@pytest.mark.parametrize("quick", [False, True], ids=["plain", "fast"])
@torch.inference_mode()
def test_the_reference_numbers_are_met(quick):
    found = import_checkpoint(VECTORS / "small-cpk.pth.tar", VECTORS / "small-config.yaml")
    network = FommNetwork(found.sizes).eval()
    network.load_state_dict(found.state, strict=False)
    network = fast(network) if quick else network
    truth = {name: torch.from_numpy(value) for name, value in np.load(VECTORS / "expected.npz").items()}
    source, driving = network.kp_detector(truth["source"][None]), network.kp_detector(truth["driving"])
    relative = Points(truth["rel_value"], truth["rel_jacobian"])
    known = network.generator.source(truth["source"][None], source)
    moved = network.generator(known, relative, aligned=False)
    pairs = [
        (source.value[0], "source_kp_value"), (source.jacobian[0], "source_kp_jacobian"), (driving.value, "kp_value"),
        (driving.jacobian, "kp_jacobian"), (moved.picture, "prediction_relative"), (moved.occlusion, "occlusion"),
        (network.generator(known, driving, aligned=False).picture, "prediction_absolute"),
        (network.generator(known, relative, aligned=True).picture, "prediction_relative_aligned"),
    ]  # fmt: skip
    for ours, name in pairs:
        torch.testing.assert_close(ours, truth[name], atol=1e-5, rtol=0, msg=name)


def test_the_published_sizes_have_the_published_shapes():
    with torch.device("meta"):
        network = FommNetwork(Sizes())
    state = network.state_dict()
    shapes = {
        "generator.dense_motion_network.hourglass.encoder.down_blocks.4.conv.weight": (1024, 1024, 3, 3),
        "generator.dense_motion_network.hourglass.decoder.up_blocks.4.conv.weight": (64, 256, 3, 3),
        "generator.dense_motion_network.mask.weight": (11, 108, 7, 7),
        "generator.dense_motion_network.down.weight": (3, 1, 13, 13),
        "generator.bottleneck.r5.norm2.running_var": (256,),
        "generator.final.weight": (3, 64, 7, 7),
        "kp_detector.predictor.decoder.up_blocks.0.conv.weight": (512, 1024, 3, 3),
        "kp_detector.jacobian.weight": (40, 35, 7, 7),
    }
    assert {name: tuple(state[name].shape) for name in shapes} == shapes
    assert [
        sum(part.numel() for part in net.parameters()) // 10**4 for net in (network.generator, network.kp_detector)
    ] == [4557, 1421]


def test_an_untrained_detector_finds_identities():
    found = FommNetwork(SMALL).eval().kp_detector(tensor(pictures(1)))
    torch.testing.assert_close(found.jacobian[0], torch.eye(2).expand(10, 2, 2))


@torch.inference_mode()
def test_driven_by_its_own_keypoints_a_picture_rests(network):
    source = tensor(pictures(1))
    points = network.kp_detector(source)
    moved = network.generator(network.generator.source(source, points), points, aligned=True)
    assert (moved.deformation - positions(moved.occlusion)).abs().max() < 1e-5
    assert (moved.mask.sum(1) - 1).abs().max() < 1e-5


@torch.inference_mode()
@pytest.mark.parametrize("aligned", [True, False])
def test_many_frames_at_once_are_the_same_as_one_by_one(network, aligned):
    frames = tensor(pictures(4))
    points = network.kp_detector(frames)
    source = network.generator.source(frames[:1], Points(points.value[:1], points.jacobian[:1]))
    together = network.generator(source, points, aligned=aligned).picture
    for k in range(4):
        alone = network.generator(source, Points(points.value[k : k + 1], points.jacobian[k : k + 1]), aligned=aligned)
        torch.testing.assert_close(together[k : k + 1], alone.picture, atol=1e-5, rtol=0)


def test_sparse_motions_are_first_order_maps():
    rng = np.random.default_rng(0)
    s, d = rng.uniform(-1, 1, (2, 3, 2))
    js, jd = np.eye(2) + rng.normal(0, 0.2, (2, 3, 2, 2))
    points = [
        Points(*(torch.from_numpy(part.astype(np.float32))[None] for part in pair)) for pair in ((s, js), (d, jd))
    ]
    places = positions(torch.empty(4, 5))
    found = sparse_motions(*points, places)[0].numpy()
    np.testing.assert_allclose(found[0], places)
    for k in range(3):
        for row in range(4):
            for column in range(5):
                z = np.array([2 * column / 4 - 1, 2 * row / 3 - 1])
                wanted = s[k] + js[k] @ np.linalg.inv(jd[k]) @ (z - d[k])
                np.testing.assert_allclose(found[k + 1, row, column], wanted, atol=1e-5)


def test_without_jacobians_keypoints_only_shift():
    source, driving = (Points(torch.tensor([[[x, 0.1]]]), None) for x in (0.3, -0.2))
    places = positions(torch.empty(3, 3))
    torch.testing.assert_close(sparse_motions(source, driving, places)[0, 1], places + torch.tensor([0.5, 0.0]))


@pytest.mark.parametrize("aligned", [True, False])
def test_look_up_reads_every_picture_at_every_set(aligned):
    rng = torch.Generator().manual_seed(0)
    maps, places = torch.rand(2, 3, 7, 5, generator=rng), torch.rand(2, 4, 6, 8, 2, generator=rng) * 2.4 - 1.2
    found = sample_normalised(maps, places, aligned=aligned)
    one = sample_normalised(maps[:1], places, aligned=aligned)
    for b in range(2):
        for n in range(4):
            wanted = F.grid_sample(maps[b : b + 1], places[b, n][None], align_corners=aligned)
            torch.testing.assert_close(found[b, n], wanted[0])
            wanted = F.grid_sample(maps[:1], places[b, n][None], align_corners=aligned)
            torch.testing.assert_close(one[b, n], wanted[0])


def test_a_deformation_is_brought_to_the_size_of_the_maps():
    maps = torch.rand(1, 2, 16, 16)
    same = deform(maps, positions(maps)[None], aligned=True)
    torch.testing.assert_close(same, maps, atol=1e-5, rtol=0)
    assert deform(maps, positions(torch.empty(8, 8))[None], aligned=True).shape == maps.shape


def test_shrink_is_a_gaussian_at_every_fourth_pixel():
    block, picture = Shrink(3, 0.25), torch.rand(1, 3, 32, 32)
    line = np.exp(-((np.arange(13) - 6) ** 2) / (2 * 1.5**2))
    line /= line.sum()
    padded = np.pad(picture[0, 1].numpy(), 6)
    wanted = [[line @ padded[y : y + 13, x : x + 13] @ line for x in range(0, 32, 4)] for y in range(0, 32, 4)]
    np.testing.assert_allclose(block(picture)[0, 1], wanted, atol=1e-6)


def test_up_blocks_double_before_they_convolve():
    block, x = UpBlock(4, 6).eval(), torch.randn(1, 4, 5, 5)
    wide = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(block(x), F.relu(block.norm(block.conv(wide))))
    assert block(x).shape == (1, 6, 10, 10)
