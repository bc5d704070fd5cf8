"""The faster networks give what the plain ones give, block by block and as a whole, and measuring them works."""

import numpy as np
import pytest
import torch
from fomm_small import SMALL, pictures, small, tensor
from torch import nn
from torch.nn import functional as F

from animate.fomm.benchmark import measure, random_network
from animate.fomm.blocks import DownBlock, ResBlock, SameBlock, UpBlock
from animate.fomm.fused import Folded, FoldedRes, FoldedUp, FourAtOnce, Winograd, fast


def seasoned(block: nn.Module) -> nn.Module:
    """With normalisation that does something, in evaluation mode."""
    for part in block.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values, low, high in (
                (part.running_mean, -1, 1),
                (part.running_var, 0.1, 3),
                (part.weight, -2, 2),
                (part.bias, -1, 1),
            ):
                nn.init.uniform_(values, low, high)
    return block.eval()


@pytest.mark.parametrize("size", [(8, 8), (6, 14), (2, 2), (16, 4)])
@torch.inference_mode()
def test_blocks_give_the_same(size):
    torch.manual_seed(0)
    x = torch.randn(2, 5, *size)
    pairs = [
        (block := seasoned(SameBlock(5, 7)), Folded(block, halve=False)),
        (block := seasoned(DownBlock(5, 7)), Folded(block, halve=True)),
        (block := seasoned(UpBlock(5, 7)), FoldedUp(block)),
        (block := seasoned(ResBlock(5)), FoldedRes(block)),
        (block := nn.Conv2d(5, 3, 7, padding=3), FourAtOnce(block)),
        (block := nn.Conv2d(5, 6, 3, padding=1), Winograd(block)),
    ]
    for plain, quick in pairs:
        torch.testing.assert_close(quick(x.clone()), plain(x), atol=2e-5, rtol=2e-5, msg=type(plain).__name__)


@torch.inference_mode()
def test_half_the_products_lose_few_digits():
    torch.manual_seed(0)
    plain, x = nn.Conv2d(64, 64, 3, padding=1), torch.randn(1, 64, 16, 16)
    truth = F.conv2d(x.double(), plain.weight.double(), plain.bias.double(), padding=1)
    ours, theirs = ((made.double() - truth).square().mean().sqrt() for made in (Winograd(plain)(x), plain(x)))
    assert ours < 1e-5 * truth.std() and theirs < ours


@pytest.mark.parametrize("seed", [1, 2])
@torch.inference_mode()
def test_whole_networks_give_the_same(seed):
    plain, frames = small(seed), tensor(pictures(3, seed=seed))
    quick, points = fast(plain), plain.kp_detector(frames)
    found = quick.kp_detector(frames)
    torch.testing.assert_close(found.value, points.value, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.jacobian, points.jacobian, atol=1e-5, rtol=0)
    first = type(points)(points.value[:1], points.jacobian[:1])
    made = [
        net.generator(net.generator.source(frames[:1], first), points, aligned=True).picture for net in (plain, quick)
    ]
    torch.testing.assert_close(*made, atol=1e-5, rtol=0)
    assert made[0].std() > 0.1


@torch.inference_mode()
@pytest.mark.slow
def test_the_published_sizes_give_the_same():
    plain, frames = random_network(), tensor(pictures(2, side=128))
    points = plain.kp_detector(frames)
    first = type(points)(points.value[:1], points.jacobian[:1])
    quick = fast(plain)
    found = quick.kp_detector(frames)
    torch.testing.assert_close(found.value, points.value, atol=1e-5, rtol=0)
    made = [
        net.generator(net.generator.source(frames[:1], first), points, aligned=True).picture for net in (plain, quick)
    ]
    torch.testing.assert_close(*made, atol=1e-4, rtol=0)
    assert made[0].std() > 0.1


@torch.inference_mode()
def test_in_bfloat16_keypoints_stay_exact_and_pictures_close():
    plain, frames = small(), tensor(pictures(2))
    quick, points = fast(plain, dtype=torch.bfloat16), plain.kp_detector(frames)
    torch.testing.assert_close(quick.kp_detector(frames).value, points.value, atol=1e-5, rtol=0)
    first = type(points)(points.value[:1], points.jacobian[:1])
    made = [
        net.generator(net.generator.source(frames[:1], first), points, aligned=True).picture for net in (plain, quick)
    ]
    assert made[1].dtype == torch.float32 and (made[0] - made[1]).abs().mean() < 0.02


def test_the_plain_network_is_left_alone():
    plain = small()
    before = {name: value.clone() for name, value in plain.state_dict().items()}
    fast(plain, dtype=torch.bfloat16)
    assert all(torch.equal(value, before[name]) for name, value in plain.state_dict().items())
    assert next(plain.parameters()).requires_grad


def test_measuring_compares_with_the_plain_loop():
    found = measure(random_network(SMALL), size=64, frames=4, rounds=1)
    assert found["float32_difference"] < 1e-4
    assert found["float32_times"] == pytest.approx(found["plain_seconds"] / found["float32_seconds"])
    assert np.isfinite(list(found.values())).all() and min(found.values()) >= 0
