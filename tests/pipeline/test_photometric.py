"""Landmarks with small errors are corrected by the frames they came from, and the shading of the face is measured."""

import numpy as np
import pytest
from quick import slow
from scipy.spatial.transform import Rotation
from skimage import data

from animate.core.types import DrivenLandmarks, Photo
from animate.evaluate import models, self_reenactment
from animate.motion import landmarks
from animate.motion.retarget import retarget
from animate.pipeline import driving, photometric


@pytest.fixture(scope="module")
@slow
def played():
    """The astronaut at rest and in four moments of a gesture, and her points, all known for certain."""
    photo = data.astronaut()[:256, 96:352].copy()
    source = models.find_landmarks(photo)
    motion = driving.gesture_driver("hello").motion
    points = np.concatenate([source[None], retarget(source, motion, head=0.6)[[20, 35, 50, 65]]])
    return np.stack([photo, *self_reenactment.first_order(photo, source, DrivenLandmarks(points[1:]))]), points


def off(found, points):
    skin = [point for point in landmarks.RIGID if point not in landmarks.OVAL]
    return np.linalg.norm((found - points)[1:, skin, :2], axis=-1).mean()


def test_true_points_stay_and_wrong_ones_come_right(played):
    frames, points = played
    wrong = (
        points + np.float32([1.2, -0.8, 0]) * (np.arange(len(points)) > 0)[:, None, None]
    )  # as a detector errs: all points alike
    kept, shading = photometric.refine(frames, points, 0)
    assert off(kept, points) < 0.2 and (kept[0] == points[0]).all() and not shading[0].any()
    assert np.median(np.abs(shading[1:])) < 0.02
    mended, _ = photometric.refine(frames, wrong, 0)
    assert off(mended, points) < 0.6 * off(wrong, points)


def test_a_shadow_on_the_face_is_its_light_and_a_lamp_is_not(played):
    frames, points = played
    cheek = points[1:, 50, :2].mean(0)
    rows, columns = np.mgrid[: frames.shape[1], : frames.shape[2]]
    shadow = 1 - 0.3 * np.exp(-((columns - cheek[0]) ** 2 + (rows - cheek[1]) ** 2) / (2 * 8**2))
    for dim, low, high in ((0.8, -0.1, 0.1), (shadow[..., None], -0.7, -0.25)):
        _, shading = photometric.refine(np.concatenate([frames[:1], (frames[1:] * dim).astype(np.uint8)]), points, 0)
        assert low < shading[1:, 50].mean() < high
        assert np.median(shading[1:]) == pytest.approx(0, abs=0.05)


def test_frames_without_a_face_stay_unknown_and_every_frame_is_reported(played):
    frames, points = played
    gone, seen = points.copy(), []
    gone[2] = np.nan
    found, shading = photometric.refine(frames, gone, 0, on_frame=lambda done, total: seen.append((done, total)))
    assert np.isnan(found[2]).all() and not shading[2].any() and np.isfinite(np.delete(found, 2, 0)).all()
    assert seen == [(k, 5) for k in range(1, 6)]


def test_the_light_of_a_driver_reaches_the_picture(played):
    frames, points = played
    photo, networks = Photo(frames[0]), models.bundled().motion
    dark = DrivenLandmarks(points[1:2], np.full((1, landmarks.SHADING_POINTS), np.log(0.7), np.float32))
    lit, plain = (
        next(iter(self_reenactment.render_with(networks)(photo.pixels, points[0], driven)))
        for driven in (dark, DrivenLandmarks(points[1:2]))
    )
    cheeks = points[1, [50, 280], :2].round().astype(int)
    ratio = np.mean(
        [lit[y - 3 : y + 4, x - 3 : x + 4].mean() / plain[y - 3 : y + 4, x - 3 : x + 4].mean() for x, y in cheeks]
    )
    assert ratio == pytest.approx(0.7, abs=0.1)
    assert (lit[:20] == plain[:20]).all()


def test_both_readings_of_a_video_are_one_progress():
    seen = []
    first, second = driving._halves(lambda done, total: seen.append((done, total)))
    for report in (first, second):
        for done in (1, 2):
            report(done, 2)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)] and driving._halves(None) == (None, None)


def test_another_face_takes_on_half_of_a_correction(played):
    _, points = played
    both, shading = photometric.damped(points, points + 2, np.ones((len(points), landmarks.SHADING_POINTS)))
    assert np.allclose(both, points + 1) and np.allclose(shading, 0.5)


def test_a_head_that_has_turned_far_is_not_argued_with(played):
    frames, points = played
    far = Rotation.from_euler("y", 50, degrees=True).as_matrix().astype(np.float32)
    middle = points[0].mean(0)
    turned = ((points[0] - middle) @ far.T + middle).astype(np.float32)
    found, shading = photometric.refine(frames[:2], np.stack([points[0], turned]), 0)
    assert np.abs(found[1] - turned).max() < 1e-2 and not shading.any()
