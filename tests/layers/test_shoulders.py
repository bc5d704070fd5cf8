"""Where shoulders begin: measured beside the face, so that those of who bows do not go along with the head."""

from dataclasses import replace

import numpy as np
import pytest
from layers.crowd import mesh

from animate.layers import people, shoulders
from animate.layers.heads import head_of

UNIT, AT = 60.0, (300.0, 260.0)


def person(drawn: dict[str, float], hair: float = 0.0):
    """A head with shoulders whose tops lie so many eye distances below the chin, and hair hanging beside the face."""
    head = head_of(mesh(*AT, UNIT))
    y, x = np.mgrid[0:600, 0:600].astype(float)
    across, down = head.upright(x, y)
    matte = head.ellipse(x, y) < 1
    for side, top in drawn.items():
        matte |= (down > top) & ((across < 0) == (side == "left"))
    if hair:
        matte |= (np.abs(across) < hair) & (down > -2.5)
    return head, people.Person((0, 0, 600, 600), matte.astype(np.float32), people.Contact())


def test_usual_shoulders_are_not_lifted():
    head, owner = person({"left": 0.35, "right": 0.45})
    assert shoulders.lift(owner, head) == (0.0, 0.0)


def test_high_shoulders_are_found_side_by_side():
    head, owner = person({"left": -0.5, "right": 0.4})
    left, right = shoulders.lift(owner, head)
    assert left == pytest.approx(0.65, abs=0.05) and right == 0


def test_what_hangs_down_beside_the_face_is_hair():
    head, owner = person({"left": 0.4, "right": 0.4}, hair=2.7)
    assert shoulders.lift(owner, head) == (0.0, 0.0)


def test_nobody_beside_the_face():
    head, owner = person({})
    assert shoulders.lift(owner, head) == (0.0, 0.0)


def test_lifted_shoulders_do_not_go_along_with_the_head_and_the_face_still_does():
    head, owner = person({"left": -0.5, "right": -0.5})
    lifted = replace(head, lift=shoulders.lift(owner, head))
    chin, down, along = head.chin, head.up[1] * UNIT, head.up[0] * UNIT
    beside = np.array([chin + 1.3 * along - 0.4 * down, chin - 1.3 * along - 0.4 * down])
    assert (lifted.headness(*beside.T) < 0.1).all() and (head.headness(*beside.T) > 0.5).all()
    outline = head.outline
    assert lifted.headness(*outline.T) == pytest.approx(head.headness(*outline.T), abs=0.15)
