"""The inside of a mouth that opens: where it is drawn, what decides how it shows."""

from __future__ import annotations

import numpy as np
import pytest

from animate.compose import mouth_tone, teeth
from animate.compose.mouth_opening import MouthMesh, Opening
from animate.core.types import DrivenLandmarks, Face, Keypoints, Photo, Portrait
from animate.faces.crop import crop_from_five
from animate.motion import landmarks
from animate.pipeline.mouths import BEARD, DrivenMouth

SIZE = 400
SKIN = np.array([196, 160, 140], np.float32)


def face(gap: float = 0.0) -> np.ndarray:
    """Points (478, 3) of an average face, 110 pixels between the eyes, its lips parted by `gap` eye distances."""
    closed = landmarks.MEAN_FACE.copy()
    for upper, lower in zip(landmarks.INNER_UPPER, landmarks.INNER_LOWER, strict=True):
        closed[[upper, lower], 1] = closed[[upper, lower], 1].mean()
    parted = closed + gap * landmarks.JAW
    return (parted * 110 + (SIZE / 2, SIZE / 2, 0)).astype(np.float32)


def print_of(points: np.ndarray) -> np.ndarray:
    """A face of one skin with dark pupils and mouth line."""
    y, x = np.mgrid[:SIZE, :SIZE]
    pixels = SKIN * (1 - 0.15 * np.hypot(x - SIZE / 2, y - SIZE / 2)[..., None] / SIZE)
    for ring in landmarks.IRISES:
        centre = points[ring[0], :2]
        pixels[np.hypot(x - centre[0], y - centre[1]) < 8] = 30
    outline = points[list(landmarks.OVAL), 1]
    pixels[: int(outline.min() + 0.15 * np.ptp(outline))] = 40  # hair
    low, high = points[list(landmarks.INNER_LIPS), :2].min(0), points[list(landmarks.INNER_LIPS), :2].max(0)
    line = (x > low[0]) & (x < high[0]) & (y > low[1] - 1) & (y < high[1] + 1)
    pixels[line] = (90, 50, 50)
    noise = np.random.default_rng(3).normal(0, 1.5, (SIZE, SIZE, 1))
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def mesh_of(points: np.ndarray):
    return MouthMesh((78, 308), landmarks.INNER_UPPER, landmarks.INNER_LOWER, (17, 18, 200))


def mouth_of(gaps: tuple[float, ...], *, pixels: np.ndarray | None = None, rest: float = 0.0, shown: float = 1.0):
    """The photograph and the mouth of a face whose lips part by `gaps`."""
    points = face(rest)
    pixels = print_of(points) if pixels is None else pixels
    driven = np.stack([face(gap) for gap in gaps])
    return pixels, DrivenMouth(Photo(pixels), portrait_of(pixels, points), DrivenLandmarks(driven), shown)


def portrait_of(pixels: np.ndarray, points: np.ndarray) -> Portrait:
    crop = crop_from_five(landmarks.five(points)[:, :2], size=128, span=2.0)
    return Portrait(Photo(pixels), Face((100, 100, 200, 200), 1.0), crop, Keypoints(points))


def drawn(pixels: np.ndarray, mouth: DrivenMouth, index: int = 0) -> np.ndarray:
    frame = pixels.copy()
    mouth.draw(frame, index)
    return frame


def inner(gap: float) -> np.ndarray:
    """Mask (SIZE, SIZE) of what lies inside the inner lips."""
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.minimum(*Opening(face(gap), mesh_of(face())).depth(x, y)) > 0


def strands(pixels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Dark hair over the box around points."""
    low, high = points[:, :2].min(0).astype(int) - 4, points[:, :2].max(0).astype(int) + 4
    hair = np.random.default_rng(1).uniform(20, 110, (high[1] - low[1], high[0] - low[0], 1))
    pixels[low[1] : high[1], low[0] : high[0]] = hair
    return pixels


def test_nothing_outside_the_inner_lips_changes():
    pixels, mouth = mouth_of((0.25,))
    frame = drawn(pixels, mouth)
    changed = (frame != pixels).any(-1)
    near = inner(0.25)
    grown = near | np.roll(near, 1, 0) | np.roll(near, -1, 0) | np.roll(near, 1, 1) | np.roll(near, -1, 1)
    assert changed[near].mean() > 0.8
    assert not changed[~grown].any()


def test_a_closed_mouth_draws_nothing():
    pixels, mouth = mouth_of((0.0, 0.004))
    for index in (0, 1):
        assert np.array_equal(drawn(pixels, mouth, index), pixels)


def test_the_same_mouth_is_drawn_the_same_way_twice():
    pixels, mouth = mouth_of((0.2, 0.2))
    first = drawn(pixels, mouth, 0)
    assert np.array_equal(first, drawn(pixels, mouth, 1))
    assert np.array_equal(first, drawn(*mouth_of((0.2,))))


def test_a_driver_whose_mouth_is_dark_darkens_the_teeth():
    points = face()
    pixels = print_of(points)
    moved = pixels.copy()
    moved[inner(0.25)] = 40
    frames = []
    for known in (False, True):
        shading = np.zeros((1, 487), np.float32) if known else None
        driven = DrivenLandmarks(face(0.25)[None], shading)
        mouth = DrivenMouth(Photo(pixels), portrait_of(pixels, points), driven, lit=True)
        frames.append(drawn(moved, mouth).astype(float))
    assert frames[1][inner(0.25)].mean() < frames[0][inner(0.25)].mean() - 10


def test_without_teeth_the_mouth_is_dark():
    pixels, mouth = mouth_of((0.25,))
    bare = drawn(*mouth_of((0.25,), shown=0.0))
    full = drawn(pixels, mouth)
    middle = inner(0.25) & ~np.roll(~inner(0.25), 3, 0)
    assert full[middle].mean() > bare[middle].mean() + 15
    assert bare[middle].max() < SKIN.max()
    mouth.proxy.tone = mouth_tone.MouthTone(np.zeros(3), *(mouth.proxy.tone.cavity, mouth.proxy.tone.tongue))
    mouth.proxy.shown = (0.0, 0.0)
    assert np.array_equal(drawn(pixels, mouth), bare)  # the tooth's tone has no part in it


def test_teeth_are_no_brighter_than_the_prints_whites():
    pixels, mouth = mouth_of((0.25,))
    frame = drawn(pixels, mouth)
    assert frame[inner(0.25)].max() <= pixels.max()


def test_a_small_change_of_the_opening_changes_the_picture_little():
    pixels, mouth = mouth_of(tuple(np.linspace(0.0, 0.3, 61)))
    frames = [drawn(pixels, mouth, index).astype(int) for index in range(61)]
    steps = [np.abs(b - a).sum() / 3 for a, b in zip(frames, frames[1:], strict=False)]
    assert max(steps) < 6 * np.mean(steps)


def test_the_paint_of_the_networks_is_kept_out_of_the_mouth_only():
    (_, mouth), (_, closed) = mouth_of((0.25,)), mouth_of((0.0,))
    whole = (0, 0, SIZE, SIZE)
    left = mouth.spare(whole, 0)
    assert left[np.roll(inner(0.25), 4, 0) & np.roll(inner(0.25), -4, 0)].max() < 0.05
    assert (left[~inner(0.25)] == 1).all()
    assert (closed.spare(whole, 0) == 1).all()


def test_teeth_that_the_photograph_shows_are_kept():
    points = face(0.2)
    pixels = print_of(points)
    ring = inner(0.2)
    rows = np.flatnonzero(ring.any(1))
    stripes = np.where(np.arange(SIZE) // 5 % 2, 205, 150)[None, :, None] * np.ones((SIZE, 1, 3))
    teeth_shown = ring & (np.arange(SIZE) < rows.mean())[:, None]
    pixels[ring] = 25
    pixels[teeth_shown] = stripes[teeth_shown]
    pixels, mouth = mouth_of((0.34,), pixels=pixels, rest=0.2)
    assert mouth.proxy.own == 1
    frame = drawn(pixels, mouth)
    core = teeth_shown & np.roll(teeth_shown, 5, 0) & np.roll(teeth_shown, -5, 0)
    core[:, : SIZE // 2 - 20] = core[:, SIZE // 2 + 20 :] = False
    got, own = frame[core][:, 0].astype(float), pixels[core][:, 0].astype(float)
    assert np.corrcoef(got, own)[0, 1] > 0.7


def test_lower_teeth_and_a_lip_inside_its_landmarks_are_no_upper_teeth():
    points = face(0.2)
    pixels = print_of(points)
    ring, x, y = inner(0.2), *np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    rows = np.flatnonzero(ring.any(1))
    down = (y - rows[0]) / np.ptp(rows)
    pixels[ring] = 25
    pixels[ring & (down < 0.5)] = 200
    pixels[ring & (down > 0.65)] = 200  # lower teeth
    _, mouth = mouth_of((0.34,), pixels=pixels, rest=0.2)
    kept, low = mouth.proxy.kept, mouth.proxy.kept.corner
    mask = np.zeros((SIZE, SIZE))
    mask[low[1] : low[1] + len(kept.mask), low[0] : low[0] + kept.mask.shape[1]] = kept.mask
    middle = np.abs(x - SIZE / 2) < 15
    assert mask[ring & middle & (down > 0.15) & (down < 0.4)].min() > 0.9
    assert mask[ring & middle & (down > 0.7)].max() < 0.1
    assert kept.ends[0] < 0 < kept.ends[1]


def test_a_held_mouth_does_not_flicker_with_trembling_landmarks():
    points = face(0.2)
    held = np.stack([points] * 12) + np.random.default_rng(2).normal(0, 0.002 * 110, (12, 478, 3))
    pixels, still = mouth_of((0.2,) * 12)
    trembling = DrivenMouth(Photo(pixels), portrait_of(pixels, face()), DrivenLandmarks(held.astype(np.float32)))
    core = inner(0.2) & np.roll(inner(0.2), 3, 0) & np.roll(inner(0.2), -3, 0)
    frames = np.stack([drawn(pixels, trembling, index)[core].astype(float) for index in range(12)])
    assert frames.std(0).mean() < 1.0
    assert np.abs(frames.mean(0) - drawn(pixels, still)[core]).mean() < 4


def test_a_moustache_hides_the_teeth():
    points = face()
    rings = [index for ring in BEARD.above for index in ring]
    pixels = strands(print_of(points), points[rings])
    _, mouth = mouth_of((0.2,), pixels=pixels)
    assert mouth.proxy.shown == (0.0, 0.0) and mouth.proxy.hidden == (1.0, 0.0)


def test_a_short_lower_face_is_an_infants():
    points = face()
    assert mouth_tone.infancy(points, (33, 263), 152) == 0
    short = points.copy()
    short[152, 1] -= 0.3 * (points[152, 1] - points[33, 1])
    assert mouth_tone.infancy(short, (33, 263), 152) == 1


@pytest.mark.parametrize("blur", [0.6, 1.0, 1.6])
def test_the_blur_of_a_print_is_measured(blur):
    from scipy.ndimage import gaussian_filter

    points = face()
    step = np.where(np.arange(SIZE) // 40 % 2, 200.0, 60.0)[None] * np.ones((SIZE, 1))
    pixels = np.repeat(gaussian_filter(step, blur)[..., None], 3, -1).astype(np.uint8)
    assert mouth_tone.sharpness(pixels, points, 110) == pytest.approx(blur, abs=0.25)


def test_the_arch_is_symmetric_and_its_teeth_have_gaps():
    u = np.linspace(-0.3, 0.3, 601)
    opacity, shade = teeth.row(u, np.full_like(u, 0.5), teeth.UPPER, 0.02)
    assert opacity == pytest.approx(opacity[::-1])
    assert shade == pytest.approx(shade[::-1])
    assert shade[300] < shade[300 + 47] - 0.1  # between the two middle teeth, and in the middle of one
    assert teeth.row(u, np.full_like(u, 1.2), teeth.UPPER, 0.02)[0].max() == 0
