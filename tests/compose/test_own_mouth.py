"""Where her own teeth are in lips that open less or more than those of the photograph they come from."""

from __future__ import annotations

import numpy as np

from animate.compose.own_mouth import OwnMouth


def deeper(under, gap: float, *, lifted: float, own_gap: float, edge: float):
    """Depth shown at `under`, for a photograph whose lip lies `lifted` higher and whose teeth end at depth `edge`."""
    under = np.asarray(under, float)
    before = under + lifted
    return OwnMouth._deeper(under, np.full_like(under, gap), before, np.full_like(under, own_gap), edge - before)


def test_the_same_opening_shows_every_place_where_it_is():
    under = np.linspace(0, 0.2, 11)
    depth, enough = deeper(under, 0.2, lifted=0.0, own_gap=0.2, edge=0.12)
    assert np.allclose(depth, under) and np.allclose(enough, 1)


def test_teeth_stay_on_the_skull_when_the_lip_comes_down():
    under = np.linspace(0, 0.05, 6)
    depth, _ = deeper(under, 0.1, lifted=0.05, own_gap=0.2, edge=0.12)
    assert np.allclose(depth, under + 0.05)  # uncovered less, not drawn together


def test_what_lies_below_the_teeth_goes_with_the_lower_lip():
    depth, enough = deeper([0.12, 0.14, 0.16], 0.16, lifted=0.0, own_gap=0.2, edge=0.12)
    assert depth[0] == 0.12 and np.isclose(depth[-1], 0.2) and (enough == 1).all()


def test_a_mouth_that_opens_far_beyond_has_nothing_to_show_below_the_teeth():
    _, enough = deeper([0.05, 0.3], 0.4, lifted=0.0, own_gap=0.13, edge=0.12)
    assert enough[0] == 1 and enough[1] == 0


def test_places_never_run_backwards():
    for lifted in (-0.04, 0.0, 0.06):
        under = np.linspace(0, 0.3, 61)
        depth, _ = deeper(under, 0.3, lifted=lifted, own_gap=0.2, edge=0.12)
        assert (np.diff(depth) >= -1e-9).all()
