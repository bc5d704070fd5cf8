"""Further photographs in a driven face: what is laid in, what stays, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import Fixed
from scipy.ndimage import gaussian_filter
from skimage.draw import polygon2mask
from two_pictures import DARK, SIZE, SKIN, closed_eyes, driven, face, picture, portrait, sepia, sources

from animate.core.numerics import luminance
from animate.core.types import DrivenLandmarks
from animate.motion import landmarks
from animate.pipeline import further, synthesis
from animate.pipeline.face_parts import face_parts
from animate.pipeline.render import Renderer
from animate.pipeline.source_face import MainFace, SourceFace

MAIN = portrait(face(), picture(face()))
OPEN = portrait(face(0.16, unit=75, shift=(9, -5)), picture(face(0.16, unit=75, shift=(9, -5))), "laughing.png")


def lips(gap: float, ring=landmarks.INNER_LIPS) -> np.ndarray:
    return polygon2mask((SIZE, SIZE), face(gap)[list(ring), 1::-1])


def drawn(made, index: int, pixels: np.ndarray = MAIN.photo.pixels) -> np.ndarray:
    frame = pixels.copy()
    made.draw(frame, index)
    return frame


@pytest.fixture(scope="module")
def made():
    return sources(MAIN, driven(0.0, 0.06, 0.15, 0.0), OPEN)


def test_rest_is_untouched_and_an_open_mouth_gets_the_teeth(made):
    for index in (0, 3):
        assert np.array_equal(drawn(made, index), MAIN.photo.pixels)
    inside = lips(0.15)
    frame = drawn(made, 2)
    light = luminance(frame)[inside]
    assert light.max() > 190 and light.min() < 80  # teeth, and the dark below them
    assert luminance(np.array(DARK)) < 40


def test_only_the_mouth_and_a_little_skin_around_it_change(made):
    changed = (drawn(made, 2) != MAIN.photo.pixels).any(-1)
    y, x = np.nonzero(changed)
    ring = face(0.15)[list(landmarks.OUTER_LIPS), :2]
    low, high = ring.min(0) - 0.3 * 70, ring.max(0) + 0.3 * 70
    assert low[0] < x.min() and x.max() < high[0] and low[1] < y.min() and y.max() < high[1]


def test_a_little_opening_shows_teeth_only_between_the_lips():
    made = sources(MAIN, driven(0.0, 0.05), OPEN)
    changed = (drawn(made, 1) != MAIN.photo.pixels).any(-1)
    outer = polygon2mask((SIZE, SIZE), face(0.05)[list(landmarks.OUTER_LIPS), 1::-1])
    assert changed.any() and not changed[~outer].any()


def test_on_a_sepia_print_teeth_are_sepia():
    pixels = sepia(picture(face()))
    made = sources(portrait(face(), pixels), driven(0.0, 0.15), OPEN)
    colours = drawn(made, 1, pixels)[lips(0.15)].astype(int)
    assert (colours[:, 0] >= colours[:, 2]).all() and np.ptp(luminance(colours)) > 60


def test_closed_lids_come_from_a_picture_with_closed_eyes():
    shut = portrait(closed_eyes(face()), picture(closed_eyes(face())))
    made = sources(MAIN, DrivenLandmarks(np.stack([face(), closed_eyes(face())])), shut)
    frame = drawn(made, 1)
    for lids in landmarks.LIDS:
        eye = polygon2mask((SIZE, SIZE), face()[list(lids), 1::-1])
        assert luminance(frame[eye]).min() > 100 > luminance(MAIN.photo.pixels[eye]).min()
    assert made.given(0) == ["left eye", "right eye"]


@pytest.mark.parametrize(
    "other, why",
    [
        (portrait(face(0.16, unit=28), picture(face(0.16, unit=28))), "smaller"),
        (portrait(OPEN.keypoints.points, np.full((SIZE, SIZE, 3), 128, np.uint8)), ""),
    ],
)
def test_a_picture_that_is_too_small_or_shows_nothing_changes_nothing(other, why):
    made = sources(MAIN, driven(0.0, 0.15), other)
    assert why in made.reasons[0]
    if why:
        assert np.array_equal(drawn(made, 1), MAIN.photo.pixels) and made.percents() == [0.0]
        assert further.notes(made, made.percents())[0].startswith("further photograph 1 was not used")


def test_a_blurred_picture_is_refused():
    from scipy.ndimage import gaussian_filter

    soft = np.stack([gaussian_filter(OPEN.photo.pixels[..., k], 4) for k in range(3)], -1)
    main = MainFace(MAIN.photo, MAIN)
    assert SourceFace(portrait(OPEN.keypoints.points, soft), main).too_soft(main)
    assert not SourceFace(OPEN, main).too_soft(main)


def test_a_hand_before_the_mouth_keeps_it_out():
    points = OPEN.keypoints.points
    covered = OPEN.photo.pixels.copy()
    low, high = points[list(landmarks.OUTER_LIPS), :2].min(0), points[list(landmarks.OUTER_LIPS), :2].max(0)
    left, top, right, bottom = (*(low - 25).astype(int), *(high + 25).astype(int))
    covered[top:bottom, left:right] = (50, 70, 50)
    made = sources(MAIN, driven(0.0, 0.15), portrait(points, covered))
    assert not made.shares[..., 2:].any()


def test_the_share_is_counted_and_told_without_a_name(made):
    (percent,) = made.percents()
    assert 0.3 < percent < 12
    (note,) = further.notes(made, [percent])
    assert note == f"further photograph 1 gave {percent:.1f} % of the drawn face: mouth"
    (entry,) = further.record(made)
    assert (entry.name, entry.sha256, entry.percent) == ("laughing.png", "laughing.png-hash", percent)
    covered = made.cover(*np.meshgrid(np.arange(SIZE), np.arange(SIZE)), 2)
    assert covered[lips(0.15)].mean() > 0.8 and covered[:60].max() == 0


def test_teeth_that_are_drawn_count_as_painted_and_her_own_do_not(made):
    parts = [(MAIN, driven(0.0, 0.06, 0.15, 0.0))]
    networks = Fixed(keep=1.0)
    drawn_teeth = synthesis.synthesized_share(face_parts(MAIN.photo, parts, networks))
    own = synthesis.synthesized_share(face_parts(MAIN.photo, parts, networks, sources={0: made}))
    assert 1 < drawn_teeth < 20 and own < drawn_teeth / 2
    closed = synthesis.synthesized_share(face_parts(MAIN.photo, [(MAIN, driven(0.0, 0.0))], networks))
    assert closed == 0
    shown = synthesis.synthesis_picture(MAIN.photo, face_parts(MAIN.photo, parts, networks))
    assert (np.ptp(shown.astype(int), axis=-1)[lips(0.15)] > 30).mean() > 0.6


@pytest.mark.slow
def test_the_renderer_lays_them_in_and_rests_on_the_photograph(made):
    parts = [(MAIN, driven(0.0, 0.06, 0.15, 0.0))]
    plain, more = (
        Renderer(MAIN.photo, parts, threads=1),
        Renderer(MAIN.photo, parts, threads=1, parts=face_parts(MAIN.photo, parts, None, sources={0: made})),
    )
    assert np.array_equal(more.frame(0), MAIN.photo.pixels) and np.array_equal(more.frame(3), MAIN.photo.pixels)
    assert (plain.frame(2) != more.frame(2)).any(-1)[lips(0.15)].mean() > 0.5
    assert np.array_equal(more.frame(2), more.frame(2))


def test_without_teeth_nothing_of_the_mouth_is_taken():
    made = sources(MAIN, driven(0.0, 0.15), OPEN, teeth=0.0)
    assert np.array_equal(drawn(made, 1), MAIN.photo.pixels)


def steepness(pixels: np.ndarray, at: np.ndarray) -> float:
    """Gradient energy around a place (x, y)."""
    window = luminance(pixels[at[1] - 6 : at[1] + 7, at[0] - 12 : at[0] + 13])
    return float(np.square(np.gradient(window)).sum())


def test_soft_eyes_become_clear_as_they_move_and_stay_soft_at_rest():
    softened = np.stack([gaussian_filter(MAIN.photo.pixels[..., k].astype(float), 2.5) for k in range(3)], -1)
    soft = portrait(face(), softened.round().astype(np.uint8))
    movement = DrivenLandmarks(np.stack([face(), face(shift=(0.3, 0)), face(shift=(6, 0))]))
    made = sources(soft, movement, portrait(face(), picture(face())))
    assert not made.clear[0, :2].any() and made.clear[0, 2].min() > 0.9
    assert made.given(0) == ["clearer eyes"] and made.percents()[0] > 0
    under = np.full((SIZE, SIZE, 3), SKIN, np.uint8)
    frame = drawn(made, 2, under)
    eye = face(shift=(6, 0))[list(landmarks.IRISES[0]), :2].mean(0).round().astype(int)
    own = face()[list(landmarks.IRISES[0]), :2].mean(0).round().astype(int)
    assert steepness(frame, eye) > 2 * steepness(soft.photo.pixels, own)
    assert np.array_equal(drawn(made, 0, under), under)
    assert made.cover(*eye[:, None, None].astype(float), 2).min() > 0.9


def test_eyes_as_clear_as_the_sources_are_kept():
    movement = DrivenLandmarks(np.stack([face(), face(shift=(6, 0))]))
    assert not sources(MAIN, movement, portrait(face(), picture(face()))).clear.any()
