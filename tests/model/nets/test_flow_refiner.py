"""The dense-motion network: untrained it changes nothing; looking up along a displacement is exact where it can be."""

import torch

from animate.model.nets.blocks import warp
from animate.model.nets.encoder import encoder_inputs
from animate.model.nets.flow_refiner import Refiner
from animate.model.nets.shading import ShadingNet


def test_an_untrained_refiner_leaves_the_flow_and_shows_nearly_everything():
    torch.manual_seed(0)
    refiner = Refiner((8, 8, 8)).eval()
    pictures, masks = torch.rand(2, 3, 16, 16), torch.rand(2, 6, 16, 16)
    told = encoder_inputs(pictures, pictures, torch.randn(2, 2, 16, 16), masks, masks)
    (residual, seen), tone = refiner(told), ShadingNet((8, 8, 8)).eval()(told)
    assert residual.shape == (2, 2, 16, 16) and residual.abs().max() < 0.5
    assert seen.shape == (2, 1, 16, 16) and seen.min() > 0.8
    assert tone.shape == (2, 3, 4, 4) and tone.abs().max() < 0.1


def test_looking_without_displacement_shows_the_picture():
    picture = torch.rand(1, 3, 32, 32)
    assert torch.allclose(warp(picture, torch.zeros(2, 2, 32, 32), 32), picture.expand(2, -1, -1, -1), atol=1e-5)


def test_a_displacement_points_into_the_photo_at_every_scale():
    picture = torch.rand(1, 3, 32, 32)
    shift = torch.zeros(1, 2, 32, 32)
    shift[:, 0] = 4  # look four pixels to the right
    assert torch.allclose(warp(picture, shift, 32)[..., :-4], picture[..., 4:], atol=1e-5)
    half = torch.nn.functional.avg_pool2d(picture, 2)
    assert torch.allclose(warp(half, shift, 32)[..., :-2], half[..., 2:], atol=1e-5)
