"""Convolutions with BatchNorm for training, and the same function without it for use."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval


class ResidualBlock(nn.Module):
    """x + two convolutions of x (He et al. 2016)."""

    def __init__(self, width: int, *, norm: bool):
        super().__init__()
        self.first = convolution(width, width, norm=norm)
        self.second = convolution(width, width, norm=norm, act=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(self.first(x)))


def convolution(before: int, after: int, *, stride: int = 1, norm: bool = True, act: bool = True) -> nn.Sequential:
    """A 3 x 3 convolution, BatchNorm after it if `norm`, ReLU if `act`."""
    layers: list[nn.Module] = [nn.Conv2d(before, after, 3, stride, 1, bias=not norm)]
    if norm:
        layers.append(nn.BatchNorm2d(after))
    if act:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def fold_norms(network: nn.Module, plain: nn.Module) -> None:
    """Give the convolutions of `plain`, which has no BatchNorm, what those of `network` do together with theirs."""
    blocks = [block for block in network.modules() if _is_convolution(block)]
    targets = [block for block in plain.modules() if _is_convolution(block)]
    for block, target in zip(blocks, targets, strict=True):
        target[0].load_state_dict(fuse_conv_bn_eval(block[0], block[1]).state_dict())


def unfold_norms(plain: nn.Module, network: nn.Module, batch: torch.Tensor) -> None:
    """The inverse of `fold_norms`, to train further: `network`, with BatchNorm, does in training what `plain` does.

    `batch` is a usual input of `plain`; mean and variance of every convolution are measured on it.
    """
    blocks = [block for block in network.modules() if _is_convolution(block)]
    sources = [block for block in plain.modules() if _is_convolution(block)]
    with ExitStack() as hooks, torch.no_grad():
        for block, source in zip(blocks, sources, strict=True):
            hooks.enter_context(source[0].register_forward_hook(partial(_measured, block)))
        plain.eval()(batch)


def _measured(block: nn.Sequential, source: nn.Conv2d, _: tuple, found: torch.Tensor) -> None:
    """Set a convolution and its BatchNorm from one convolution and what came out of it."""
    norm, mean, variance = block[1], found.mean((0, 2, 3)), found.var((0, 2, 3), unbiased=False)
    block[0].weight.copy_(source.weight)
    norm.running_mean.copy_(mean - source.bias)
    norm.running_var.copy_(variance)
    norm.weight.copy_(torch.sqrt(variance + norm.eps))
    norm.bias.copy_(mean)


def _is_convolution(block: nn.Module) -> bool:
    return isinstance(block, nn.Sequential) and len(block) > 0 and isinstance(block[0], nn.Conv2d)
