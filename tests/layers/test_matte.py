"""Refining and laying together mattes: laws that hold whatever the photograph shows."""

import numpy as np
import pytest

from animate.layers.matte import mean_of_looks, place, refine
from animate.layers.reduce import enlarge, shrink


def disc(shape, middle, radius, soft):
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    away = np.hypot(rows - middle[0], columns - middle[1])
    return np.clip((radius - away) / max(soft, 1e-6) + 0.5, 0, 1).astype(np.float32), away


def noise(shape, low=0, high=256, seed=0):
    return np.random.default_rng(seed).integers(low, high, (*shape, 3), dtype=np.uint8)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(40, 60), (301, 277), (3, 5)])
def test_a_constant_stays_constant(value, shape):
    found = refine(noise(shape), np.full(shape, value, np.float32), 9.0)
    assert found.shape == shape and found.dtype == np.float32
    assert np.abs(found - value).max() < 1e-4


@pytest.mark.parametrize("radius", [1.0, 6.0, 25.0])
def test_the_range_is_kept_and_far_from_edges_it_is_exactly_0_or_1(radius):
    shape = (420, 390)
    coarse, away = disc(shape, (200, 190), 110, radius)
    found = refine(noise(shape), coarse, radius)
    assert found.min() >= 0 and found.max() <= 1
    assert (found[away < 110 - 5 * radius - 6] == 1).all()
    assert (found[away > 110 + 5 * radius + 6] == 0).all()


def test_edges_go_where_the_photograph_has_them():
    shape = (300, 300)
    truth, away = disc(shape, (150, 150), 90, 1)
    pixels = np.clip(
        truth[..., None] * [150, 110, 90] + 60 + np.random.default_rng(1).normal(0, 3, (*shape, 1)), 0, 255
    ).astype(np.uint8)
    coarse, _ = disc(shape, (153, 147), 90, 16)  # soft, and four pixels beside the truth
    found = refine(pixels, coarse, 14.0)
    assert np.abs(found - truth).mean() < 0.1 * np.abs(coarse - truth).mean()
    assert (found[away < 84] > 0.95).all() and (found[away > 96] < 0.05).all()


def test_tiles_leave_no_seams():
    shape = (600, 560)
    coarse, _ = disc(shape, (300, 280), 200, 30)
    pixels = np.broadcast_to((coarse[..., None] * 200).astype(np.uint8), (*shape, 3)).copy()
    whole = refine(pixels, coarse, 12.0)
    shifted = refine(
        np.roll(pixels, 128, 1), np.roll(coarse, 128, 1), 12.0
    )  # 128 is a multiple of the step, not of a tile
    inner = np.s_[:, 60:370]
    assert np.abs(np.roll(shifted, -128, 1)[inner] - whole[inner]).max() < 1e-4


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="pixels"):
        refine(noise((10, 10)), np.zeros((10, 11), np.float32), 3.0)
    with pytest.raises(ValueError, match="uint8"):
        refine(np.zeros((10, 10, 3), np.float32), np.zeros((10, 10), np.float32), 3.0)


@pytest.mark.parametrize("step", [1, 3, 7])
def test_reducing_keeps_means_and_enlarging_keeps_slopes(step):
    rows, columns = np.mgrid[:42, :63].astype(np.float32)
    slope = rows * 2 + columns
    small = shrink(slope, step)
    assert np.isclose(small.mean(), slope.mean())
    back = enlarge(small, step, (0, 0, 63, 42))
    inner = np.s_[step:-step, step:-step]
    assert np.abs(back - slope)[inner].max() < 1e-3
    assert np.array_equal(back[5:20, 7:30], enlarge(small, step, (7, 5, 30, 20)))


@pytest.mark.parametrize("shape", [(41, 60), (1, 5), (130, 7, 3)], ids=str)
def test_what_overhangs_repeats_the_border(shape):
    picture = np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)
    small = shrink(picture, 4)
    sides = [(0, -side % 4) for side in shape[:2]]
    whole = np.pad(picture.astype(float), sides + [(0, 0)] * (picture.ndim - 2), mode="edge")
    rows, columns = (side // 4 for side in whole.shape[:2])
    means = whole.reshape(rows, 4, columns, 4, *shape[2:]).mean((1, 3))
    assert small.dtype == np.float32 and np.allclose(small, means, atol=1e-3)


def test_crops_are_laid_where_they_were_cut():
    truth, _ = disc((64, 64), (30, 34), 14, 4)
    scale, shift = 64 / 200, np.array([-20.0, -30.0])
    matrix = np.hstack([np.eye(2) * scale, (shift * scale)[:, None]])
    found = place((300, 280), truth[None], matrix[None])
    rows, columns = np.mgrid[:300, :280].astype(np.float32)
    there, _ = disc((300, 280), (30 / scale + 30, 34 / scale + 20), 14 / scale, 4 / scale)
    assert found.shape == (300, 280) and np.abs(found - there).max() < 0.12
    assert (found[:25] == 0).all() and (found[:, 240:] == 0).all()


def test_the_larger_of_two_crops_counts_and_what_lies_under_is_seen_beyond():
    full, empty = np.ones((32, 32), np.float32), np.zeros((32, 32), np.float32)
    left, right = np.array([[1.0, 0, 0], [0, 1.0, 0]]), np.array([[1.0, 0, -16], [0, 1.0, 0]])
    found = place((32, 64), np.stack([full, empty]), np.stack([left, right]))
    assert np.isclose(found[16, 20], 1) and found[16, 40] == 0
    under = np.full((32, 64), 0.5, np.float32)
    found = place((32, 64), np.stack([full, empty]), np.stack([left, right]), under)
    assert np.isclose(found[16, 60], 0.5) and np.isclose(found[16, 40], 0) and found.max() <= 1


def test_no_crops_are_no_people():
    assert (place((20, 30), np.zeros((0, 8, 8), np.float32), np.zeros((0, 2, 3))) == 0).all()


def test_looks_at_one_place_are_averaged_where_they_show_it():
    truth = np.zeros((64, 64), np.float32)
    truth[20:, 24:40] = 1
    near = np.float32([[1, 0, 0], [0, 1, 0]])
    wider = np.float32([[0.5, 0, 16], [0, 0.5, 16]])
    views = np.stack([np.clip(truth, 0.1, 0.9), np.full((64, 64), 0.1, np.float32)])
    views[1][26:48, 28:36] = 0.9
    joined = mean_of_looks(views, np.stack([near, wider]))
    assert joined.shape == truth.shape and (joined[24:60, 27:37] > 0.8).all() and (joined[:16] < 0.2).all()
    views[1] = 0.1  # the second look sees nobody
    doubted = mean_of_looks(views, np.stack([near, wider]))
    np.testing.assert_allclose(doubted[24:60, 27:37], 0.5, atol=1e-3)
    np.testing.assert_allclose(mean_of_looks(views[:1], near[None]), views[0], atol=1e-5)
