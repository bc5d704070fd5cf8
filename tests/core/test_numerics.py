"""The shared numerics keep their laws."""

import numpy as np
import pytest

from animate.core.numerics import luminance, smoothstep


def test_smoothstep_rises_once_from_0_to_1():
    x = np.linspace(-1, 3, 100, dtype=np.float32)
    y = smoothstep(x, 0, 2)
    assert y.dtype == np.float32 and (np.diff(y) >= 0).all() and y[0] == 0 and y[-1] == 1
    assert smoothstep(1.0, 0, 2) == 0.5 and smoothstep(0.5, 2, 0) == pytest.approx(1 - smoothstep(0.5, 0, 2))


def test_grey_keeps_its_luminance():
    grey = np.full((3, 4, 3), 77, np.uint8)
    assert luminance(grey).dtype == np.float32 and luminance(grey) == pytest.approx(77)
