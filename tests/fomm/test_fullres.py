"""The scan's own pixels along the published model's motion: rest is the scan, a shift keeps its grain, what
is new is painted.
"""

import numpy as np
import pytest
from fomm_small import SIDE, small

from animate.fomm.fullres import FommFullRes
from animate.fomm.model import Fomm, FommFrame

SCALE, LEFT, TOP = 4, 30, 20  # crop of SIDE pixels over SIDE * SCALE scan pixels
RECTANGLE = (50, 40, 250, 240)
SPANS = [(10, 10, 190, 190)]


@pytest.fixture(scope="module")
def scan():
    rng = np.random.default_rng(0)
    smooth = np.kron(rng.integers(60, 200, (20, 20, 3)), np.ones((16, 16, 1)))
    return (smooth + rng.normal(0, 6, smooth.shape)).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def model():
    return Fomm(small())


@pytest.fixture(scope="module")
def crop(scan):
    cut = scan[TOP : TOP + SIDE * SCALE, LEFT : LEFT + SIDE * SCALE].reshape(SIDE, SCALE, SIDE, SCALE, 3)
    return cut.mean((1, 3)).round().astype(np.uint8)


@pytest.fixture(scope="module")
def still(model, crop):
    return model.still(crop)


MATRIX = np.array([[1 / SCALE, 0, (-LEFT - (SCALE - 1) / 2) / SCALE], [0, 1 / SCALE, (-TOP - (SCALE - 1) / 2) / SCALE]])


@pytest.fixture(scope="module")
def fullres(scan, model, still):
    return FommFullRes(scan, model, still, MATRIX, RECTANGLE, SPANS)


def patch(scan, shift: int = 0) -> np.ndarray:
    left, top, right, bottom = RECTANGLE
    return scan[top:bottom, left + shift : right + shift]


def frame(model, still, *, shift: float = 0, hidden: bool = False) -> FommFrame:
    """A frame that shows exactly the crop moved by `shift` pixels; with `hidden` a green square that nothing shows."""
    rest = next(model.frames(still, [still.keypoints]))
    picture, motion, visible = (
        np.roll(rest.picture, -round(shift), 1),
        rest.motion + np.float32([shift, 0]),
        rest.visible.copy(),
    )
    if hidden:
        picture[24:40, 24:40] = (0, 1, 0)
        visible[6:10, 6:10] = 0
    return FommFrame(picture, motion, visible)


def test_rest_is_the_scan(fullres, model, still, scan):
    np.testing.assert_array_equal(fullres.picture(frame(model, still)), patch(scan))


@pytest.mark.parametrize("aligned", [True, False])
def test_rest_is_the_scan_in_both_conventions(scan, crop, aligned):
    other = Fomm(small(3), aligned=aligned)
    still = other.still(crop)
    made = FommFullRes(scan, other, still, MATRIX, RECTANGLE, SPANS).picture(frame(other, still))
    np.testing.assert_array_equal(made, patch(scan))


def test_a_shift_moves_the_scan_with_its_grain(fullres, model, still, scan):
    made = fullres.picture(frame(model, still, shift=2))
    inner = np.s_[40:160, 40:120]
    painted = fullres.layers(frame(model, still, shift=2))[2]
    assert painted[10:50, 10:40].mean() < 0.3
    difference = np.abs(made[inner].astype(int) - patch(scan, 2 * SCALE)[inner])
    assert np.median(difference) <= 1
    np.testing.assert_array_equal(made[:10], patch(scan)[:10])


def test_what_the_photograph_lacks_is_painted(fullres, model, still):
    shown = frame(model, still, hidden=True)
    layers = fullres.layers(shown)
    assert layers[2, 26:38, 26:38].min() > 0.98 and layers[2, :8].max() < 0.01
    x, y = LEFT + 32 * SCALE - RECTANGLE[0], TOP + 32 * SCALE - RECTANGLE[1]
    paint = (np.array([0, 1, 0]) + fullres.tone[0, :, 32, 32].numpy()).clip(0, 1) * 255
    np.testing.assert_allclose(fullres.picture(shown)[y, x], paint, atol=8)


def test_where_nothing_reaches_the_scan_stays(scan, model, still):
    reach = np.zeros((SIDE, SIDE), np.float32)
    quiet = FommFullRes(scan, model, still, MATRIX, RECTANGLE, SPANS, reach)
    np.testing.assert_array_equal(quiet.picture(frame(model, still, shift=3, hidden=True)), patch(scan))
