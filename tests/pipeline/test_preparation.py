"""A photograph prepared: where it is asked, nowhere else, at the size of the clip, and every change on record."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import portrait

from animate.core.errors import Cancelled
from animate.core.types import Photo
from animate.photo.resize import resize, resized
from animate.pipeline import protected
from animate.pipeline.preparation import Preparation


class Sharper:
    """A network that knows how to draw stripes."""

    name = "stripes"

    def __init__(self):
        self.seen = []

    def enlarge(self, pixels, *, threads=1, on_tile=None):
        self.seen.append(pixels.shape[:2])
        for done in range(3):
            if on_tile:
                on_tile(done, 2)
        made = resized(pixels, 4 * pixels.shape[1], 4 * pixels.shape[0]).copy()
        made[:, ::8] = np.minimum(made[:, ::8].astype(int) + 60, 255)
        return made


@pytest.fixture
def scan() -> Photo:
    rng = np.random.default_rng(0)
    light = rng.normal(130, 5, (600, 800, 1)) + np.linspace(-90, 90, 800)[None, :, None]
    return Photo(np.repeat(light, 3, 2).clip(0, 255).astype(np.uint8), "a.png", "a" * 64)


def prepared(scan, portraits, factor=1.0, **more):
    about = {"enhance": 0.5, "upscaler": Sharper(), "moving": (1,), **more}
    return Preparation(scan, **about)(scan, dict(enumerate(portraits, 1)), factor)


def test_nothing_is_done_unasked(scan):
    assert prepared(scan, [portrait(scan, 400, 300, 40)], enhance=0.0, upscaler=None) is scan


def test_only_the_chosen_face_becomes_sharper(scan):
    made = prepared(scan, [portrait(scan, 200, 250, 40), portrait(scan, 620, 250, 40)])
    changed = (made.pixels != scan.pixels).any(axis=2)
    assert changed[200:300, 150:250].mean() > 0.5
    assert not changed[:, 420:].any() and not changed[560:].any()
    (edit,) = made.edits
    assert edit.kind == "detail" and edit.parameters == {"strength": 0.5, "network": "stripes", "faces": "1"}
    assert edit.description in made.notes and (made.name, made.sha256) == (scan.name, scan.sha256)


def test_a_close_up_takes_the_networks_own_pixels(scan):
    face = portrait(scan, 400, 300, 40)
    made, plain = prepared(scan, [face], 2.0), resize(scan, 2.0)
    assert (made.width, made.height) == (1600, 1200)
    np.testing.assert_array_equal(made.pixels[:, :300], plain.pixels[:, :300])
    middle = made.pixels[500:700, 700:900].astype(int) - plain.pixels[500:700, 700:900]
    assert np.abs(np.fft.rfft(middle.mean(axis=(0, 2))))[200 // 4] > 20, "stripes finer than the scan's own pixels"


def test_a_shrunk_one_is_prepared_at_the_size_that_is_seen(scan):
    network = Sharper()
    made = prepared(scan, [portrait(scan, 400, 300, 40)], 0.5, upscaler=network)
    assert (made.width, made.height) == (400, 300)
    full = Sharper()
    prepared(scan, [portrait(scan, 400, 300, 40)], upscaler=full)
    assert network.seen[0][0] == pytest.approx(full.seen[0][0] / 2, abs=2)


def test_large_faces_are_seen_smaller_and_tiny_ones_left_alone(scan):
    network = Sharper()
    prepared(scan, [portrait(scan, 400, 300, 120)], upscaler=network)
    assert np.prod(network.seen[0]) <= 61_000
    made = prepared(scan, [portrait(scan, 400, 300, 5)])
    np.testing.assert_array_equal(made.pixels, scan.pixels)
    assert made.edits == () and "no face is large enough" in made.notes[-1]


def test_progress_runs_over_all_faces_and_a_stop_is_passed_on(scan):
    seen = []
    faces = [portrait(scan, 200, 250, 40), portrait(scan, 620, 250, 40)]
    prepared(scan, faces, moving=(1, 2), on_tile=lambda *step: seen.append(step))
    assert seen == [(0, 4), (1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]

    def stop(done, total):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        prepared(scan, faces, on_tile=stop)


def test_faces_side_by_side_are_not_sharpened_twice(scan):
    one, other = portrait(scan, 380, 300, 40), portrait(scan, 420, 300, 40)
    both = prepared(scan, [one, other], moving=(1, 2)).pixels.astype(int)
    alone = prepared(scan, [one, other], moving=(1,)).pixels.astype(int)
    box = (slice(280, 320), slice(390, 410))
    np.testing.assert_array_equal(both[box], alone[box])


def test_a_repair_is_recorded_step_by_step_and_the_scan_stays(scan):
    worn = (100 + scan.pixels * 0.3).astype(np.uint8)
    worn[100:102, 650:652] = 240
    photo = Photo(worn, "a.png", "a" * 64)
    kept = worn.copy()
    made = prepared(photo, [portrait(photo, 300, 300, 40)], enhance=0.0, upscaler=None, repair=True)
    assert [edit.kind for edit in made.edits] == ["damage", "tone"]
    assert made.edits[0].parameters["spots"] == 1 and "1 spot of the print was filled" in made.notes
    np.testing.assert_array_equal(photo.pixels, kept)
    assert made.pixels[100, 650].max() < 200


def test_what_is_protected(scan):
    points = portrait(scan, 400, 300, 40).keypoints.points
    features, people = protected.features(scan, [points]), protected.people(scan, [points])
    for place in (33, 133, 159, 263, 13, 1, 105):  # corners and lid of eyes, lips, nose, brow
        x, y = np.rint(points[place, :2]).astype(int)
        assert features[y, x] and people[y, x]
    cheek = np.rint(points[50, :2]).astype(int)
    assert not features[cheek[1], cheek[0]] and people[cheek[1], cheek[0]]
    assert people[590, 400] and not people[590, 10] and features.mean() < 0.05


def test_a_face_at_the_border_is_protected_as_far_as_it_is_there(scan):
    points = portrait(scan, 2, 300, 40).keypoints.points
    assert protected.features(scan, [points]).any() and not protected.features(scan, [points])[:, 200:].any()


def test_teeth_are_hardly_touched(scan):
    points = portrait(scan, 400, 300, 40).keypoints.points
    area = (350, 250, 450, 350)
    share = protected.teeth(points, area)
    x, y = np.rint(points[[13, 14], :2].mean(0)).astype(int) - area[:2]
    assert share.shape == (100, 100) and share[y, x] > 0.3 and share[0].max() == 0
    made = prepared(scan, [portrait(scan, 400, 300, 40)])
    change = np.abs(made.pixels.astype(int) - scan.pixels).mean(axis=2)
    assert change[250 + y, 340:460].mean() > 0
