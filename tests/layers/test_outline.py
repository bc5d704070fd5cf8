"""How far hair and ears reach: measured on the matte, within bounds."""

import numpy as np
import pytest
from layers.crowd import mesh

from animate.layers import outline, people
from animate.layers.heads import head_of

UNIT, AT = 60.0, (300.0, 260.0)


def owner(radius: float, head) -> people.Person:
    """Somebody whose matte is the head's ellipse, enlarged."""
    y, x = np.mgrid[:560, :600].astype(np.float32)
    return people.Person((0, 0, 600, 560), (head.ellipse(x, y) < radius).astype(np.float32), people.Contact())


@pytest.mark.parametrize("radius", [1.1, 1.2, 1.35])
def test_a_head_of_one_radius_reaches_that_far_everywhere(radius):
    head = head_of(mesh(*AT, UNIT))
    assert outline.reach(owner(radius, head), head) == pytest.approx(radius, abs=0.03)


def test_what_is_narrower_or_wider_stays_within_bounds():
    head = head_of(mesh(*AT, UNIT))
    assert outline.reach(owner(0.9, head), head) == pytest.approx(outline.LEAST)
    assert outline.reach(owner(3.0, head), head) == pytest.approx(outline.MOST)


def test_an_ear_on_one_side_reaches_out_there_only():
    head = head_of(mesh(*AT, UNIT))
    one = owner(1.1, head)
    middle = head.middle
    y, x = np.mgrid[:560, :600]
    one.alpha[(np.abs(y - middle[1]) < 0.4 * UNIT) & (x > middle[0]) & (x < middle[0] + 1.25 * 0.92 * UNIT)] = 1
    reach = outline.reach(one, head)
    assert reach[0] > 1.17 and reach[outline.DIRECTIONS // 2] == pytest.approx(1.1, abs=0.03)
