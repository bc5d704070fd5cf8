"""Local frames: exact for what is affine, never singular, and lids do not know each other."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model.movements import LOWER, UPPER, surface, turned

from animate.model.warp import local_affine
from animate.motion import landmarks


@pytest.fixture(scope="module")
def mean() -> np.ndarray:
    return np.array(landmarks.MEAN_FACE)


@pytest.fixture(scope="module")
def mesh():
    return [torch.from_numpy(part) for part in _neighbours()]


@cache
def _neighbours():
    return local_affine.neighbours(np.array(landmarks.MEAN_FACE), surface())


def jacobians(mean, mesh, driven):
    driven = torch.as_tensor(driven, dtype=torch.float32).reshape(-1, 478, 2)
    source = torch.from_numpy(mean[:, :2])
    head, shift = local_affine.similarity(driven, source, torch.ones(478))
    return local_affine.gradients(driven, source, *mesh, head) + torch.eye(2), head, shift


def test_neighbours_stay_on_their_own_lid_lip_and_iris(mean, mesh):
    index, weight = (part.numpy() for part in mesh)
    near = [set(row[used > 0].tolist()) for row, used in zip(index, weight, strict=True)]
    pairs = [*zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True), (UPPER, LOWER)]
    for first, second in pairs:
        assert not any(near[point] & set(second) for point in first)
        assert not any(near[point] & set(first) for point in second)
    for iris in landmarks.IRISES:
        assert all(near[point] <= set(iris) for point in iris)
    assert min(map(len, near)) >= 4


def test_nothing_moved_gives_nothing(mean, mesh):
    found, head, shift = jacobians(mean, mesh, mean[:, :2])
    assert torch.equal(found, torch.eye(2).expand_as(found)) and not head.any() and not shift.any()


def test_similarities_are_found_exactly(mean, mesh):
    turn = np.deg2rad(12)
    linear = 1.2 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found, head, shift = jacobians(mean, mesh, mean[:, :2] @ linear.T + [0.3, -0.2])
    inverse = torch.from_numpy(np.linalg.inv(linear)).float()
    assert torch.allclose(found, inverse.expand_as(found), atol=2e-4)
    assert torch.allclose(head[0] + torch.eye(2), inverse, atol=1e-5)
    assert torch.allclose(shift[0], -inverse @ torch.tensor([0.3, -0.2]), atol=1e-5)


def test_stretching_is_nearly_found(mean, mesh):
    found, _, _ = jacobians(mean, mesh, mean[:, :2] * [1.3, 0.9])
    inner = found[0, list(landmarks.BROWS[0])].mean(0)
    assert abs(inner[0, 0] - 1 / 1.3) < 0.06 and abs(inner[1, 1] - 1 / 0.9) < 0.06


@settings(max_examples=40, derandomize=True)
@given(st.integers(0, 2**31), st.floats(0, 30), st.sampled_from(["noise", "mirror", "point", "line"]))
def test_no_jacobian_is_ever_singular(seed, strength, kind):
    mean = np.array(landmarks.MEAN_FACE)
    mesh = [torch.from_numpy(part) for part in _neighbours()]
    driven = mean[:, :2] + np.random.default_rng(seed).normal(0, strength, (478, 2))
    driven = driven * {"noise": (1, 1), "mirror": (-1, 1), "point": (0, 0), "line": (1, 0)}[kind]
    found, head, _ = jacobians(mean, mesh, driven)
    assert torch.isfinite(found).all()
    least = torch.linalg.det(head + torch.eye(2)).min()
    assert least > 0.05 and torch.linalg.det(found).min() > 0.5 * local_affine.LEAST * least


def test_the_far_side_of_a_turned_head_is_not_seen(mean):
    triangles = torch.tensor(np.array(landmarks.TRIANGLES, np.int64))
    points = np.stack([mean, turned(mean, yaw=40), turned(mean, yaw=-40)])
    ahead, one, other = local_affine.facing(torch.from_numpy(points), triangles)
    assert ahead[[1, 50, 280, 10, 152]].min() > 0.9 and min(one.min(), other.min()) >= 1e-3
    sides = [[234, 127, 93], [454, 356, 323]]
    assert sorted(turn[side].max() < 0.05 for turn in (one, other) for side in sides) == [False, False, True, True]
    assert (ahead[list(landmarks.IRISES[0])] == 1).all()


def test_sums_in_bands_of_rows_are_the_sums_over_all_points(monkeypatch):
    random = torch.Generator().manual_seed(0)
    points, affine = torch.rand(1, 400, 2, generator=random) * 4, torch.randn(1, 400, 6, generator=random)
    strength, width = torch.rand(1, 400, generator=random), 0.05 + 0.1 * torch.rand(400, generator=random)
    x, y = torch.linspace(-1, 5, 70), torch.linspace(-1, 5, 83)
    banded = local_affine.weighted(points, affine, strength, width, x, y)
    monkeypatch.setattr(local_affine, "MANY", 1000)
    whole = local_affine.weighted(points, affine, strength, width, x, y)
    assert banded.shape == whole.shape == (1, 7, 83, 70)
    torch.testing.assert_close(banded, whole, atol=1e-6, rtol=0)
    assert whole.abs().max() > 1
