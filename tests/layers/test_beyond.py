"""People whom a scan's border cuts: heads are closed as they were, trunks go on, and nothing within changes."""

import numpy as np
import pytest
from layers.crowd import draw, mesh

from animate.layers import beyond
from animate.layers.heads import head_of
from animate.layers.people import own

ALL = dict.fromkeys(("left", "top", "right"), np.inf)
DARK = ((50, 40, 35), (60, 60, 70))
SIZE, AT, UNIT = (520, 480), (240.0, 230.0), 90.0


def cut(left=0, top=0):
    """A scan of one person less its first columns and rows, and the whole matte of who was there before."""
    pixels, matte, _ = draw(SIZE, [mesh(*AT, UNIT)], [DARK])
    face = mesh(AT[0] - left, AT[1] - top, UNIT)
    pixels, within = pixels[top:, left:], matte[top:, left:]
    return pixels, own(pixels, within, [face]).persons[0], head_of(face), matte


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("top", [110, 135, 160])
def test_a_cut_head_is_closed_as_it_was(top):
    pixels, owner, head, matte = cut(top=top)
    whole = beyond.continued(owner, head, pixels.shape[:2], ALL)
    reach = owner.rectangle[1] - whole.rectangle[1]
    left, right = whole.rectangle[0], whole.rectangle[2]
    truth = matte[top - reach : top, left:right] > 0.5
    assert truth.sum() > 200 and overlap(whole.alpha[:reach] > 0.5, truth) > 0.85
    assert np.array_equal(whole.alpha[reach:], owner.alpha)


@pytest.mark.parametrize("right", [False, True])
def test_beside_the_scan_heads_are_closed_and_trunks_go_on(right):
    pixels, owner, head, matte = cut(left=195)
    if right:  # the same mirrored: the head's middle lies at column 240
        pixels, face = draw(SIZE, [mesh(*AT, UNIT)], [DARK])[0][:, :285], mesh(*AT, UNIT)
        owner, head = own(pixels, matte[:, :285], [face]).persons[0], head_of(face)
    whole = beyond.continued(owner, head, pixels.shape[:2], ALL)
    width, rows = owner.alpha.shape[1], slice(owner.rectangle[1], owner.rectangle[3])
    outside = whole.alpha[:, width:] if right else whole.alpha[:, :-width][:, ::-1]  # from the border outwards
    assert outside.shape[1] == round(UNIT * beyond.REACH)
    true = (matte[rows, 285:] if right else matte[rows, :195][:, ::-1])[:, : outside.shape[1]] > 0.5
    skull = slice(0, round(AT[1] + 0.7 * UNIT) - owner.rectangle[1])
    assert true[skull].sum() > 4000 and overlap(outside[skull] > 0.5, true[skull]) > 0.8
    assert (outside[-20:] > 0.95).all()


def test_who_is_not_cut_stays_as_she_is():
    pixels, owner, head, _ = cut()
    assert owner.contact.edges.keys() <= {"bottom"}
    assert beyond.continued(owner, head, pixels.shape[:2], ALL) is owner


def test_it_reaches_as_far_as_is_looked():
    pixels, owner, head, _ = cut(top=130)
    y, x = np.mgrid[-20:300:10, -20:480:10].astype(float)
    places, rest = np.stack([x, y]), np.zeros((2, *x.shape))
    assert beyond.seen(places, [rest], pixels.shape[:2], 5.0) == {}
    up = rest + np.array([0.0, -12.0])[:, None, None]
    needed = beyond.seen(places, [rest, up], pixels.shape[:2], 5.0)
    assert needed == {"top": 17.0}
    near, far = (beyond.continued(owner, head, pixels.shape[:2], each) for each in (needed, ALL))
    assert owner.rectangle[1] - near.rectangle[1] == 17
    assert np.array_equal(near.alpha, far.alpha[-len(near.alpha) :])
    assert beyond.continued(owner, head, pixels.shape[:2], {"left": 30.0}) is owner


def layer_of(pixels, owner, head):
    whole = beyond.continued(owner, head, pixels.shape[:2], ALL)
    a, b, c, d = owner.rectangle
    inner = np.random.default_rng(3).random((d - b, c - a, 4), dtype=np.float32)
    left, top, right, bottom = whole.rectangle
    layer = np.zeros((bottom - top, right - left, 4), np.float32)
    layer[b - top : d - top, a - left : c - left] = inner
    beyond.fill(layer, whole.rectangle, pixels, whole, head)
    return whole, inner, layer


def test_a_layer_goes_on_in_the_mirrored_colours_of_the_scan():
    pixels, owner, head, _ = cut(top=120)
    whole, inner, found = layer_of(pixels, owner, head)
    a, b, c, _ = owner.rectangle
    reach = b - whole.rectangle[1]
    assert found.dtype == np.float32 and np.array_equal(found[reach:], inner)
    assert np.array_equal(found[:reach, :, 3], whole.alpha[:reach])
    near = np.s_[reach - 20 : reach]  # 20 rows, which lie above the face
    mirrored = pixels[1:21, a:c][::-1]
    assert np.allclose(found[near][..., :3], mirrored * whole.alpha[near][..., None], atol=1e-3)


@pytest.mark.parametrize("top", [150, 185, 225])
def test_beyond_a_border_close_to_the_face_there_is_hair_and_no_face(top):
    pixels, owner, head, _ = cut(top=top)
    pixels = np.array(pixels)
    face = head.outline.astype(int)
    pixels[max(face[:, 1].min(), 3) : face[:, 1].max(), face[:, 0].min() : face[:, 0].max()] = (0, 255, 0)
    whole, _, found = layer_of(pixels, owner, head)
    outside = found[: owner.rectangle[1] - whole.rectangle[1]]
    green = (outside[..., 1] > 2 * outside[..., 0]) & (outside[..., 3] > 0.5)
    assert (outside[..., 3] > 0.5).sum() > 1000 and not green.any()


def test_beside_the_scan_colours_are_mirrored_too():
    for right in (False, True):
        pixels, owner, head, _ = cut(left=0 if right else 195)
        if right:
            pixels, face = np.ascontiguousarray(pixels[:, :285]), mesh(*AT, UNIT)
            owner, head = own(pixels, cut()[3][:, :285], [face]).persons[0], head_of(face)
        _, _, found = layer_of(pixels, owner, head)
        trunk = found[-1, -20:] if right else found[-1, :20]
        assert np.allclose(trunk[:, :3], DARK[1], atol=12) and (trunk[:, 3] > 0.9).all()
