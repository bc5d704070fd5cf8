"""The bench measures what it promises: known movements score better than none, and its tables hold every figure."""

import json

import numpy as np
import pytest
from quick import slow
from skimage import data
from skimage.io import imsave

from animate.core.errors import TrainingDataMissing
from animate.core.types import DrivenLandmarks
from animate.evaluate import bench, cross_identity, flicker, landmark_accuracy, models, self_reenactment, speed
from animate.evaluate.ablate import Without
from animate.media.write import write_clip
from animate.model.nets.motion_networks import NetworkFrames
from animate.motion import landmarks
from animate.motion.gesture_file import load_gesture
from animate.motion.retarget import retarget

FIRST_ORDER, STILL = self_reenactment.BASELINES["first order"], self_reenactment.BASELINES["still photo"]


@pytest.fixture(scope="module")
@slow
def take():
    """The astronaut, turned and blinking by our own warp: what (c) makes of it is the truth here."""
    photo = data.astronaut()[:256, 96:352].copy()
    source = models.find_landmarks(photo)
    driven = retarget(source, load_gesture("look-around"), head=0.5)[[40, 90]]
    truth = np.stack(list(self_reenactment.first_order(photo, source, DrivenLandmarks(driven))))
    return self_reenactment.ClipCase("astronaut", photo, source, truth, driven, DrivenLandmarks(driven))


def test_the_warp_that_made_the_truth_scores_perfectly_and_the_still_does_not(take):
    exact = self_reenactment.measure(take, FIRST_ORDER, None)
    still = self_reenactment.measure(take, STILL, None)
    assert exact["l1"] == 0 and exact["sharpness"] == pytest.approx(1) and exact["psnr"] == 99
    assert still["face_l1"] > 0.01 and still["ssim"] < 1
    assert np.isnan(exact["akd"])  # nobody was asked for landmarks


def test_the_piecewise_affine_baseline_follows_the_points(take):
    piecewise, still = (
        self_reenactment.measure(take, method, None)
        for method in (self_reenactment.BASELINES["piecewise affine"], STILL)
    )
    assert piecewise["face_l1"] < 0.7 * still["face_l1"]


def test_landmarks_of_another_detector_are_compared(take):
    figures = self_reenactment.measure(
        take, STILL, lambda picture: take.source if (picture == take.photo).all() else take.source + 3
    )
    assert figures["akd"] == pytest.approx(3 * 2**0.5, abs=1e-4)


@pytest.mark.slow
def test_blinks_and_poses_across_people_are_measured_on_the_output(take):
    still = self_reenactment.StillCase("astronaut", take.photo, take.source)
    figures = cross_identity.measure([take, take], [still], FIRST_ORDER, models.find_landmarks)
    assert figures["likeness"] > 0.6 and figures["pose_degrees"] < 7
    left = cross_identity.blink(still, FIRST_ORDER, models.find_landmarks)
    assert (
        len(left) == 2 and max(left) < 0.9 and figures["eyes_closed"] == np.mean(np.less(left, cross_identity.CLOSED))
    )
    assert cross_identity.blink(take, STILL, models.find_landmarks) == pytest.approx([1, 1], abs=1e-6)
    unmoved = cross_identity.measure([take], [], STILL, models.find_landmarks)
    assert unmoved["eyes_closed"] == unmoved["photos_closed"] == 0


def test_errors_are_percent_of_the_eye_distance_and_openings_grow():
    mean = np.asarray(landmarks.MEAN_FACE, float)
    away = landmark_accuracy.errors(mean + [0.01 * np.linalg.norm(mean[33] - mean[263]), 0, 0], mean)
    assert away.shape == (478,) and np.allclose(away, 1)
    wide = mean.copy()
    wide[list(landmarks.INNER_LOWER), 1] += 0.3
    (_, before), (_, after) = landmark_accuracy.openings(mean[None]), landmark_accuracy.openings(wide[None])
    assert after[0] > before[0] + 0.1


def test_jitter_compares_ours_with_the_teacher():
    rng = np.random.default_rng(0)
    mean = np.asarray(landmarks.MEAN_FACE, float) * 50
    ours, theirs = landmark_accuracy.jitter(
        np.zeros((40, 40, 3), np.uint8),
        lambda p: mean + rng.normal(0, 0.1, mean.shape),
        lambda p: mean + rng.normal(0, 0.2, mean.shape),
    )
    assert theirs == pytest.approx(2 * ours, rel=0.1)


@pytest.fixture
def folder(tmp_path):
    """Training pictures with two held-out clips of a face that goes aside, and one still."""
    for name, step in (("left", 10), ("right", -10)):
        start = 86 + max(0, -5 * step)
        frames = [np.ascontiguousarray(data.astronaut()[:256, start + step * (k % 6) :][:, :256]) for k in range(12)]
        path = tmp_path / "clips" / f"{name}.mp4"
        path.parent.mkdir(exist_ok=True)
        write_clip(path, iter(frames), width=256, height=256, fps=25, quality=12, threads=1)
    (tmp_path / "stills").mkdir()
    imsave(tmp_path / "stills" / "front.jpg", data.astronaut()[:256, 96:352], check_contrast=False)
    columns = "name,split,identity,kind,synthetic\n"
    (tmp_path / "clips.csv").write_text(columns + "left,val,a,video,0\nright,val,b,video,0\n")
    (tmp_path / "stills.csv").write_text(columns + "front,val,c,still,0\n")
    return tmp_path


@pytest.mark.slow
def test_the_bench_of_two_clips_has_every_table(folder, monkeypatch):
    monkeypatch.setattr(flicker, "FRAMES", 3)
    monkeypatch.setattr(bench, "_teacher", lambda: None)
    monkeypatch.setattr(speed, "measure", lambda frames: {"ms per frame": 1.0})
    result = bench.bench(folder, quick=True)
    assert set(result) == {"same", "far", "mouths", "held", "cross", "steady", "speed"}
    assert set(result["mouths"]) == {"piecewise affine", "first order", "keepsake"}
    ours = result["mouths"]["keepsake"]
    assert ours["frames"] > 0 and 0.3 < ours["gradient"] < 1.5 and np.isnan(ours["closed"])  # she smiles in all of them
    far = result["far"]
    assert set(far) == {"still photo", "piecewise affine", "first order", "keepsake"} == set(result["same"])
    still, ours = far["still photo"], far["keepsake"]
    assert still["moved_worst"] == 0 and still["reach"] < 0.05 and np.isnan(still["akd"])
    assert 0.9 < ours["reach"] < 1.1 and ours["follow"] > 0.95 and ours["moved_worst"] < 1
    assert ours["face_l1"] < 0.5 * still["face_l1"] and ours["matte_iou"] > still["matte_iou"]
    assert far["piecewise affine"]["moved_worst"] > ours["moved_worst"] + 1
    text = bench.table(result)
    assert "Far pairs" in text and "Open mouths" in text and "matte_iou" in text
    json.dumps(result)


@pytest.mark.slow
def test_speed_is_measured_and_everything_is_in_the_table(monkeypatch):
    monkeypatch.setattr(speed, "SIDE", 400)
    monkeypatch.setattr(speed, "WIDTH", 320)
    result = bench.bench(None, quick=True)
    assert set(result) == {"speed"} and all(value > 0 for value in result["speed"].values())
    text = bench.table(result)
    assert all(name in text for name in result["speed"])
    json.dumps(result)


def test_a_table_has_a_row_a_method_and_a_dash_for_what_is_unknown():
    rows = {"still photo": {"l1": 0.1, "akd": float("nan")}, "first order": {"l1": 0.05, "akd": 1.5}}
    keypoints = {"stills": 2.25, "drift": 0.5}
    text = bench.table({"same": rows, "keypoints": keypoints, "speed": {"ms per frame": 20.0}})
    (stills,) = (line.split() for line in text.splitlines() if line.startswith("stills"))
    assert stills == ["stills", "2.25", f"{landmark_accuracy.TARGETS['stills']:.4g}"]
    assert text.count("\n") >= 5 and "still photo" in text and " -" in text and "0.05" in text


def test_data_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TrainingDataMissing):
        bench.bench(tmp_path)


def test_the_keypoint_figures_are_plain_numbers(tmp_path, monkeypatch):
    rows = [
        landmark_accuracy.distil.Row("s", "val", "a", "still", False),
        landmark_accuracy.distil.Row("c", "val", "b", "video", False),
    ]
    mean = np.asarray(landmarks.MEAN_FACE, np.float32) * 50
    moving = np.stack([mean + np.float32(k) * np.asarray(landmarks.JAW, np.float32) for k in range(8)])
    moving[:, [159, 386], 1] -= np.arange(8, dtype=np.float32)[:, None]
    for row, points in zip(rows, (mean[None], moving), strict=True):
        np.savez(landmark_accuracy.distil.label_path(tmp_path, row), points=points, found=np.ones(len(points), bool))
    monkeypatch.setattr(landmark_accuracy.distil, "rows", lambda data: rows)
    monkeypatch.setattr(
        landmark_accuracy.distil,
        "pictures",
        lambda data, row: np.zeros((1 if row.kind == "still" else 8, 20, 20, 3), np.uint8),
    )
    figures = landmark_accuracy.measure(
        tmp_path,
        tmp_path,
        lambda p: mean + np.random.default_rng(int(p.sum())).normal(0, 0.1, mean.shape),
        lambda frames: list(moving),
        teach=lambda p: mean + np.random.default_rng(int(p.sum()) + 1).normal(0, 0.2, mean.shape),
    )
    json.dumps(figures)
    assert set(landmark_accuracy.TARGETS) <= set(figures) and figures["missed"] == 0
    assert (
        figures["clips"] < 1e-6
        and figures["mouth_correlation"] == pytest.approx(1)
        and figures["eye_correlation"] == pytest.approx(1)
    )


def test_a_part_of_the_networks_can_be_left_out():
    whole = NetworkFrames(*(np.full((1, 4, 4, 2), number, np.float32) for number in range(len(NetworkFrames._fields))))

    asked = []

    class Networks:
        size = 64

        def frames(self, source, driven, flow, shading, *, lids):
            asked.append((shading, lids))
            return whole

    for part, field, value in (("tone", "tone", 0), ("painting", "keep", 1)):
        without = Without(Networks(), part)
        found = without.frames(None, None, None)
        assert without.size == 64 and (getattr(found, field) == value).all()
        others = [name for name in NetworkFrames._fields if name != field]
        assert all((getattr(found, name) == getattr(whole, name)).all() for name in others)
    for part in ("light", "tone", "lids"):
        Without(Networks(), part).frames(None, None, None, "the driver's")
    assert asked[-3:] == [(None, True), ("the driver's", True), ("the driver's", False)]
    with pytest.raises(ValueError, match="shadow"):
        Without(Networks(), "shadow")


def test_flicker_is_restless_and_smooth_movement_is_not():
    ramp = np.arange(0, 60, 2, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 8, 8, 3), np.uint8)
    where = np.ones((8, 8), bool)
    noise = np.random.default_rng(0).integers(-4, 5, ramp.shape)
    assert flicker.restlessness(ramp, where) < 1e-6
    assert flicker.restlessness((ramp + 20 + noise).astype(np.uint8), where) > 0.01


def test_the_region_of_restlessness_is_eyes_and_mouth(take):
    where = flicker.region(take.source, take.photo.shape)
    inside = where[
        take.source[[159, 386, 13], 1].round().astype(int), take.source[[159, 386, 13], 0].round().astype(int)
    ]
    assert inside.all() and 0.005 < where.mean() < 0.2 and not where[:20].any()
