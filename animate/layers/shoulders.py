"""Where a person's shoulders begin beside the face: higher than usual in who bows, hunches or leans on a hand.

Conventions: positions are those of `Head.upright`, from the chin along the head's own axes, in eye distances.
"""

from __future__ import annotations

import numpy as np

from animate.layers.heads import Head
from animate.layers.people import Person
from animate.layers.sweep import bilinear

ASIDE = np.arange(1.15, 2.6, 0.05)  # columns beside the face in which shoulders are sought
ROWS = np.arange(-1.6, 0.62, 0.04)  # from the eyes to below the chin
SOLID = 0.5  # opacity of a shoulder
TALLEST = -0.8  # a column that reaches higher is hair, a hat, or what the matte took along beside an ear
FEWEST = 4  # columns that make a shoulder
USUAL = 0.15  # where shoulders begin in an upright person
HIGHEST = 0.65  # a lift's largest


def lift(owner: Person, head: Head) -> tuple[float, float]:
    """How much higher than usual the shoulders to the left and right of the picture begin, 0 to HIGHEST.

    Args:
        owner: the person's part of the matte.
        head: the person's, in scan pixels.
    """
    left, right = (_lift(owner, head, side) for side in (-1, 1))
    return left, right


def _lift(owner: Person, head: Head, side: int) -> float:
    tops = _tops(owner, head, side)
    shoulder = tops[tops > TALLEST]  # without the columns that hold nothing
    if len(shoulder) < FEWEST:
        return 0.0
    return float(np.clip(USUAL - np.median(shoulder), 0, HIGHEST))


def _tops(owner: Person, head: Head, side: int) -> np.ndarray:
    """Where each column's lowest stretch of the person begins, (K,), NaN where there is none."""
    across, down = np.meshgrid(side * ASIDE, ROWS, indexing="ij")
    places = head.chin + head.scale * np.stack([across, down], -1) @ head.up
    corner = np.array(owner.rectangle[:2])
    inside = (places[..., 1] < owner.rectangle[3] - 1) & (places[..., 0] > corner[0])
    inside &= places[..., 0] < owner.rectangle[2] - 1
    solid = bilinear(owner.alpha, (places - corner).transpose(2, 0, 1)) > SOLID
    base = len(ROWS) - 1 - np.argmax(inside[:, ::-1], axis=1)
    holds = inside.any(1) & solid[np.arange(len(ASIDE)), base]
    empty = ~solid & (np.arange(len(ROWS)) < base[:, None])
    top = len(ROWS) - np.argmax(empty[:, ::-1], axis=1)
    return np.where(holds, np.where(empty.any(1), ROWS[np.minimum(top, len(ROWS) - 1)], ROWS[0]), np.nan)
