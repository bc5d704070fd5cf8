"""What becomes of a predicted matte: small holes close, clouds are decided, hair stays soft."""

from __future__ import annotations

import numpy as np
from layers.crowd import mesh
from scipy.ndimage import gaussian_filter

from animate.layers.heads import head_of
from animate.pipeline import mattes

FACE = mesh(200, 200, 60)
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
