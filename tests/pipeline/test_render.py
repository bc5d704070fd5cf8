"""The renderer: the photograph where nothing moves, people whole where they move, the background behind them still."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import SIZE, Fixed, acting, portrait, random_networks, shifted

from animate.compose import print_match
from animate.core.numerics import luminance
from animate.core.types import DrivenLandmarks, Photo
from animate.layers import beyond
from animate.motion import landmarks, pose
from animate.pipeline.render import Renderer

pytestmark = pytest.mark.slow  # renders frames

EYES = 43.0  # scan pixels between the eyes of the portrait


@pytest.fixture(scope="module")
def networks():
    return random_networks()


@pytest.fixture
def no_grain(monkeypatch):
    monkeypatch.setattr(print_match, "STRONGEST", 0.0)


def frames(photo, networks, *ways, move=shifted):
    face = portrait(photo)
    return list(Renderer(photo, [(face, move(face, *ways))], threads=1, networks=networks).frames())


def turned(face, *degrees: tuple[float, float]) -> DrivenLandmarks:
    """The face turned by yaw and pitch about its own middle."""
    still, shape = pose.canonical(face.keypoints.points)
    turn = pose.rotation_matrix(np.radians([(pitch, yaw, 0) for yaw, pitch in degrees]))
    moved = pose.Pose(still.rotation @ turn, np.full(len(turn), still.scale), np.tile(still.offset, (len(turn), 1)))
    change = pose.apply(shape, moved) - pose.apply(shape, still)
    return DrivenLandmarks((face.keypoints.points + change).astype(np.float32))


def touched(renderer: Renderer) -> np.ndarray:
    """Pixels of people, of what they uncover and of where they go."""
    may = renderer.owners.matte > 0
    for one in renderer.people.values():
        left, top, right, bottom = one.rectangle
        may[top:bottom, left:right] |= one.sweep.changed | one.sweep.uncovered
    return may


def test_rest_is_the_photograph_bit_for_bit_even_without_the_short_cut(photo, networks):
    face = portrait(photo)
    renderer = Renderer(photo, [(face, shifted(face, (0, 0), (9, 2)))], threads=1, networks=networks)
    assert (renderer.frame(0) == photo.pixels).all()
    renderer.resting[:] = False
    assert (renderer.frame(0) == photo.pixels).all()


def test_small_movements_fade_in(photo):
    fixed = Fixed(tone=40.0, colour=(255, 0, 0), keep=0.5)
    slight, full = frames(photo, fixed, (0.01 * EYES, 0), (0.04 * EYES, 0))
    changes = [np.abs(frame.astype(int) - photo.pixels)[110:130, 110:140].mean() for frame in (slight, full)]
    assert 0 < 3 * changes[0] < changes[1]


@pytest.mark.parametrize("with_networks", [False, True], ids=["plain", "networks"])
def test_the_world_behind_stands_still_bit_for_bit_and_it_plays_twice_the_same(photo, networks, with_networks):
    face = portrait(photo)
    driven = shifted(face, (16, 2), (-14, 3), (2, -13))
    renderer = Renderer(photo, [(face, driven)], threads=2, networks=networks if with_networks else None)
    first, again = list(renderer.frames()), list(renderer.frames())
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    for frame in first:
        changed = (frame != photo.pixels).any(-1)
        assert changed.sum() > 5000 and not (changed & ~touched(renderer)).any()
    assert not touched(renderer)[:60, :30].any()  # the test would prove nothing if everything were people


def test_the_whole_head_goes_where_the_face_goes(photo):
    """Moved half an eye distance, the far cheek and the hair arrive unsqueezed."""
    way = round(EYES / 2)
    moved = frames(photo, None, (-way, 0))[0].astype(int)
    here, there = np.s_[60:160, 95:165], np.s_[60:160, 95 - way : 165 - way]
    assert np.abs(moved[there] - photo.pixels[here]).mean() < 1.5


def test_a_head_that_the_upper_border_cuts_is_closed_when_it_comes_down(photo, monkeypatch):
    """Above it the wall shows, neither its hair drawn out into a column nor the face again upside down."""
    cut, down, above = 60, round(1.4 * EYES), np.s_[:10, 70:190]
    scan = Photo(np.ascontiguousarray(photo.pixels[cut:]), "cut.png")
    face = portrait(scan, y=126 - cut)

    wall = photo.pixels[:40, 60:220].mean((0, 1))

    def strange() -> float:
        frame = next(iter(Renderer(scan, [(face, shifted(face, (0, down)))], threads=1).frames()))
        return (np.abs(frame[above] - wall).max(-1) > 50).mean()

    assert strange() < 0.15
    monkeypatch.setattr(beyond, "continued", lambda owner, *_: owner)
    assert strange() > 0.6


@pytest.mark.parametrize("degrees", [(30, 0), (-30, 0), (0, 20), (0, -20)], ids=str)
def test_a_head_turned_far_stays_whole(photo, degrees):
    """Every place of the head shows the head, none the plate: no hole opens and nothing folds."""
    face = portrait(photo)
    renderer = Renderer(photo, [(face, turned(face, degrees))], threads=1)
    (one,) = renderer.people.values()
    flow, _, _ = one._flow(0)
    at = one.crop.out((one.nodes + flow.transpose(2, 0, 1)).transpose(1, 2, 0))  # where nodes take their pixels from
    places = one.crop.out(one.nodes.transpose(1, 2, 0))
    middle = places[..., :2] - face.keypoints.points[:468, :2].mean(0)
    head = (np.abs(middle) < 0.8 * EYES).all(-1)
    column, row = np.rint(at[head]).astype(int).T
    assert (renderer.owners.matte[row.clip(0, 299), column.clip(0, 299)] > 0.5).mean() > 0.99
    across = np.diff(at[..., 0], axis=1)[head[:, 1:] & head[:, :-1]]
    down = np.diff(at[..., 1], axis=0)[head[1:] & head[:-1]]
    assert (across < -0.5).mean() < 0.002 and (down < -0.5).mean() < 0.002


def test_a_shift_of_tone_changes_the_face_and_stays_in_range(photo):
    way = (0.04 * EYES, 0)
    plain, darker, black = (frames(photo, n, way)[0].astype(int) for n in (None, Fixed(tone=-20.0), Fixed(tone=-255.0)))
    middle = np.s_[110:138, 110:138]
    assert np.abs(darker[middle] - np.maximum(plain[middle] - 20, 0)).max() <= 2
    assert (black[middle] == 0).all() and (darker[:5] == plain[:5]).all()


def test_networks_write_nowhere_outside_the_face(photo, no_grain):
    face = portrait(photo)
    driven = acting(face, (14, 0))
    outputs = [
        Renderer(photo, [(face, driven)], threads=1, networks=n).frame(0).astype(int)
        for n in (None, Fixed(tone=80.0, colour=(255, 0, 255), keep=0.0))
    ]
    changed = np.abs(outputs[0] - outputs[1]).max(-1) > 1
    rows, columns = np.nonzero(changed)
    low, high = driven.points[0, :468, :2].min(0), driven.points[0, :468, :2].max(0)
    cell = 1.2 * 4 * 4.8 * EYES / SIZE  # scan pixels of a cell of the networks' tone, and a little
    assert changed.any() and columns.min() > low[0] - cell and columns.max() < high[0] + cell
    assert rows.min() > low[1] - cell and rows.max() < high[1] + cell


def test_paint_follows_a_face_that_goes_far(photo, no_grain):
    keep = np.ones((SIZE, SIZE), np.float32)
    keep[28:36, 24:40] = 0
    for way in ((3, 0), (24, -6)):
        plain, painted = (
            frames(photo, n, way, move=acting)[0].astype(int) for n in (Fixed(), Fixed(colour=(200, 20, 90), keep=keep))
        )
        face = portrait(photo)
        (one,) = Renderer(photo, [(face, acting(face, way))], threads=1, networks=Fixed()).people.values()
        x, y = np.meshgrid(np.arange(300), np.arange(300))
        gone = np.stack([x, y], -1).astype(np.float32) - one.networks.shifts[0]
        column, row = np.moveaxis(one.networks.crop.into(gone.astype(np.float32)), -1, 0)
        inner = (row > 29) & (row < 34) & (column > 25) & (column < 38)
        outer = (row < 26.5) | (row > 36.5) | (column < 22.5) | (column > 40.5)
        assert inner.sum() > 500 and np.abs(painted[inner] - (200, 20, 90)).max() <= 1
        assert (painted[outer] == plain[outer]).all()


def test_lips_that_the_photograph_shows_are_not_painted(photo, no_grain):
    moved, offered = (frames(photo, n, (3, 0))[0].astype(int) for n in (Fixed(), Fixed(colour=(200, 20, 90), keep=0.0)))
    x, y = shifted(portrait(photo), (3, 0)).points[0, 13, :2].round().astype(int)
    nose = shifted(portrait(photo), (3, 0)).points[0, 4, :2].round().astype(int)
    assert (moved[y, x] == offered[y, x]).all() and (moved[nose[1], nose[0]] != offered[nose[1], nose[0]]).any()


@pytest.mark.parametrize("dye", [(1.0, 1.0, 1.0), (1.0, 0.85, 0.62)], ids=["grey", "sepia"])
def test_a_print_of_one_tone_keeps_it(photo, networks, dye):
    grey = luminance(photo.pixels)
    printed = Photo((grey[..., None] * np.float32(dye)).round().astype(np.uint8))
    frame = frames(printed, networks, (5, 2))[0].astype(np.float32)
    light = luminance(frame)[..., None]
    expected = light / luminance(np.float32(dye)) * np.float32(dye)
    assert (frame != printed.pixels).any()
    assert np.abs(frame - expected).max() < (1.01 if dye[2] == 1 else 9)


def test_a_neighbour_who_keeps_still_is_untouched(group):
    one, other = portrait(group), portrait(group, 424.5, 126)
    renderer = Renderer(group, [(one, shifted(one, (12, 3)))], threads=1, bystanders=[other])
    frame = renderer.frame(0)
    box = other.keypoints.points[:468, :2]
    (left, top), (right, bottom) = box.min(0).astype(int), box.max(0).astype(int)
    assert (frame[top:bottom, left:right] == group.pixels[top:bottom, left:right]).all()
    assert (frame != group.pixels).any()


def test_two_who_move_do_not_disturb_each_other(group):
    cast = [(face, shifted(face, (5, 1))) for face in (portrait(group), portrait(group, 424.5, 126))]
    both = Renderer(group, cast, threads=1).frame(0).astype(int)
    for face, driven in cast:
        others = [other for other, _ in cast if other is not face]
        alone = Renderer(group, [(face, driven)], threads=1, bystanders=others).frame(0)
        low, high = (edge(driven.points[0, :468, :2], 0).astype(int) for edge in (np.min, np.max))
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        assert np.abs(both[window] - alone[window]).mean() < 0.5


def test_an_eye_that_turns_out_of_sight_leaves_no_patch(photo):
    """The far eye at 35 degrees: what is drawn over it never leaves the outline of the face."""
    face = portrait(photo)
    renderer = Renderer(photo, [(face, turned(face, (35, 0)))], threads=1)
    (one,) = renderer.people.values()
    outside = []
    for shown in (True, False):
        frame = renderer.plate.copy()
        if not shown:
            one.warp.eyes = [None, None]
        one.draw(frame, 0)
        outside.append(frame.astype(int))
    rows, columns = np.nonzero(np.abs(outside[0] - outside[1]).max(-1) > 8)
    points = one.person.driven.points[0, list(landmarks.OVAL), :2]
    assert columns.min() > points[:, 0].min() - 2 and columns.max() < points[:, 0].max() + 2


def test_people_pass_behind_a_mount_which_stands_still(photo, networks):
    pixels = photo.pixels.copy()
    margin = int(0.08 * photo.width)
    pixels[:, :margin] = 240
    mounted = Photo(pixels)
    face = portrait(photo)
    renderer = Renderer(mounted, [(face, shifted(face, (0, 0), (-30, 4)))], threads=1, networks=networks)
    assert renderer.mount is not None
    assert (renderer.frame(0) == pixels).all()
    renderer.resting[:] = False
    assert (renderer.frame(0) == pixels).all()
    moved = renderer.frame(1)
    assert (moved[:, :margin] == pixels[:, :margin]).all() and (moved != pixels).any()
