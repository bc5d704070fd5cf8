"""Distilling mattes on drawn people: labels are made once, scenes are mattes, a short run learns, its weights load."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from training import short_run

from animate.core.errors import OptionError
from animate.model.nets.matte import MatteNetwork, Shape, load_matte, read_matte, save_matte
from animate.train import distil, matte_data, matte_props
from animate.train.matte import MatteTask, framed, overlap
from animate.train.matte_scenes import Person, composed, emptied, placed, plain, solid
from animate.train.trainer import Config, make_task

FIVE = np.array([[100, 110], [156, 110], [128, 146], [104, 172], [152, 172]], np.float32)


def drawn(index):
    """A simple person before a wall: (picture, matte)."""
    rng = np.random.default_rng(index)
    picture = Image.fromarray(rng.integers(90, 250, (4, 4, 3), dtype=np.uint8)).resize(
        (256, 256), Image.Resampling.BICUBIC
    )
    matte = Image.new("L", (256, 256))
    coat, skin = tuple(rng.integers(0, 90, 3).tolist()), tuple(rng.integers(30, 120, 3).tolist())
    for image, body, head in ((picture, coat, skin), (matte, 255, 255)):
        draw = ImageDraw.Draw(image)
        draw.ellipse((30, 190, 226, 400), fill=body)
        draw.ellipse((62, 40, 194, 216), fill=head)
    return np.asarray(picture), np.asarray(matte)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Training data of ten stills and no clips, one of them cut out of a test photograph, labels in its own cache."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "stills").mkdir()
    (folder / "labels" / "mattes").mkdir(parents=True)
    with open(folder / "stills.csv", "w", newline="") as file:
        table = csv.DictWriter(file, ["name", "split", "identity", "repo", "path"])
        table.writeheader()
        for index in range(10):
            table.writerow(
                {
                    "name": f"s{index}",
                    "split": "val" if index > 7 else "train",
                    "identity": f"p{index}",
                    "repo": "r",
                    "path": f"{index}.jpg",
                }
            )
    (folder / "clips.csv").write_text("name,split,identity,kind,synthetic\n")
    (folder / "oldphotos.csv").write_text("name,repo,path\nold,r,3.jpg\n")
    for index, row in enumerate(distil.rows(folder)):
        picture, matte = drawn(index)
        Image.fromarray(picture).save(folder / "stills" / f"{row.name}.jpg", quality=95)
        np.savez(
            matte_data.label_path(folder / "labels", row), index=np.array([0]), mattes=matte[None], five=FIVE[None]
        )
    return folder


@pytest.fixture(scope="module")
def task(folder):
    torch.manual_seed(3)
    task = MatteTask(folder, folder / "labels", side=64)
    task.network = MatteNetwork(Shape(widths=(8, 12, 16, 24, 24), depths=(0, 1, 1, 0, 0)))
    return task


def test_cutouts_of_test_photographs_are_not_trained_on(task):
    assert task.pictures.frames.shape == (9, 256, 256, 3)
    assert "s3" not in {row.name for row in task.pictures.rows}
    assert len(task.train) == 7 and len(task.val) == 2


def test_labels_are_made_once_and_kept(folder, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(distil, "teach", lambda frame: np.zeros((478, 3), np.float32))
    monkeypatch.setattr(
        matte_data, "_teach", lambda picture: calls.append(picture.shape) or np.full(picture.shape[:2], 0.5, np.float32)
    )
    row = distil.rows(folder)[0]
    first, second = (matte_data._labelled(folder, tmp_path, row) for _ in range(2))
    assert len(calls) == 6 and calls[0] == (256, 256, 3)  # three margins, each also mirrored
    assert (
        first["mattes"].shape == (1, 256, 256) and (first["mattes"] == 128).all() and first["five"].shape == (1, 5, 2)
    )
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("seed", range(6))
def test_scenes_are_pictures_with_mattes(task, seed):
    rng = np.random.default_rng(seed)
    people = [task.person(i) for i in rng.choice(task.train, 1 + seed % 3)]
    picture, matte = composed(rng, people, matte_props.backdrop(rng, 96), 96)
    assert picture.shape == (96, 96, 3) and matte.shape == (96, 96)
    assert np.isfinite(picture).all() and matte.min() >= -1e-4 and matte.max() <= 1 + 1e-4
    assert matte.mean() > 0.03
    worn, hidden = framed(rng, picture, matte)
    assert worn.shape == picture.shape and (hidden <= matte + 1e-6).all()


@pytest.mark.parametrize("seed", range(8))
def test_backdrops_and_things_are_pictures_and_mattes(seed):
    rng = np.random.default_rng(seed)
    for draw in (matte_props.backdrop, matte_props._dead_leaves, matte_props._windows):
        picture = draw(rng, 96)
        assert picture.shape == (96, 96, 3) and picture.dtype == np.float32
        assert picture.min() >= 0 and picture.max() <= 255
    pole = matte_props.bar(rng, (80, 96))
    assert pole.shape == (80, 96) and pole.min() >= 0 and pole.max() == 1 and pole.mean() < 0.5


def test_a_plain_picture_and_its_matte_stay_together():
    picture, matte = drawn(1)
    who = Person(np.repeat(matte[..., None], 3, 2), matte, FIVE)
    for seed in range(4):
        seen, truth = plain(np.random.default_rng(seed), who.mirrored() if seed % 2 else who, 128)
        assert np.abs(seen[..., 0] / 255 - truth).max() < 0.02


def test_the_crop_has_the_eyes_where_they_belong():
    picture, matte = drawn(0)
    matrix = placed(Person(picture, matte, FIVE), 90, 9.0, turn=0, shift=np.array([1.0, 0.0]))
    eyes = FIVE[:2] @ matrix[:, :2].T + matrix[:, 2]
    assert abs(eyes[1, 0] - eyes[0, 0] - 10) < 0.7 and abs(eyes[:, 0].mean() - (44.5 + 10)) < 0.7


def test_the_old_background_does_not_come_along_and_people_can_be_taken_out():
    matte = drawn(0)[1]
    picture = np.where(matte[..., None] > 0, np.uint8([200, 30, 30]), np.uint8([30, 30, 200]))
    edge = (matte == 0) & (np.roll(matte, 1, 1) == 255)
    assert np.abs(solid(picture, matte)[edge] - [200, 30, 30]).max() < 2
    assert np.abs(emptied(picture.astype(np.float32), matte) - [30, 30, 200]).max() < 2


@pytest.mark.slow
def test_a_short_run_learns_and_its_weights_load(task, tmp_path):
    left, out = short_run(task, steps=40, batch=16, loss="total", out=tmp_path)
    assert left < 0.8
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["final"]
    assert set(last) == {"stills", "stills_aged", "scenes", "scenes_aged"} and last["stills"] > 40
    assert load_matte(out).predict(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 64, 64)
    assert (tmp_path / "grid.png").exists() or len(task.val) < 8


def test_a_run_may_start_from_weights_of_another_and_has_batchnorm_back(folder, tmp_path, task):
    task.export(task.network, tmp_path / "m.safetensors")
    further = make_task(
        "matte", {"start": str(tmp_path / "m.safetensors"), "side": 64}, folder, Config(cache=str(folder / "labels"))
    )
    assert further.network.shape.norm and further.network.shape.widths == (8, 12, 16, 24, 24)


def test_of_several_weights_a_run_starts_from_their_mean(folder, tmp_path):
    shape, files = Shape(widths=(4, 6, 8, 8, 8), depths=(0, 0, 0, 0, 0), norm=False), []
    for seed in range(2):
        torch.manual_seed(seed)
        save_matte(MatteNetwork(shape), tmp_path / f"{seed}.safetensors")
        files.append(str(tmp_path / f"{seed}.safetensors"))
    task = MatteTask(folder, folder / "labels", side=64, start=files)
    a, b = (read_matte(Path(file)).last.weight for file in files)
    assert torch.allclose(task.network.last.weight, (a + b) / 2, atol=1e-6)
    save_matte(MatteNetwork(Shape(widths=(4, 6, 8, 8, 16), depths=(0, 0, 0, 0, 0), norm=False)), tmp_path / "c.st")
    with pytest.raises(OptionError, match="shapes"):
        MatteTask(folder, folder / "labels", side=64, start=[*files, str(tmp_path / "c.st")])


def test_drained_samples_have_two_tones(task, monkeypatch):
    monkeypatch.setattr(task, "aged", 0.0)
    monkeypatch.setattr(task, "drained", 1.0)
    for seed in range(4):
        picture, _ = task.sample(np.random.default_rng(seed), task.train, task.chance, 64)
        colours = picture.reshape(-1, 3).astype(float)
        spread = np.linalg.svd(colours - colours.mean(0), compute_uv=False)
        assert spread[1] < 0.03 * spread[0]  # all colours lie on a line


def test_overlap_is_1_for_the_same_and_0_for_others():
    a, b = np.zeros((8, 8), np.float32), np.zeros((8, 8), np.float32)
    assert overlap(a, b) == 1
    a[:4], b[4:] = 1, 1
    assert overlap(a, a) == 1 and overlap(a, b) == 0
    b[2:] = 1
    assert overlap(a, b) == 0.25
