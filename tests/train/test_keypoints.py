"""Distillation end to end on a handful of drawn-in labels: pack, batch, a short run that learns, weights that load."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data as pictures
from skimage.transform import SimilarityTransform, warp
from training import short_run

from animate.core.errors import TrainingDataMissing
from animate.core.geometry import LANDMARK_SIZE
from animate.faces.crop import TEMPLATE_FIVE
from animate.model.nets.landmark_network import LandmarkNetwork, LandmarkNetworkSizes, load_landmark_network
from animate.motion import landmarks
from animate.train import data, distil
from animate.train.augment import age
from animate.train.keypoints import KeypointTask

EYES = (np.array([203.0, 101.0]), np.array([246.0, 103.0]))  # in skimage's astronaut


def drawn(index):
    """A (256, 256, 3) picture of the astronaut's face, moved a little, and a mesh laid on it as a teacher would."""
    rng = np.random.default_rng(index)
    scale, turn, shift = rng.uniform(0.9, 1.2), rng.normal(0, 0.08), rng.normal(0, 6, 2)
    move = (
        SimilarityTransform(translation=(-224, -122))
        + SimilarityTransform(scale=scale, rotation=turn)
        + SimilarityTransform(translation=128 + shift)
    )
    picture = (warp(pictures.astronaut(), move.inverse, output_shape=(256, 256)) * 255).astype(np.uint8)
    mean = landmarks.MEAN_FACE
    own = SimilarityTransform.from_estimate(landmarks.five(mean)[:2, :2], np.stack(EYES))
    points = move(own(mean[:, :2]))
    return picture, np.column_stack([points, mean[:, 2] * scale * own.scale]).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Training data of twelve stills and no clips, with labels in its own cache."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "stills").mkdir()
    (folder / "labels").mkdir()
    with open(folder / "stills.csv", "w", newline="") as file:
        table = csv.DictWriter(file, ["name", "split", "identity"])
        table.writeheader()
        for index in range(12):
            table.writerow({"name": f"s{index}", "split": "val" if index > 9 else "train", "identity": f"p{index}"})
    (folder / "clips.csv").write_text("name,split,identity,kind,synthetic\n")
    for index, row in enumerate(distil.rows(folder)):
        picture, points = drawn(index)
        Image.fromarray(picture).save(folder / "stills" / f"{row.name}.jpg", quality=95)
        np.savez(distil.label_path(folder / "labels", row), points=points[None], found=np.array([True]))
    return folder


@pytest.fixture(scope="module")
def task(folder):
    torch.manual_seed(3)
    task = KeypointTask(folder, folder / "labels")
    task.network = LandmarkNetwork(LandmarkNetworkSizes(widths=(8, 12, 16, 24, 24), depths=(0, 1, 1, 0, 0), hidden=32))
    task._start_from_mean()
    return task


def test_the_pack_holds_every_labelled_picture(folder):
    packed = data.load(folder, folder / "labels")
    assert packed.frames.shape == (12, 256, 256, 3) and packed.points.shape == (12, 478, 3)
    assert len(packed.of("train")) == 10 and len(packed.of("val")) == 2
    assert np.abs(packed.points[3] - drawn(3)[1]).max() < 1e-4


def test_labels_are_made_once_and_kept(folder, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(distil, "teach", lambda frame: calls.append(1) or np.zeros((478, 3), np.float32))
    row = distil.rows(folder)[0]
    distil.label_one(folder, tmp_path, row)
    assert len(calls) == 1
    kept = np.load(distil.label_path(tmp_path, row))
    assert kept["found"].tolist() == [True] and kept["points"].shape == (1, 478, 3)


def test_a_folder_without_lists_is_refused(tmp_path):
    with pytest.raises(TrainingDataMissing):
        distil.rows(tmp_path)


def test_batches_hold_faces_where_the_points_say_and_some_absent(task):
    batch = task.batch(np.random.default_rng(1), 64)
    present = batch["present"] > 0
    assert 0.02 < 1 - present.float().mean() < 0.3
    assert batch["crops"].shape == (64, 3, LANDMARK_SIZE, LANDMARK_SIZE) and batch["crops"].abs().max() <= 1.01
    five = landmarks.five(batch["points"][present].numpy() * LANDMARK_SIZE)[..., :2] / LANDMARK_SIZE * 3.5
    away = np.linalg.norm(five - TEMPLATE_FIVE, axis=-1).mean(1)
    assert np.median(away) < 0.25 and away.max() < 1.2


def test_wear_changes_the_picture_but_not_its_size(task):
    rng, picture = np.random.default_rng(0), drawn(0)[0]
    worn = [age(rng, picture) for _ in range(40)]
    assert all(w.shape == picture.shape and w.dtype == np.uint8 for w in worn)
    assert sum((w != picture).mean() > 0.2 for w in worn) > 30
    grey = [w for w in worn if np.ptp(w.astype(int), axis=2).mean() < 1.5]
    assert len(grey) >= 2


@pytest.mark.slow
def test_a_short_run_learns_and_its_weights_load(task, tmp_path):
    score = task.score(task.network.eval())["stills"]
    left, out = short_run(task, steps=120, batch=48, loss="points", out=tmp_path)
    assert left < 0.9
    assert score < 20  # it starts from the mean face, not from nothing
    points, presence = load_landmark_network(out).predict(np.zeros((1, LANDMARK_SIZE, LANDMARK_SIZE, 3), np.uint8))
    assert np.isfinite(points).all() and 0 <= presence[0] <= 1


def test_labels_that_are_not_there_are_made_once(tmp_path, monkeypatch):
    row = distil.Row("one", "val", "someone", "still", False)
    mesh, asked = np.full((478, 3), 7, np.float32), []
    monkeypatch.setattr(distil, "pictures", lambda data, row: np.zeros((2, 8, 8, 3), np.uint8))
    monkeypatch.setattr(distil, "teach", lambda frame: asked.append(1) or (mesh if len(asked) == 1 else None))
    first, second = (distil.labels(tmp_path, tmp_path / "new", row) for _ in range(2))
    assert len(asked) == 2 and first["found"].tolist() == [True, False]
    assert (first["points"][0] == 7).all() and all(np.array_equal(first[name], second[name]) for name in first)


def test_faces_that_are_turned_far_are_drawn_more_often_if_asked(folder):
    tasks = [KeypointTask(folder, folder / "labels", turned=turned) for turned in (0.0, 10.0)]
    for task in tasks:
        turned = task.pictures.points[task.train[0]]
        turned[..., 2] += 2.0 * turned[..., 0]  # one side far behind the other
    before, after = (task._chances() for task in tasks)
    assert after.sum() == pytest.approx(1) and after[0] > 2.5 * before[0]
    assert after[1:] == pytest.approx(np.full(len(after) - 1, after[1]))
