"""What becomes of a predicted matte: small holes close, clouds are decided, hair stays soft."""

from __future__ import annotations

import numpy as np
import pytest
from layers.crowd import mesh
from scipy.ndimage import gaussian_filter

from animate.core.types import Photo
from animate.layers.heads import head_of
from animate.model.nets import matte as net
from animate.pipeline import mattes

FACE = mesh(200, 200, 60)
LARGE = Photo(np.zeros((4000, 4000, 3), np.uint8), "large.png")
Y, X = np.mgrid[:500, :400].astype(np.float32)


def head(soft: float = 2.0) -> np.ndarray:
    return gaussian_filter((head_of(FACE).ellipse(X, Y) < 1).astype(np.float32), soft)


def test_the_hollow_of_an_ear_is_filled_and_a_gap_beside_an_arm_is_not():
    matte = np.ones((500, 400), np.float32)
    matte[:, :20] = matte[:20] = 0
    hollow, gap = np.hypot(X - 262, Y - 210) < 9, np.hypot(X - 120, Y - 420) < 40
    matte[hollow | gap] = 0
    decided = mattes._decided(matte, [FACE])
    assert decided[hollow].min() > 0.95 and decided[gap].mean() < 0.1


def test_a_cloud_beside_a_head_becomes_background_and_the_edge_of_hair_stays_soft():
    matte = head()
    cloud = np.hypot(X - 60, Y - 120) < 25
    matte[cloud] = 0.4
    decided = mattes._decided(matte, [FACE])
    assert decided[cloud].max() < 0.1
    edge = (matte > 0.3) & (matte < 0.7) & ~cloud & (Y < 200)
    np.testing.assert_allclose(decided[edge], matte[edge], atol=0.02)


@pytest.mark.parametrize(("side", "share"), [(2000, 1.0), (360, 0.8), (120, 0.5)])
def test_a_look_takes_in_no_more_than_the_scan_needs(side, share):
    """Wider looks at a small scan would hold several mirror images of everybody."""
    scan = Photo(np.zeros((side, side, 3), np.uint8), "a.png")
    usual, here = (mattes._square(FACE, net.SPAN, net.SHIFT, photo) for photo in (LARGE, scan))
    assert usual.scale / here.scale == pytest.approx(share, rel=1e-3)
    face = here.into(FACE[:468])[:, :2]
    assert face.min() > 0 and face.max() < net.SIZE


def test_people_whom_the_border_cuts_are_seen_mirrored_beyond_it():
    """The network is shown columns that grow from the border outwards as they do inwards."""
    shown = []

    class Seeing:
        def predict(self, views: np.ndarray) -> np.ndarray:
            shown.append(views)
            return np.zeros(views.shape[:3], np.float32)

    pixels = np.repeat(np.broadcast_to(np.arange(400, dtype=np.float32) / 2, (500, 400))[..., None], 3, 2)
    face = mesh(60, 200, 60)
    mattes._predicted(Photo(pixels.astype(np.uint8), "a.png"), [face], Seeing())
    square = mattes._square(face, net.SPAN, net.SHIFT, Photo(pixels.astype(np.uint8), "a.png"))
    border = round(float(square.into(np.array([[0.0, 200.0]]))[0, 0]))
    row = shown[-1][0, 128, :, 0].astype(float)
    assert 20 < border < 120
    np.testing.assert_allclose(row[border - 18 : border - 2], row[border + 2 : border + 18][::-1], atol=3)
    assert row[border - 18] > row[border] + 10
