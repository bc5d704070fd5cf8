"""How far out the outline of hair and ears lies around a head, as its part of the matte shows it.

Conventions: points are scan pixels; radii are those of the head's ellipse (see heads.py), 1 on it; directions go round
from the picture's right over its bottom.
"""

from __future__ import annotations

import numpy as np

from animate.layers.heads import Head
from animate.layers.people import Person

DIRECTIONS, RAYS = 16, 5  # in which the outline is measured, and rays of each, of which the middle one counts
LEAST, MOST, STEPS = 1.06, 1.5, 45  # radii
HAIR = 0.5  # opacity from which there is some


def reach(owner: Person, head: Head) -> np.ndarray:
    """Radii (DIRECTIONS,) within LEAST and MOST at which the person ends, seen from the middle of the head."""
    turns = 2 * np.pi * np.arange(DIRECTIONS * RAYS) / (DIRECTIONS * RAYS)
    ways = np.stack([np.cos(turns), np.sin(turns)], -1)
    near = head.middle + ways
    radii = np.linspace(LEAST, MOST, STEPS)
    away = radii / head.ellipse(near[:, 0], near[:, 1])[:, None]  # (rays, steps) scan pixels
    places = np.rint(head.middle + away[..., None] * ways[:, None]).astype(int)
    left, top, *_ = owner.rectangle
    height, width = owner.alpha.shape
    column, row = np.clip(places[..., 0] - left, 0, width - 1), np.clip(places[..., 1] - top, 0, height - 1)
    beyond = owner.alpha[row, column] < HAIR
    ends = np.where(beyond.any(1), radii[beyond.argmax(1)], MOST)
    middle = np.median(np.roll(ends, RAYS // 2).reshape(DIRECTIONS, RAYS), axis=1)
    return 0.5 * middle + 0.25 * (np.roll(middle, 1) + np.roll(middle, -1))
