"""Who owns which pixel: laws of sharing, heads that come apart, and what the matte lacks."""

from __future__ import annotations

import numpy as np
import pytest
from layers.crowd import WALL, draw, mesh
from quick import slow

from animate.layers.heads import back_to_front, head_of
from animate.layers.headwear import complete
from animate.layers.people import own
from animate.motion import pose

DARK, PALE = ((50, 40, 35), (60, 60, 70)), ((60, 45, 40), (200, 195, 190))


FAINT = 0.01  # opacity of the rims that may be lost


def total(people):
    summed = people.unowned.copy()
    for person in people.persons:
        left, top, right, bottom = person.rectangle
        summed[top:bottom, left:right] += person.alpha
    return summed


def full(people, k, shape):
    whole = np.zeros(shape, np.float32)
    left, top, right, bottom = people.persons[k].rectangle
    whole[top:bottom, left:right] = people.persons[k].alpha
    return whole


@pytest.fixture(scope="module")
@slow
def couple():
    faces = [mesh(240, 190, 80), mesh(405, 215, 76)]  # heads touch, trunks overlap
    return *draw((560, 640), faces, [DARK, PALE]), faces


def test_alphas_add_up_to_the_matte(couple):
    pixels, matte, _, faces = couple
    people = own(pixels, matte, faces)
    assert np.allclose(total(people), matte, atol=FAINT)
    assert people.unowned.max() == 0  # not even a rim that nobody claims: it would stand still where they move
    assert people.unowned.min() >= 0
    assert all(person.alpha.min() >= 0 and person.alpha.dtype == np.float32 for person in people.persons)


@pytest.mark.parametrize("size", [1, 3])
def test_heads_that_touch_come_apart(couple, size):
    pixels, matte, truth, faces = couple
    pixels, matte, truth = (np.repeat(np.repeat(a, size, 0), size, 1) for a in (pixels, matte, truth))
    people = own(pixels, matte, [face * size for face in faces])
    for k in (0, 1):
        mine = full(people, k, matte.shape)[(truth == 2 * k + 1) & (matte > 0.95)]
        assert (mine > 0.9).mean() > 0.97


def test_a_trunk_belongs_mostly_to_the_head_above_it(couple):
    pixels, matte, truth, faces = couple
    people = own(pixels, matte, faces)
    for k in (0, 1):
        assert full(people, k, matte.shape)[truth == 2 * k + 2].mean() > 0.85


def test_layers_over_each_other_show_nothing_between_them(couple):
    pixels, matte, _, faces = couple
    people = own(pixels, matte, faces)
    open_ = 1 - people.unowned
    for k in people.order:
        left, top, right, bottom = people.persons[k].rectangle
        open_[top:bottom, left:right] *= 1 - people.opacity(k)
    assert np.allclose(1 - open_, matte, atol=2e-3 + FAINT)


def test_people_without_a_face_are_nobodys():
    near, far = mesh(150, 200, 60), mesh(620, 200, 60)
    pixels, matte, truth = draw((480, 800), [near, far], [DARK, PALE])
    people = own(pixels, matte, [near])
    assert people.unowned[truth >= 3].mean() > 0.9
    assert full(people, 0, matte.shape)[truth >= 3].max() == 0


def test_who_touches_whom_and_the_edge(couple):
    pixels, matte, _, faces = couple
    people = own(pixels, matte, faces)
    seam = people.persons[0].contact.seams[1]
    assert seam.shape[1] == 2 and 240 < np.median(seam[:, 0]) < 405
    first, last = people.persons[0].contact.edges["bottom"]
    assert first < 240 < last
    assert "top" not in people.persons[0].contact.edges


def test_no_face_and_no_matte():
    pixels = np.full((40, 50, 3), 90, np.uint8)
    matte = np.linspace(0, 1, 2000, dtype=np.float32).reshape(40, 50)
    assert np.array_equal(own(pixels, matte, []).unowned, matte)
    people = own(pixels, np.zeros((40, 50), np.float32), [mesh(25, 20, 10)])
    assert people.persons[0].alpha.max() == 0 and people.order == (0,)


@pytest.mark.slow
def test_thirty_faces_are_shared_out():
    faces = [mesh(60 + 110 * (k % 10), 70 + 150 * (k // 10), 26) for k in range(30)]
    pixels, matte, truth = draw((520, 1120), faces, [DARK, PALE] * 15)
    people = own(pixels, matte, faces)
    assert np.allclose(total(people), matte, atol=FAINT)
    for k in range(30):
        assert full(people, k, matte.shape)[truth == 2 * k + 1].mean() > 0.85


def test_larger_faces_and_heads_before_a_trunk_are_in_front():
    large, small, child = head_of(mesh(200, 200, 80)), head_of(mesh(500, 180, 60)), head_of(mesh(220, 380, 40))
    assert back_to_front([large, small, child]) == [1, 0, 2]


def test_a_head_moves_whole_and_a_trunk_not_at_all():
    head = head_of(mesh(200, 200, 60))
    y, x = np.mgrid[:600, :400].astype(np.float32)
    share = head.headness(x, y)
    assert share[: int(head.chin[1]) - 20, 150:250].min() > 0.99
    assert share[: int(head.chin[1]) - 60, 50:350].min() > 0.99  # hats and feathers
    assert not head.headness(x + 460, y).any()  # somebody else
    assert share[int(head.chin[1]) + 60 :].max() < 0.01


def test_the_frame_of_a_head_is_that_of_the_pose():
    face = mesh(200, 200, 60)
    expected, head = pose.canonical(face)[0], head_of(face)
    assert head.scale == pytest.approx(expected.scale, rel=0.01)
    assert np.abs(head.rotation - expected.rotation).max() < 0.06
    assert np.linalg.norm(head.offset - expected.offset) < 0.05 * head.scale


def capped(contrast: float):
    face = mesh(300, 280, 80)
    pixels, matte, truth = draw((600, 600), [face], [DARK])
    head, (y, x) = head_of(face), np.mgrid[:600, :600].astype(np.float32)
    cap = (head.ellipse(x, y) < 1.3) & (y < head.middle[1] - 0.6 * head.scale)
    if contrast:
        matte = np.where(cap, 0, matte).astype(np.float32)
        pixels = pixels.copy()
        pixels[cap] = np.clip(WALL + contrast + np.random.default_rng(2).normal(0, 2, (cap.sum(), 1)), 0, 255)
    return pixels, matte, cap, face


def test_a_pale_cap_on_a_wall_is_added():
    pixels, matte, cap, face = capped(35.0)
    found = complete(pixels, matte, [face])
    assert found[cap].mean() > 0.85
    assert (found - matte)[~cap].mean() < 0.004
    assert (found >= matte).all()


def test_a_plain_wall_is_not_a_cap():
    pixels, matte, _, face = capped(0.0)
    assert np.array_equal(complete(pixels, matte, [face]), matte)


def test_everybody_has_a_head_and_a_face_in_it():
    pixels, matte, _ = draw((300, 500), [mesh(130, 120, 60), mesh(370, 130, 50)], [DARK, PALE])
    heads = own(pixels, matte, [mesh(130, 120, 60), mesh(370, 130, 50)]).heads
    assert [round(head.scale) for head in heads] == [60, 50]
    small, large = heads[0].face(), heads[0].face(1.5)
    assert np.allclose(np.ptp(large, axis=0), 1.5 * np.ptp(small, axis=0)) and np.allclose(large.mean(0), small.mean(0))
