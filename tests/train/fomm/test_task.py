"""Training the published model on three drawn clips: exact deformations, a falling loss, a resumed run,
weights that load.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from quick import slow

from animate.core.errors import OptionError, TrainingDataMissing
from animate.fomm.checkpoint import import_checkpoint
from animate.fomm.model import Fomm, load_network
from animate.fomm.networks import Points
from animate.model.warp.sampling import sample_normalised
from animate.train.fomm import footage
from animate.train.fomm.discriminator import Critic
from animate.train.fomm.task import FommTask, Pair, equivariance
from animate.train.fomm.thin_plate import ThinPlate
from animate.train.trainer import Config, Loop, read_config

SIZES = {
    "detector": {"block_expansion": 8, "max_features": 32, "num_blocks": 3},
    "motion": {"block_expansion": 8, "max_features": 32, "num_blocks": 3},
    "painter": {"block_expansion": 8, "max_features": 32, "num_bottleneck_blocks": 1},
    "critic_width": 8,
}


@pytest.fixture(scope="module")
@slow
def clips(tmp_path_factory):
    """Three clips of a coloured square that wanders over a striped wall."""
    folder = tmp_path_factory.mktemp("clips")
    for k in range(3):
        rng = np.random.default_rng(k)
        wall = np.tile(rng.integers(80, 160, (72, 96, 1)).astype(np.uint8) // 16 * 16, (1, 1, 3))
        frames = []
        for t in range(12):
            frame = wall.copy()
            x, y = 20 + 3 * t, 15 + int(12 * np.sin(t + k))
            frame[y : y + 24, x : x + 24] = rng.integers(0, 255, 3) if t == 0 else frames[0][1]
            frames.append((frame, frame[y, x].copy()))
        pictures = [Image.fromarray(frame) for frame, _ in frames]
        pictures[0].save(folder / f"{k}.gif", save_all=True, append_images=pictures[1:], duration=40)
    return folder


@pytest.fixture(scope="module")
def task(clips, tmp_path_factory):
    return FommTask(clips, tmp_path_factory.mktemp("cache"), size=64, **SIZES)


def test_a_thin_plate_knows_its_jacobian():
    plate, places = ThinPlate(2, np.random.default_rng(0), bend=0.05), torch.rand(2, 7, 2) * 2 - 1
    found = plate.jacobian(places)
    for axis in (0, 1):
        step = 1e-2 * torch.eye(2)[axis]
        slope = (plate(places + step) - plate(places - step)) / 2e-2
        torch.testing.assert_close(found[..., axis], slope, atol=2e-2, rtol=0)
    still = ThinPlate(1, np.random.default_rng(0), affine=0, bend=0)
    torch.testing.assert_close(still(places[:1]), places[:1])
    torch.testing.assert_close(still.jacobian(places[:1]), torch.eye(2).expand(1, 7, 2, 2))


def test_a_deformed_picture_shows_at_z_what_was_at_its_image():
    plate = ThinPlate(1, np.random.default_rng(1))
    ramp = torch.stack(torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="xy"))[None]
    shown, places = plate.deform(ramp), torch.rand(1, 20, 2) - 0.5
    seen = sample_normalised(shown, places[:, None, :, None], aligned=True)[0, 0, :, :, 0].T
    torch.testing.assert_close(seen, plate(places)[0], atol=2e-3, rtol=0)


def test_a_detector_that_follows_deformations_is_not_punished():
    plate, places = ThinPlate(1, np.random.default_rng(2)), torch.rand(1, 10, 2) - 0.5

    class Perfect:
        @staticmethod
        def kp_detector(_):
            return Points(places, torch.eye(2).expand(1, 10, 2, 2))

    driving = Points(plate(places), plate.jacobian(places))
    pair = Pair(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16), plate)
    assert all(value < 1e-5 for value in equivariance(Perfect, pair, driving).values())
    wrong = equivariance(Perfect, pair, Points(places + 0.1, plate.jacobian(places) * 2))
    assert wrong["value"] > 0.05 and wrong["jacobian"] > 0.1


def test_clips_are_found_cut_square_and_held_out(clips, tmp_path):
    found = footage.load(clips, tmp_path, 32)
    assert found.frames.shape == (18, 32, 32, 3) and found.held == ((0, 6),) and found.train == ((6, 12), (12, 18))
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "b.mp4").write_bytes((clips / "1.gif").read_bytes())
    (tmp_path / "clips.csv").write_text("name,split,kind\nb,train,video\nc,test,video\nd,train,photoset\n")
    listed = footage.load(tmp_path, tmp_path / "other", 32)
    assert listed.train == listed.held == ((0, 6),)
    np.testing.assert_array_equal(listed.frames, found.frames[6:12])


def test_folders_without_clips_are_refused(tmp_path):
    with pytest.raises(TrainingDataMissing, match="no clip"):
        footage.load(tmp_path, tmp_path / "cache", 32)
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(TrainingDataMissing, match=r"a\.mp4 is not a readable video"):
        footage.load(tmp_path, tmp_path / "cache", 32)
    assert not list((tmp_path / "cache").glob("*.npy"))


def test_the_same_seed_draws_the_same_batch(task):
    first, second = (task.batch(np.random.default_rng(7), 2) for _ in range(2))
    assert torch.equal(first.driving, second.driving) and first.source.shape == (2, 3, 64, 64)
    assert first.source.min() >= 0 and first.source.max() <= 1
    assert torch.equal(first.plate(torch.zeros(2, 1, 2)), second.plate(torch.zeros(2, 1, 2)))


def test_the_critic_learns_to_tell_apart(task):
    torch.manual_seed(0)
    critic, pair = Critic(rate=2e-3, width=8), task.batch(np.random.default_rng(0), 4)
    blurred = torch.nn.functional.avg_pool2d(pair.driving, 5, 1, 2)
    losses = [float(critic.learn(blurred, pair.driving)) for _ in range(12)]
    assert losses[-1] < 0.6 * losses[0]
    wish, features = critic.judge(blurred.requires_grad_(), pair.driving)
    (wish + features).backward()
    assert blurred.grad.abs().sum() > 0


def test_every_part_of_the_network_learns(task):
    torch.manual_seed(0)
    parts = task.loss(task.network.train(), task.batch(np.random.default_rng(0), 2))
    parts["total"].backward()
    idle = [
        name
        for name, part in task.network.named_parameters()
        if part.grad is None or not torch.isfinite(part.grad).all()
    ]
    assert not idle and set(task.weights) <= set(parts)
    task.network.zero_grad()


@pytest.mark.slow
def test_a_short_run_lowers_the_loss_resumes_and_exports(clips, tmp_path):
    def run(steps: int) -> Path:
        torch.manual_seed(1)
        task = FommTask(clips, tmp_path / "cache", size=64, adversarial=0.1, **SIZES)
        config = Config(
            steps=steps, batch=4, rate=2e-3, warmup=5, decay=0, average=0.9, score_every=20, out=str(tmp_path / "run")
        )
        return Loop(task, config, lambda line: None).run(resume=True)

    run(20)
    weights = run(40)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "total" in line] == [20, 40]
    pixels = [line["pixel"] for line in lines if "total" in line]
    assert pixels[-1] < pixels[0]
    scores = [line[name] for line in lines for name in ("score", "final") if name in line]
    torch.manual_seed(1)
    untrained = FommTask(clips, tmp_path / "cache", size=64, **SIZES)
    assert scores[-1]["frame"] < 0.9 * untrained.score(untrained.network)["frame"]
    assert (tmp_path / "run" / "grid.png").stat().st_size > 1000
    assert load_network(weights).sizes.painter.num_bottleneck_blocks == 1
    assert import_checkpoint(weights).sizes == load_network(weights).sizes
    still = Fomm(load_network(weights)).still(np.zeros((64, 64, 3), np.uint8))
    assert np.isfinite(still.keypoints.points).all()


def test_an_unknown_word_in_the_file_is_named(clips, tmp_path):
    with pytest.raises(OptionError, match="sise"):
        FommTask(clips, tmp_path, sise=64)
    with pytest.raises(OptionError, match=r"fomm.motion\] depth"):
        FommTask(clips, tmp_path, size=64, motion={"depth": 3})


def test_the_example_is_understood():
    config, table = read_config(Path(__file__).parents[3] / "examples" / "train_fomm.toml")
    assert config.batch == 20 and table["fomm"]["detector"]["block_expansion"] == 32
