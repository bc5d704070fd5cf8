"""One face at the scan's size: still faces equal the scan bit for bit, moving ones change only what they may."""

from __future__ import annotations

import numpy as np
import pytest
from model.movements import SIZE, blinking, crop_at, face, looking, surface, turned
from skimage.data import astronaut

from animate.compose import layers, mask
from animate.model.warp.dense_motion import FirstOrder, face_lattice
from animate.model.warp.fullres import PersonWarp
from animate.model.warp.sampling import LayerSampler
from animate.motion import landmarks


class Actor:
    """One face in a scan, as a pipeline would set it up: its layer is the scan itself, opaque."""

    def __init__(self, scan, crop, points):
        lattice = face_lattice(points, size=SIZE, mouth=landmarks.LIPS, count=100)
        follow = mask.reach(points, lattice.xs, lattice.ys[:, None], size=SIZE)
        self.scan, self.crop = scan, crop
        self.motion = FirstOrder(points, lattice, surface(), size=SIZE, reach=follow)
        self.layer = layers.layer(points, crop, scan.shape)
        left, top, right, bottom = self.layer.rectangle
        self.window = slice(top, bottom), slice(left, right)
        self.warp = PersonWarp(self.motion, lattice, crop.matrix, self.layer.rectangle)
        opaque = np.ones((bottom - top, right - left, 1), np.float32)
        self.sampler = LayerSampler(np.concatenate([scan[self.window].astype(np.float32), opaque], -1))

    def frame(self, driven, shift=(0, 0)):
        """The scan with the face at `driven`, its whole layer and eyes moved further by `shift`."""
        skin, eyes = self.motion.layers(driven[None])
        moved = self.warp.motion(skin[0]) + np.float32(shift)[:, None, None]
        patches = self.warp.eye_patches([eye[0] for eye in eyes], [np.zeros(2)] * 2, [1.0, 1.0])
        patches = [
            (box, motions + np.tile(shift, 3)[:, None, None].astype(np.float32), covers)
            for box, motions, covers in patches
        ]
        frame = self.scan.copy()
        self.sampler.lay(frame[self.window], moved, self.layer.spans, None, patches)
        return frame


@pytest.fixture(scope="module", params=[0, 25], ids=["upright", "turned"])
def actor(request) -> Actor:
    return Actor(astronaut(), crop_at(224, 160, 62, request.param), face())


def test_a_face_driven_by_itself_is_the_scan_bit_for_bit(actor):
    actor.frame(turned(face(), 8))
    assert np.array_equal(actor.frame(face()), actor.scan)


@pytest.mark.parametrize("move", [lambda p: turned(p, 10, 5), lambda p: blinking(p, 1), lambda p: looking(p, 0.05)])
def test_outside_the_spans_nothing_changes(actor, move):
    frame = actor.frame(move(face()))
    changed = (frame != actor.scan).any(-1)
    spans = np.zeros(changed.shape, bool)
    for left, top, right, bottom in actor.layer.spans:
        spans[actor.window][top:bottom, left:right] = True
    assert changed.any() and not changed[~spans].any()


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


def test_eyes_move_with_their_layer(actor):
    frame = actor.frame(face(), shift=(3, 2))
    left, top, _, _ = actor.layer.rectangle
    for box in (eye.box for eye in actor.warp.eyes):
        rows, columns = slice(top + box[1], top + box[3]), slice(left + box[0], left + box[2])
        expected = actor.scan[rows.start + 2 : rows.stop + 2, columns.start + 3 : columns.stop + 3]
        assert np.array_equal(frame[rows, columns], expected)


def test_eyes_that_are_not_shown_have_no_layers(actor):
    _, eyes = actor.motion.layers(face()[None])
    assert actor.warp.eye_patches([eye[0] for eye in eyes], [np.zeros(2)] * 2, [0.0, 0.0]) == []


def test_eye_shifts_are_whole_scan_pixels(actor):
    moved = face() + np.float32([*(actor.crop.matrix[:, :2] @ [5, -3]), 0])
    assert np.array_equal(actor.warp.eye_shifts(face(), moved), [[5, -3], [5, -3]])
