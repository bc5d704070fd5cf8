"""The published model from its checkpoint to a clip, with small random networks in its place."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fomm_small import checkpoint, small, written
from quick import slow

import animate
from animate import api
from animate.core import weights
from animate.core.errors import KeypointsMixed, OptionError, WeightsDamaged, WeightsMissing
from animate.core.types import FOMM, Driver, Keypoints
from animate.fomm import animate as vox
from animate.interfaces.cli.main import main
from animate.pipeline.driving import gesture_driver

FEW = {"fps": 5.0, "model": "vox", "threads": 1}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache folder into which a checkpoint was imported as vox by the command line."""
    folder = tmp_path_factory.mktemp("vox")
    file = written(folder / "few.pth.tar", checkpoint(small()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPSAKE_CACHE", str(folder / "cache"))
        assert main(["weights", "import", str(file), "--as", "vox"]) == 0
        yield folder


@pytest.fixture(scope="module")
@slow
def model(cache):
    return api.load("vox")


@pytest.fixture(scope="module")
@slow
def video(photo, tmp_path_factory):
    clip = api.clip(photo, "nod", options=animate.Options(fps=5.0, seconds=1.6))
    return api.save(clip, tmp_path_factory.mktemp("driver") / "me.mp4")


def outside(photo, model, count=1):
    """Where no layer may write: (H, W) bool."""
    free = np.ones(photo.pixels.shape[:2], bool)
    for portrait in api.find_faces(photo, model=model, most=count):
        layer = vox.FommFace(photo, portrait, model.fomm).layer
        free &= ~layer.mask(photo.pixels.shape)
    return free


@pytest.mark.slow
def test_a_gesture_moves_the_face_and_nothing_else(photo, model):
    clip = api.clip(photo, "nod", model=model, options=animate.Options(**FEW))
    frames = list(clip.frames())
    free = outside(photo, model)
    assert len(frames) == len(clip) > 10 and clip.fps == 5.0
    assert (frames[0] == photo.pixels).all() and (frames[-1] == photo.pixels).all()
    assert all((frame[free] == photo.pixels[free]).all() for frame in frames)
    assert free.mean() > 0.3 and max((frame != photo.pixels).mean() for frame in frames) > 0.02
    assert all((a == b).all() for a, b in zip(frames, clip.frames(), strict=True))


def test_a_video_moves_it_from_the_photograph_and_back_or_takes_on_its_pose(photo, model, video):
    steps = []
    clip = api.clip(
        photo,
        video,
        model=model,
        options=animate.Options(**FEW, seconds=1.0),
        on_frame=lambda *step: steps.append(step),
    )
    frames = list(clip.frames())
    assert len(frames) == len(clip) == 5 and steps[-1][0] == steps[-1][1]
    assert (frames[0] == photo.pixels).all() and (frames[-1] == photo.pixels).all()
    assert (frames[2] != photo.pixels).any()
    absolute = api.clip(
        photo, Driver("mine", None, video), model=model, options=animate.Options(**FEW, mode="absolute", adapt=False)
    )
    assert (next(absolute.frames()) != photo.pixels).any()


@pytest.mark.slow
def test_every_face_of_a_group_moves(group, model):
    options = animate.Options(**FEW, faces="all", seconds=1.0, stagger=0.4)
    frames = np.stack(list(api.clip(group, "nod", model=model, options=options).frames()))
    free = outside(group, model, 2)
    moved = (frames != group.pixels).any(-1)
    starts = [np.flatnonzero(moved[:, :, half].any((1, 2)))[0] for half in (slice(0, 300), slice(300, 600))]
    assert len(frames) == 7 and abs(starts[0] - starts[1]) == 2
    assert not moved[:, free].any() and not moved[[0, -1]].any()


@pytest.mark.slow
def test_the_record_names_the_exact_weights(photo, model):
    about = api.clip(photo, "blink", model=model, options=animate.Options(fps=5.0, head=1.5)).provenance
    assert about.model == f"vox {weights.digest('vox')[:12]}" and about.options["model"] == "vox"
    assert about.gestures[1] == "blink" and 0 < about.synthesized <= 100


def test_movement_without_a_video_is_refused(photo, model):
    with pytest.raises(KeypointsMixed, match="478 points") as caught:
        api.clip(photo, Driver("mine", gesture_driver("nod").motion), model=model)
    assert "video" in caught.value.hint


def test_the_list_knows_what_is_here(cache, capsys):
    assert main(["weights", "list", "--json"]) == 0
    states = {row["name"]: (row["state"], row["hint"]) for row in json.loads(capsys.readouterr().out)["weights"]}
    assert states["vox"] == ("ready", "")
    assert states["vox-adv"] == ("missing", "keepsake weights import FILE --as vox-adv")
    with pytest.raises(WeightsDamaged):
        weights.import_file(cache / "few.pth.tar", "vox-adv")  # never the checkpoint itself


@pytest.mark.slow
def test_without_weights_the_hint_says_what_to_do(photo, tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing) as caught:
        api.clip(photo, options=animate.Options(model="vox"))
    assert caught.value.hint == "keepsake weights import FILE --as vox"


def test_a_file_that_is_no_checkpoint_leaves_nothing(cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KEEPSAKE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "page.tar").write_bytes(b"<html>")
    assert main(["weights", "import", str(tmp_path / "page.tar"), "--as", "vox"]) == 1
    assert "web page" in capsys.readouterr().err and not list(tmp_path.rglob("*.safetensors"))
    assert main(["weights", "import", str(tmp_path / "page.tar"), "--as", "keypoints", "--config", "a.yaml"]) == 2


def test_bench_measures_the_published_model_only_when_asked(monkeypatch, capsys):
    monkeypatch.setattr("animate.fomm.benchmark.measure", lambda: {"float32_times": 2.5})
    assert main(["bench", "--model", "vox"]) == 0
    assert capsys.readouterr().out == "float32 times  2.5\n"


def test_the_trainer_knows_it(tmp_path):
    from animate.train.trainer import Config, make_task

    with pytest.raises(OptionError, match="brightness is not understood"):
        make_task("fomm", {"brightness": 1.0}, tmp_path, Config())
    with pytest.raises(OptionError) as caught:
        make_task("fomo", {}, tmp_path, Config())
    assert "fomm" in caught.value.hint


def test_movement_keeps_its_ends_at_any_rate_and_length():
    moved = [
        Keypoints(np.full((10, 2), k, np.float32), FOMM, 1.0, np.full((10, 2, 2), k, np.float32)) for k in (0, 1, 2, 1)
    ]
    driven = [*moved, moved[0]]
    assert vox.fit_rate(driven, 5.0, 5.0, 0.0) == driven
    slow = vox.fit_rate(driven, 5.0, 10.0, 0.0)
    assert (
        len(slow) == 9
        and slow[0] is slow[-1] is driven[0]
        and slow[3].points[0, 0] == 1.5
        and slow[3].jacobians[0, 0, 0] == 1.5
    )
    twice = vox.fit_rate(driven, 5.0, 5.0, 2.0)
    assert len(twice) == 10 and twice[0] is twice[-1] is driven[0]


def test_the_best_frame_is_told_by_face_alignment_where_its_weights_are_there(monkeypatch):
    from animate.faces import face_alignment
    from animate.faces.crop import TEMPLATE_FIVE
    from animate.faces.detections import Detections
    from animate.fomm.driving import DrivingClip
    from animate.motion import landmarks

    def detect(pixels):
        five = TEMPLATE_FIVE * 50 + 128
        five[2, 0] += float(pixels.mean()) / 10  # the nose goes where the picture is bright
        return Detections(np.array([[60.0, 60.0, 200.0, 200.0]]), np.ones(1), five[None])

    mesh = landmarks.MEAN_FACE * 50 + [128, 128, 0]
    frames = [np.full((256, 256, 3), shade, np.uint8) for shade in (10, 60, 110, 160, 210)]
    film = DrivingClip("shades", lambda: iter(frames), np.stack([mesh] * 5).astype(np.float32), 25.0)
    picture = np.full((256, 256, 3), 150, np.uint8)
    assert vox.best_frame(picture, mesh, film) == 0  # all meshes are the same: our own sees no difference
    monkeypatch.setattr(face_alignment, "ready", lambda: True)
    monkeypatch.setattr(face_alignment, "detect", detect)
    assert vox.best_frame(picture, mesh, film) == 3
    monkeypatch.setattr(
        face_alignment, "detect", lambda pixels: Detections(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 5, 2)))
    )
    assert vox.best_frame(picture, mesh, film) == 0
