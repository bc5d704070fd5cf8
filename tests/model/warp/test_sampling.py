"""Lattices, upsampling and sampling: exact where exactness is promised."""

from __future__ import annotations

import numpy as np
import pytest
from model.movements import crop_at
from skimage.data import astronaut

from animate.model.warp import sampling
from animate.model.warp.image_sampler import ImageSampler
from animate.model.warp.sampling import GridResampler, NodeGrid, OffsetMap

BOX = (40, 30, 340, 250)
SPAN = ((0, 0, 300, 220),)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return astronaut()


def sample(photo, motion, box=BOX, **about):
    out = np.zeros((box[3] - box[1], box[2] - box[0], 3), np.uint8)
    ImageSampler(photo, box, **about)(motion, out, ((0, 0, box[2] - box[0], box[3] - box[1]),))
    return out


def still(box=BOX):
    return np.zeros((2, box[3] - box[1], box[2] - box[0]), np.float32)


@pytest.mark.parametrize("fine", [0, sampling.FINE_PIXELS])
def test_no_motion_is_the_photograph_bit_for_bit(photo, monkeypatch, fine):
    monkeypatch.setattr(sampling, "FINE_PIXELS", fine)
    assert np.array_equal(sample(photo, still()), photo[30:250, 40:340])
    whole = (0, 0, 512, 512)
    assert np.array_equal(sample(photo, still(whole), whole), photo)


@pytest.mark.parametrize("fine", [0, sampling.FINE_PIXELS])
def test_whole_pixels_move_exactly(photo, monkeypatch, fine):
    monkeypatch.setattr(sampling, "FINE_PIXELS", fine)
    motion = still() + np.float32([3, -5])[:, None, None]
    assert np.array_equal(sample(photo, motion, margin=8), photo[25:245, 43:343])


def test_beyond_the_scan_it_is_mirrored(photo):
    box = (0, 0, 64, 64)
    moved = sample(photo, still(box) + np.float32([-4, 0])[:, None, None], box, margin=8)
    assert np.array_equal(moved[:, :4], photo[:64, 4:0:-1])


def test_half_a_pixel_keeps_grain():
    grain = np.random.default_rng(0).integers(60, 196, (64, 64, 1)).repeat(3, 2).astype(np.uint8)
    box = (8, 8, 56, 56)
    moved = sample(grain, still(box) + np.float32(0.5), box, margin=8).astype(float)
    flat = (grain[8:56, 8:56].astype(float) + grain[9:57, 9:57] + grain[8:56, 9:57] + grain[9:57, 8:56]) / 4
    assert moved.std() > 1.5 * flat.std()


def test_a_ramp_is_sampled_between_pixels():
    ramp = np.arange(64, dtype=np.uint8)[None, :, None].repeat(64, 0).repeat(3, 2) * 4
    box = (16, 16, 48, 48)
    moved = sample(ramp, still(box) + np.float32([0.25, 0])[:, None, None], box, margin=8)
    assert np.array_equal(moved, ramp[16:48, 16:48] + 1)


def test_only_spans_are_written(photo):
    out = np.zeros((220, 300, 3), np.uint8)
    ImageSampler(photo, BOX)(still(), out, ((10, 20, 30, 60),))
    assert np.array_equal(out[20:60, 10:30], photo[50:90, 50:70])
    out[20:60, 10:30] = 0
    assert not out.any()


def test_tiny_pictures_can_be_sampled():
    for height, width in ((1, 1), (2, 3), (1, 7)):
        dot = np.full((height, width, 3), 77, np.uint8)
        assert np.array_equal(sample(dot, still((0, 0, width, height)), (0, 0, width, height)), dot)


def test_a_field_brings_affine_motion_to_turned_scan_pixels():
    crop = crop_at(150, 120, 60, 20)
    lattice = NodeGrid.between((0, 0), (crop.size - 1, crop.size - 1), 60, [(100, 200, 4)], [(80, 160, 6)])
    x, y = np.meshgrid(lattice.xs, lattice.ys)
    motion = np.stack([0.1 * x - 0.05 * y + 3, 0.02 * x + 0.07 * y - 1], -1).astype(np.float32)
    box = (120, 90, 180, 150)
    found = GridResampler(lattice, crop.matrix, box)(motion)
    scan = np.stack(np.meshgrid(np.arange(120, 180), np.arange(90, 150)), -1).reshape(-1, 2)
    at = crop.into(scan.astype(np.float32)).astype(float)
    target = at + np.stack([0.1 * at[:, 0] - 0.05 * at[:, 1] + 3, 0.02 * at[:, 0] + 0.07 * at[:, 1] - 1], -1)
    expected = crop.out(target) - scan
    assert np.abs(found.reshape(2, -1).T - expected).max() < 1e-3


def test_focused_nodes_span_the_crop_and_are_denser_where_asked():
    nodes = NodeGrid.between((0, 0), (299, 299), 80, [(100, 200, 4)], []).xs
    assert nodes[0] == 0 and nodes[-1] == 299 and (np.diff(nodes) > 0).all()
    inside = np.diff(nodes[(nodes > 105) & (nodes < 195)]).mean()
    assert inside * 3.5 < np.diff(nodes[nodes < 95]).mean()
    assert np.allclose(np.diff(NodeGrid.uniform(300, 24).ys), 13)


def test_cells_of_light_are_as_fine_as_faces_ask():
    assert [OffsetMap.cell_for(unit) for unit in (10, 30, 55, 120, 240, 900)] == [2, 2, 4, 8, 16, 16]


@pytest.mark.parametrize("cell", [4, 16])
def test_light_is_straight_between_its_places_in_any_window(cell):
    box = (37, 21, 215, 140)
    nodes = OffsetMap.lattice(box, cell)
    change = np.stack(
        [nodes.xs + 2 * nodes.ys[:, None], 0 * nodes.xs + nodes.ys[:, None], nodes.xs + 0 * nodes.ys[:, None]]
    )
    shading = OffsetMap(change, box, cell)
    rows, columns = np.mgrid[21:140, 37:215].astype(np.float32)
    for window in (np.s_[0:119, 0:178], np.s_[31:64, 100:103], np.s_[118:119, 177:178]):
        found = shading(window).numpy()
        assert np.allclose(found[0], (columns + 2 * rows)[window], atol=1e-3) and np.allclose(
            found[2], columns[window], atol=1e-3
        )


def test_another_light_is_added_clipped_and_rounded(photo):
    nodes = OffsetMap.lattice(BOX, 16)
    out = np.zeros((220, 300, 3), np.uint8)
    sampler = ImageSampler(photo, BOX)
    sampler(still(), out, SPAN, OffsetMap(np.full((3, len(nodes.ys), len(nodes.xs)), 40.6, np.float32), BOX, 16))
    assert np.array_equal(out, np.clip(photo[30:250, 40:340] + 41.0, 0, 255))


def test_a_field_also_ends_at_the_nodes_of_another_crop():
    nodes, there = NodeGrid.uniform(100, 30), NodeGrid(np.float32([10, 20, 35]), np.float32([5, 40]))
    matrix = np.array([[0.0, 1.5, 3.0], [-1.5, 0.0, 70.0]])
    stack = np.stack([nodes.xs + 0 * nodes.ys[:, None], 0 * nodes.xs + nodes.ys[:, None]])
    found = GridResampler(nodes, matrix, there).values(stack)
    assert np.allclose(found[0], matrix[0, 1] * there.ys[:, None] + 3, atol=1e-3) and np.allclose(
        found[1], 70 - 1.5 * there.xs, atol=1e-3
    )
