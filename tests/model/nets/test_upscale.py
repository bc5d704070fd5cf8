"""From the networks' crop to lattices and scan pixels: in place, faded at its border, no pixel twice."""

from __future__ import annotations

import numpy as np
import pytest

from animate.model.nets.upscale import LEAST, PaintUpsampler, border_fade
from animate.model.warp.sampling import NodeGrid

N = 64
TURN = np.deg2rad(20)
LINEAR = np.array([[np.cos(TURN), np.sin(TURN)], [-np.sin(TURN), np.cos(TURN)]])
SHIFTS = {"larger": (0.2, [3, 12]), "same": (1.0, [-5, 9]), "smaller": (3.0, [2, 30])}  # the scan over the crop
MATRICES = {name: np.column_stack([scale * LINEAR, shift]) for name, (scale, shift) in SHIFTS.items()}
BOX = (4, 2, 300, 260)


def spot() -> np.ndarray:
    rows, columns = np.mgrid[:N, :N]
    return np.clip(1.5 - np.hypot(rows - 40, columns - 25) / 8, 0, 1).astype(np.float32)


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_strips_hold_all_that_is_seen_and_none_lies_over_another(matrix):
    overlay = PaintUpsampler(N, matrix, BOX)
    shrunk, drawn, times = overlay.shrunk(spot()[None]), np.zeros((260, 300)), np.zeros((260, 300), int)
    for left, top, right, bottom in overlay.strips(spot()):
        drawn[top:bottom, left:right] = overlay.draw(shrunk, (left, top, right, bottom))[0]
        times[top:bottom, left:right] += 1
    assert times.max() == 1 and not times[:2].any() and not times[:, :4].any()
    whole = overlay.draw(shrunk, (0, 0, 300, 260))[0]
    whole[:2], whole[:, :4] = 0, 0
    assert whole.max() > 0.9 and np.abs(whole - drawn).max() < (LEAST if overlay.block == 1 else 2 * LEAST)


def test_it_is_drawn_where_the_matrix_says():
    matrix = MATRICES["larger"]
    drawn = PaintUpsampler(N, matrix, BOX).draw(PaintUpsampler(N, matrix, BOX).shrunk(spot()[None]), (0, 0, 300, 260))[
        0
    ]
    rows, columns = np.mgrid[:260, :300]
    middle = [(drawn * axis).sum() / drawn.sum() for axis in (columns, rows)]
    assert np.allclose(matrix[:, :2] @ middle + matrix[:, 2], (25, 40), atol=0.2)


def test_nothing_to_paint_is_no_strip():
    assert PaintUpsampler(N, MATRICES["same"], BOX).strips(np.zeros((N, N), np.float32)) == []


def test_the_border_fades_to_nothing():
    pixels = np.arange(-10, N + 10, dtype=np.float32)
    window = border_fade(N, np.eye(2, 3), NodeGrid(pixels, pixels))
    assert not window[:10].any() and not window[:, -10:].any() and (window[10 + 6 : -16, 10 + 6 : -16] == 1).all()
