"""A person's motion at the scan's size: laid at rest a layer gives the scan bit for bit; eyes go with the head."""

from __future__ import annotations

import numpy as np
import pytest
from model.movements import SIZE, blinking, crop_at, face, looking, surface, turned
from skimage.data import astronaut

from animate.layers import resample
from animate.model.warp.dense_motion import FirstOrder, person_lattice
from animate.model.warp.fullres import PersonWarp
from animate.model.warp.surroundings import Surroundings
from animate.motion import landmarks

BOX = (60, 20, 400, 380)  # of the scan


class Scene:
    """One face in a scan with nothing around it but anchors that rest."""

    def __init__(self, scan, crop, points):
        corners = crop.into(np.array([[x, y] for x in BOX[::2] for y in BOX[1::2]], np.float32))
        lattice = person_lattice(points, corners.min(0), corners.max(0), unit=SIZE / 6, mouth=landmarks.LIPS, count=100)
        low, high = corners.min(0), corners.max(0)
        grid = np.stack(np.meshgrid(*(np.arange(a, b, 12.0) for a, b in zip(low, high, strict=True))), -1)
        far = grid.reshape(-1, 2)
        middle, half = points[:468, :2].mean(0), np.ptp(points[:468, :2], axis=0) / 2
        far = far[(np.abs(far - middle) > 1.5 * half).any(1)].astype(np.float32)
        around = Surroundings(far, far[None], np.zeros((1, len(far), 2, 2)), np.full(len(far), 10.0))
        self.motion = FirstOrder(points, lattice, surface(), size=SIZE, around=around)
        self.warp = PersonWarp(self.motion, lattice, crop.matrix, BOX)
        self.scan, self.source, self.crop = scan, points, crop
        window = scan[BOX[1] : BOX[3], BOX[0] : BOX[2]].astype(np.float32)
        self.layer = np.concatenate([window, np.ones((*window.shape[:2], 1), np.float32)], -1)
        self.span = (0, 0, BOX[2] - BOX[0], BOX[3] - BOX[1])

    def frame(self, driven):
        shifts = self.warp.eye_shifts(self.source, driven)
        flow, eyes, shown = self.motion.person(driven, 0, [self.crop.matrix[:, :2] @ shift for shift in shifts])
        frame = np.zeros((BOX[3] - BOX[1], BOX[2] - BOX[0], 3), np.uint8)
        exact = self.warp.motion(flow)

        def base(box):
            left, top, right, bottom = box
            at = resample.places(exact(slice(top, bottom), slice(left, right)).numpy(), box)
            return resample.sampled(self.layer, at, sharp=True)

        resample.lay(frame, base(self.span), None)
        for patch in self.warp.eye_patches(eyes, shifts, shown):
            left, top, right, bottom = patch[0]
            resample.lay(frame[top:bottom, left:right], resample.patched(self.layer, base(patch[0]), patch), None)
        return frame


@pytest.fixture(scope="module", params=[0, 25], ids=["upright", "turned"])
def scene(request) -> Scene:
    return Scene(astronaut(), crop_at(224, 160, 62, request.param), face())


def test_a_face_driven_by_itself_is_the_scan_bit_for_bit(scene):
    scene.frame(turned(face(), 8))
    assert np.array_equal(scene.frame(face()), scene.scan[BOX[1] : BOX[3], BOX[0] : BOX[2]])


@pytest.mark.parametrize("move", [lambda p: turned(p, 10, 5), lambda p: blinking(p, 1), lambda p: looking(p, 0.05)])
def test_far_from_the_face_resting_anchors_hold_the_picture(scene, move):
    changed = (scene.frame(move(face())) != scene.scan[BOX[1] : BOX[3], BOX[0] : BOX[2]]).any(-1)
    assert changed.any() and not changed[-20:].any() and not changed[:, :20].any()


def test_it_plays_twice_the_same(scene):
    driven = [turned(blinking(face(), k / 4), 2 * k) for k in range(4)]
    first = [scene.frame(points) for points in driven]
    assert all(np.array_equal(a, b) for a, b in zip(first, map(scene.frame, driven), strict=True))


def test_a_glance_changes_only_the_eyes(scene):
    changed = (scene.frame(looking(face(), 0.04)) != scene.scan[BOX[1] : BOX[3], BOX[0] : BOX[2]]).any(-1)
    rows, columns = np.nonzero(changed)
    places = scene.crop.into(np.stack([columns + BOX[0], rows + BOX[1]], -1).astype(np.float32))
    points = face()
    assert len(places)
    for place in places[::7]:
        near = min(np.abs(place - points[[a, b], :2].mean(0)).max() for a, b in landmarks.EYE_CORNERS)
        assert near < 0.5 * SIZE / 6


def test_eyes_go_along_however_far_the_head_goes(scene):
    """A blink far from where the eye was in the photograph closes the eye as a blink at its place does."""
    way = np.float32([40, 10, 0])
    here, there = (scene.frame(points) for points in (blinking(face(), 1), blinking(face(), 1) + way))
    eye = np.rint(scene.crop.out(face()[list(landmarks.LIDS[0]), :2])).astype(int)
    gone = np.rint(scene.crop.out(face()[list(landmarks.LIDS[0]), :2] + way[:2])).astype(int)
    (x, y), (a, b) = eye.mean(0).round().astype(int) - BOX[:2], gone.mean(0).round().astype(int) - BOX[:2]
    window = np.s_[-4:5]
    old = here[y + window.start : y + window.stop, x + window.start : x + window.stop].astype(int)
    new = there[b + window.start : b + window.stop, a + window.start : a + window.stop].astype(int)
    assert np.abs(old - new).mean() < 12
