"""Training the motion networks on four drawn clips: samples fit together, the loss falls, a run resumes, weights come out."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn import pack

from animate.errors import OptionError
from animate.model.blocks import look
from animate.model.networks import load_networks
from animate.train.discriminator import Critic
from animate.train.motion import MotionTask
from animate.train.trainer import train

TINY = Path(__file__).parents[2] / "examples" / "train_tiny.toml"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "labels"
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def task(cache):
    return MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), held_out=2)


def test_a_batch_fits_together(task):
    scenes = task.batch(np.random.default_rng(0), 4)
    assert scenes.photo.shape == (2, 3, 64, 64) and scenes.target.shape == (4, 3, 64, 64) and scenes.flow.shape == (4, 2, 64, 64)
    assert scenes.which.tolist() == [0, 0, 1, 1] and scenes.driven.shape == (4, 6, 32, 32)
    warp = look(scenes.photo[scenes.which], scenes.flow, 64)
    assert (warp - scenes.target).abs().mean() < (scenes.photo[scenes.which] - scenes.target).abs().mean()


def test_the_same_seed_draws_the_same_batch(task):
    first, second = (task.batch(np.random.default_rng(7), 2) for _ in range(2))
    assert torch.equal(first.target, second.target) and torch.equal(first.flow, second.flow)


def test_untrained_figures_are_those_of_the_warp(task):
    score = task.score(task.network.eval())
    assert score["face"] == pytest.approx(score["face_warp"], abs=0.006)
    assert score["invented"] == pytest.approx(0.1, abs=0.01)


def test_the_critic_learns_to_tell_apart(task):
    torch.manual_seed(0)
    scenes = task.batch(np.random.default_rng(0), 4)
    critic, weight = Critic(rate=2e-3), torch.ones(4, 1, 64, 64)
    blurred = torch.nn.functional.avg_pool2d(scenes.target, 5, 1, 2)
    losses = [float(critic.learn(blurred, scenes.target, scenes.driven, weight)) for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]
    wish, match = critic.judge(blurred.requires_grad_(), scenes.target, scenes.driven, weight)
    (wish + match).backward()
    assert blurred.grad.abs().sum() > 0


def test_a_short_run_lowers_the_loss_resumes_and_exports(cache, tmp_path):
    text = TINY.read_text().replace("runs/tiny", str(tmp_path / "run")).replace("runs/labels", str(cache)).replace("score_every = 100", "score_every = 20")
    (tmp_path / "a.toml").write_text(text.replace("steps = 400", "steps = 40"))
    train("motion", tmp_path / "a.toml", cache, say=lambda line: None)
    (tmp_path / "b.toml").write_text(text.replace("steps = 400", "steps = 60"))
    weights = train("motion", tmp_path / "b.toml", cache, say=lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "total" in line] == [20, 40, 60]
    scores = [line[name] for line in lines for name in ("score", "final") if name in line]
    assert scores[-1]["face"] < scores[-1]["face_warp"] and scores[-1]["openings"] < scores[0]["openings_warp"]
    assert load_networks(weights).network.shape.refine == (16, 16, 16)
    assert (tmp_path / "run" / "grid.png").stat().st_size > 1000


def test_an_unknown_word_in_the_file_is_named(cache):
    with pytest.raises(OptionError, match="sise"):
        MotionTask(cache, cache, sise=64)
