"""The stage: the photograph itself where nothing moves, and what the networks say only where and as far as it may be."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import SIZE, Saying, acting, portrait, random_networks, shifted

from animate.compose import print_match
from animate.core.numerics import luminance
from animate.core.types import Photo
from animate.pipeline.render import Renderer

EYES = 43.0  # scan pixels between the eyes of the portrait


@pytest.fixture(scope="module")
def networks():
    return random_networks()


@pytest.fixture
def no_grain(monkeypatch):
    monkeypatch.setattr(print_match, "STRONGEST", 0.0)


def frames(photo, networks, *ways, threads=1, move=shifted):
    face = portrait(photo)
    return list(Renderer(photo, [(face, move(face, *ways))], threads=threads, networks=networks).frames())


def allowed(stage) -> np.ndarray:
    may = np.zeros(stage.photo.pixels.shape[:2], bool)
    for layer in stage.layers:
        may |= layer.mask(stage.photo.pixels.shape)
    return may


def test_rest_is_the_photograph_bit_for_bit_and_small_movements_fade_in(photo, networks):
    said = Saying(tone=40.0, colour=(255, 0, 0), keep=0.5)
    rest, slight, full = frames(photo, said, (0, 0), (0.01 * EYES, 0), (0.04 * EYES, 0))
    assert (rest == photo.pixels).all()
    changes = [np.abs(frame.astype(int) - photo.pixels)[110:130, 110:140].mean() for frame in (slight, full)]
    assert 0 < 3 * changes[0] < changes[1]
    assert (frames(photo, networks, (0, 0), (5, 0))[0] == photo.pixels).all()


def test_nothing_outside_the_mask_changes_and_it_plays_twice_the_same(photo, networks):
    face = portrait(photo)
    stage = Renderer(photo, [(face, shifted(face, (6, 2), (-4, 3), (2, -3)))], threads=2, networks=networks)
    first, again = list(stage.frames()), list(stage.frames())
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    for frame in first:
        changed = (frame != photo.pixels).any(-1)
        assert changed.sum() > 5000 and not (changed & ~allowed(stage)).any()


def test_a_residual_shifts_face_and_eyes_by_what_it_says(photo):
    face = portrait(photo)
    driven = shifted(face, (3, 0))
    plain, refined = (
        Renderer(photo, [(face, driven)], threads=1, networks=n).actors[0]
        for n in (None, Saying(residual=(1.5, -0.75)))
    )
    before, after = plain.moved(0), refined.moved(0)
    asked = np.float32([1.5, -0.75]) / refined.retouch.crop.scale  # the crop stands upright on the scan
    left, top, _, _ = plain.layer.rectangle
    assert np.allclose((after.motion - before.motion)[:, 126 - top, 124 - left], asked, atol=0.02)
    assert np.allclose(after.motion[:, 0], before.motion[:, 0], atol=1e-6)
    for old, new in zip(before.displacements, after.displacements, strict=True):
        assert np.allclose((new - old)[:6].reshape(3, 2, -1).mean(-1), asked * face.crop.scale, atol=0.1)
        assert np.array_equal(new[6:], old[6:])


def test_light_changes_the_moved_pixels_and_stays_in_range(photo):
    way = (0.04 * EYES, 0)
    plain, lighter, white = (
        frames(photo, n, way)[0].astype(int) for n in (None, Saying(tone=20.0), Saying(tone=255.0))
    )
    middle = np.s_[100:150, 100:150]
    assert np.abs(lighter[middle] - np.minimum(plain[middle] + 20, 255)).max() <= 1
    assert (white[middle] == 255).all() and (lighter[:5] == photo.pixels[:5]).all()


def test_paint_is_where_keep_is_0_and_nowhere_else(photo, no_grain):
    keep = np.ones((SIZE, SIZE), np.float32)
    keep[28:36, 24:40] = 0
    saying = Saying(), Saying(colour=(200, 20, 90), keep=keep)
    plain, painted = (frames(photo, n, (3, 0), move=acting)[0].astype(int) for n in saying)
    crop = (
        Renderer(photo, [(portrait(photo), shifted(portrait(photo), (3, 0)))], networks=Saying()).actors[0].retouch.crop
    )
    x, y = np.meshgrid(np.arange(300), np.arange(300))
    column, row = np.moveaxis(crop.into(np.stack([x, y], -1).astype(np.float32)), -1, 0)
    inner = (row > 29) & (row < 34) & (column > 25) & (column < 38)
    outer = (row < 26.5) | (row > 36.5) | (column < 22.5) | (column > 40.5)
    assert inner.sum() > 500 and np.abs(painted[inner] - (200, 20, 90)).max() <= 1
    assert (painted[outer] == plain[outer]).all()


def test_lips_that_the_photograph_shows_are_not_painted(photo, no_grain):
    moved, offered = (
        frames(photo, n, (3, 0))[0].astype(int) for n in (Saying(), Saying(colour=(200, 20, 90), keep=0.0))
    )
    x, y = shifted(portrait(photo), (3, 0)).points[0, 13, :2].round().astype(int)
    nose = shifted(portrait(photo), (3, 0)).points[0, 4, :2].round().astype(int)
    assert (moved[y, x] == offered[y, x]).all() and (moved[nose[1], nose[0]] != offered[nose[1], nose[0]]).any()


@pytest.mark.parametrize("dye", [(1.0, 1.0, 1.0), (1.0, 0.85, 0.62)], ids=["grey", "sepia"])
def test_a_print_of_one_tone_keeps_it(photo, networks, dye):
    grey = luminance(photo.pixels)
    printed = Photo((grey[..., None] * np.float32(dye)).round().astype(np.uint8))
    frame = frames(printed, networks, (5, 2))[0].astype(np.float32)
    tint = frame - (luminance(frame))[..., None]
    expected = (luminance(frame) / (luminance(np.float32(dye))))[..., None] * np.float32(dye) - (luminance(frame))[
        ..., None
    ]
    assert (frame != printed.pixels).any() and np.abs(tint - expected).max() < (0.01 if dye[2] == 1 else 9)


def test_the_whole_head_goes_where_the_face_goes(photo):
    """Moved one eye distance, the far cheek and the hair arrive unsqueezed."""
    moved = frames(photo, None, (-EYES, 0))[0].astype(int)
    here, there = np.s_[60:160, 95:165], np.s_[60:160, 95 - 43 : 165 - 43]
    assert np.abs(moved[there] - photo.pixels[here]).mean() < 1


def test_faces_that_overlap_agree_on_the_light_where_both_are(group):
    one, other = portrait(group), portrait(group, 124.5 + 95, 130)
    cast = [(face, shifted(face, (4, 1))) for face in (one, other)]
    stage = Renderer(group, cast, threads=1, networks=random_networks())
    tones = stage._tones([actor.moved(0) for actor in stage.actors])
    canvas = np.full((2, 3, 480, 480), np.nan)
    for place, tone, layer in zip(canvas, tones, stage.coarse, strict=True):
        left, top, right, bottom = layer.rectangle
        place[:, top:bottom, left:right] = tone
    both = np.isfinite(canvas).all(0)
    assert both.any() and np.allclose(canvas[0][both], canvas[1][both], atol=1e-4)
    changed = (next(stage.frames()) != group.pixels).any(-1)
    assert changed.any() and not (changed & ~allowed(stage)).any()
