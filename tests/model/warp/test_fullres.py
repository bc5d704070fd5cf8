"""One face at the scan's size: still faces equal the scan bit for bit, moving ones change only what they may."""

from __future__ import annotations

import numpy as np
import pytest
from model.movements import SIZE, blinking, crop_at, face, looking, surface, turned
from skimage.data import astronaut

from animate.compose import layers, mask
from animate.model.warp.dense_motion import FirstOrder, face_lattice
from animate.model.warp.fullres import FullResWarp
from animate.motion import landmarks


class Actor:
    """One face in a scan, as a pipeline would set it up."""

    def __init__(self, scan, crop, points):
        lattice = face_lattice(points, size=SIZE, mouth=landmarks.LIPS, count=100)
        follow = mask.reach(points, lattice.xs, lattice.ys[:, None], size=SIZE)
        self.scan, self.crop = scan, crop
        self.motion = FirstOrder(points, lattice, surface(), size=SIZE, reach=follow)
        self.layer = layers.layer(points, crop, scan.shape)
        self.native = FullResWarp(scan, self.motion, lattice, crop.matrix, self.layer.rectangle, self.layer.spans)

    def frame(self, driven):
        skin, eyes = self.motion.layers(driven[None])
        own = self.native.motion(skin[0])
        return layers.compose(self.scan, [self.layer], [self.native.picture(own, own, [eye[0] for eye in eyes])])


@pytest.fixture(scope="module", params=[0, 25], ids=["upright", "turned"])
def actor(request) -> Actor:
    return Actor(astronaut(), crop_at(224, 160, 62, request.param), face())


def test_a_face_driven_by_itself_is_the_scan_bit_for_bit(actor):
    actor.frame(turned(face(), 8))
    assert np.array_equal(actor.frame(face()), actor.scan)


@pytest.mark.parametrize("move", [lambda p: turned(p, 10, 5), lambda p: blinking(p, 1), lambda p: looking(p, 0.05)])
def test_outside_the_mask_nothing_changes(actor, move):
    frame = actor.frame(move(face()))
    changed = (frame != actor.scan).any(-1)
    assert changed.any() and not changed[~actor.layer.mask(actor.scan.shape)].any()


def test_it_plays_twice_the_same(actor):
    driven = [turned(blinking(face(), k / 4), 2 * k) for k in range(4)]
    first = [actor.frame(points) for points in driven]
    assert all(np.array_equal(a, b) for a, b in zip(first, map(actor.frame, driven), strict=True))


def test_a_glance_changes_only_the_eyes(actor):
    changed = (actor.frame(looking(face(), 0.04)) != actor.scan).any(-1)
    rows, columns = np.nonzero(changed)
    places = actor.crop.into(np.stack([columns, rows], -1).astype(np.float32))
    points = face()
    for place in places[::7]:
        near = min(np.abs(place - points[[a, b], :2].mean(0)).max() for a, b in landmarks.EYE_CORNERS)
        assert near < 0.5 * SIZE / 6


def test_motion_of_another_face_reaches_the_eyes(actor):
    skin, eyes = actor.motion.layers(face()[None])
    own = actor.native.motion(skin[0])
    moved = own + np.float32([3, 2])[:, None, None]
    patch = actor.native.picture(moved, own, [eye[0] for eye in eyes]).copy()
    left, top, right, bottom = actor.layer.rectangle
    expected = actor.scan[top + 2 : bottom + 2, left + 3 : right + 3]
    for box in (eye.box for eye in actor.native.eyes):
        window = slice(box[1], box[3]), slice(box[0], box[2])
        assert np.array_equal(patch[window], expected[window])
