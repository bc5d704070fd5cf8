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
def test_a_patch_changes_only_its_mask(scan, crop):
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


def test_spans_hold_all_row_ranges(scan):
    layer = paste.layer(POINTS, PLACES[1], scan.shape)
    spanned = np.zeros(layer.mask().shape, bool)
    for left, top, right, bottom in layer.spans:
        spanned[top:bottom, left:right] = True
    assert spanned[layer.mask()].all() and layer.depth == pytest.approx(np.ptp(POINTS[:, 1]) / PLACES[1].scale)


def test_a_face_outside_the_scan_is_an_error(scan):
    with pytest.raises(ValueError, match="outside"):
        paste.layer(POINTS, crop_at(2000, 2000, 50), scan.shape)


def test_smaller_faces_are_behind(scan):
    layers = [paste.layer(POINTS, crop_at(220, 200, eyes), scan.shape) for eyes in (40, 60, 30)]
    assert paste.order(layers) == [2, 0, 1]
