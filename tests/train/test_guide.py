"""What optical flow says the residual should be: the way back from a shift, and no trust where it finds nothing better."""

import torch
from drawn import paint, pose

from animate.model.blocks import look, smooth_up
from animate.train.guide import residual


def picture() -> torch.Tensor:
    return torch.from_numpy(paint(pose(), 3)).permute(2, 0, 1)[None].float() / 255


def test_a_shift_that_the_flow_missed_is_found():
    photo, flow = picture(), torch.zeros(1, 2, 256, 256)
    flow[:, 0] = 2
    missed = flow.clone()
    missed[:, 1] = 3
    moved, target = look(photo, flow, 256), look(photo, missed, 256)
    added, trust = residual(moved, target, flow)
    assert added.shape == (1, 2, 64, 64) and trust.shape == (1, 1, 64, 64)
    middle = added[0, :, 24:40, 24:40]
    assert (middle[1].median() - 3).abs() < 0.5 and middle[0].median().abs() < 0.5
    again = look(photo, flow + smooth_up(added, 4), 256)
    assert (again - target).abs().mean() < 0.5 * (moved - target).abs().mean()


def test_equal_pictures_ask_for_nothing():
    photo, flow = picture(), torch.zeros(1, 2, 256, 256)
    added, trust = residual(photo, photo, flow)
    assert added.abs().max() < 0.1 and trust.min() > 0.99


def test_a_picture_of_something_else_is_not_trusted():
    photo, flow = picture(), torch.zeros(1, 2, 256, 256)
    noise = torch.rand(photo.shape, generator=torch.Generator().manual_seed(0))
    _, trust = residual(photo, noise, flow)
    assert trust.mean() < 0.5
