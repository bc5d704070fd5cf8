"""Faces back in the scan: where each may write, front over back, and not one pixel elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.data import astronaut

from animate.compose import layers as paste
from animate.core.types import Crop
from animate.motion.landmarks import MEAN_FACE

SIZE = 240
POINTS = (MEAN_FACE * SIZE / 6 + [(SIZE - 1) / 2, (SIZE - 1) / 2, 0]).astype(np.float32)


def crop_at(x: float, y: float, eyes: float, degrees: float = 0.0) -> Crop:
    angle, scale = np.deg2rad(degrees), SIZE / 6 / eyes
    linear = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return Crop(np.column_stack([linear, (SIZE - 1) / 2 - linear @ [x, y]]), SIZE)


@pytest.fixture(scope="module")
def scan() -> np.ndarray:
    return astronaut()


PLACES = [crop_at(220, 200, 50), crop_at(220, 200, 50, 33), crop_at(30, 40, 60), crop_at(256, 256, 200)]


@pytest.mark.parametrize("crop", PLACES, ids=["inside", "turned", "corner", "larger than the scan"])
def test_a_patch_changes_only_its_runs(scan, crop):
    layer = paste.layer(POINTS, crop, scan.shape)
    left, top, right, bottom = layer.rectangle
    patch = 255 - scan[top:bottom, left:right]
    changed = (paste.compose(scan, [layer], [patch]) != scan).any(-1)
    assert np.array_equal(changed, layer.mask(scan.shape))
    eyes = crop.out(POINTS[[33, 133, 263, 362]])[:, :2].mean(0)
    assert changed[int(eyes[1]), int(eyes[0])]


def test_cutting_out_and_pasting_back_returns_the_photograph(scan):
    layer = paste.layer(POINTS, PLACES[1], scan.shape)
    left, top, right, bottom = layer.rectangle
    frame = paste.compose(scan, [layer], [scan[top:bottom, left:right]])
    assert np.array_equal(frame, scan) and frame is not scan


def test_spans_and_cover_agree_with_the_runs(scan):
    layer = paste.layer(POINTS, PLACES[1], scan.shape)
    held = np.zeros(layer.claim.shape, bool)
    for left, top, right, bottom in layer.spans:
        held[top:bottom, left:right] = True
    assert held[layer.mask()].all() and not layer.claim[~layer.mask()].any()
    assert layer.claim.max() > 0 and layer.depth == pytest.approx(np.ptp(POINTS[:, 1]) / PLACES[1].scale)


def test_a_face_outside_the_scan_is_an_error(scan):
    with pytest.raises(ValueError, match="outside"):
        paste.layer(POINTS, crop_at(2000, 2000, 50), scan.shape)


def test_smaller_faces_are_behind(scan):
    layers = [paste.layer(POINTS, crop_at(220, 200, eyes), scan.shape) for eyes in (40, 60, 30)]
    assert paste.order(layers) == [2, 0, 1]


def test_faces_apart_keep_their_motion(scan):
    layers = [paste.layer(POINTS, crop_at(x, 200, 30), scan.shape) for x in (110, 400)]
    motions = [np.ones((2, *layer.claim.shape), np.float32) for layer in layers]
    assert all(a is b for a, b in zip(paste.merge(layers, motions), motions, strict=True))


def test_where_faces_meet_each_keeps_its_own_middle(scan):
    back, front = (paste.layer(POINTS, crop_at(x, 200, eyes), scan.shape) for x, eyes in ((190, 40), (265, 44)))
    held = [(layer.claim > 0)[None].repeat(2, 0).astype(np.float32) for layer in (back, front)]
    motions = [3 * held[0], -2 * held[1]]
    merged = paste.merge([back, front], motions)
    canvas = [np.full((2, *scan.shape[:2]), np.nan, np.float32) for _ in merged]
    for total, motion, layer in zip(canvas, merged, (back, front), strict=True):
        left, top, right, bottom = layer.rectangle
        total[:, top:bottom, left:right] = motion
    both = np.isfinite(canvas[0]) & np.isfinite(canvas[1])
    assert both.any() and np.allclose(canvas[0][both], canvas[1][both], atol=1e-6)
    assert canvas[1][0, 200, 265] < -1.7 and canvas[0][0, 200, 190] > 2
    assert np.nanmax(canvas[0]) <= 3.001 and np.nanmin(canvas[1]) >= -2.001


@pytest.mark.parametrize("crop", PLACES, ids=["inside", "turned", "corner", "larger than the scan"])
def test_the_layer_of_a_face_that_moves_holds_it_everywhere(scan, crop):
    still, rest = paste.layer(POINTS, crop, scan.shape), paste.layer(POINTS, crop, scan.shape, POINTS[None])
    assert (
        still.rectangle == rest.rectangle
        and np.array_equal(still.runs, rest.runs)
        and np.array_equal(still.claim, rest.claim)
    )
    ways = np.float32([(0, 0, 0), (25, 8, 0), (-9, -20, 0)])
    moved = paste.layer(POINTS, crop, scan.shape, POINTS + ways[:, None])
    may, before = moved.mask(scan.shape), still.mask(scan.shape)
    alone = paste.layer(POINTS + ways[1], crop, scan.shape).mask(scan.shape)
    assert may[before].all() and may[alone].all() and (before.all() or may.sum() > 1.02 * before.sum())
    left, top, right, bottom = moved.rectangle
    assert (moved.claim[may[top:bottom, left:right]] > 0).mean() > 0.999 and not moved.claim[
        ~may[top:bottom, left:right]
    ].any()
    held = np.zeros(moved.claim.shape, bool)
    for a, b, c, d in moved.spans:
        held[b:d, a:c] = True
    assert held[may[top:bottom, left:right]].all()


def test_a_thinned_layer_claims_the_same_at_its_places(scan):
    layer = paste.layer(POINTS, PLACES[1], scan.shape)
    coarse = paste.thinned(layer, 16)
    left, top, _, _ = layer.rectangle
    for row, column in ((3, 4), (6, 7)):
        y, x = 16 * (coarse.rectangle[1] + row), 16 * (coarse.rectangle[0] + column)
        assert coarse.claim[row, column] == layer.claim[y - top, x - left]
    assert not coarse.claim[0].any() and not coarse.claim[-1].any()


def test_shares_sum_to_1_where_faces_meet(scan):
    layers = [paste.layer(POINTS, crop_at(x, 200, eyes), scan.shape) for x, eyes in ((190, 40), (265, 44), (450, 20))]
    total, claimed = np.zeros(scan.shape[:2]), np.zeros(scan.shape[:2], bool)
    for share, layer in zip(paste.shares(layers), layers, strict=True):
        left, top, right, bottom = layer.rectangle
        total[top:bottom, left:right] += share
        claimed[top:bottom, left:right] |= layer.claim > 0
    assert np.allclose(total[claimed], 1, atol=1e-5) and not total[~claimed].any()
