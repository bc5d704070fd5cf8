"""Training the motion networks on four drawn clips: samples fit together, the loss falls, a run resumes,
weights come out.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn import pack

from animate.core.errors import OptionError
from animate.model.nets.blocks import smooth_up, warp
from animate.model.nets.face_masks import FACE
from animate.model.nets.motion_networks import load_networks
from animate.motion import landmarks
from animate.train import losses
from animate.train.discriminator import Critic
from animate.train.motion import MotionTask, loss_weight, paint_cost, run
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
    assert (
        scenes.photo.shape == (2, 3, 64, 64)
        and scenes.target.shape == (4, 3, 64, 64)
        and scenes.flow.shape == (4, 2, 64, 64)
    )
    assert scenes.which.tolist() == [0, 0, 1, 1] and scenes.driven.shape == (4, 6, 32, 32)


def test_flow_carries_eyes_and_mouth_of_a_face_that_stays_in_its_place(cache):
    blind = MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), refined=0.0)
    scenes = blind.batch(np.random.default_rng(0), 16)
    moved = (scenes.points - scenes.rest[scenes.which])[:, list(landmarks.RIGID), :2].mean(1)
    assert moved.abs().max() < 0.7  # rounding and jitter
    photo, focus = scenes.photo[scenes.which], smooth_up(scenes.focus, 2)
    warped, still = (
        ((picture - scenes.target).abs() * focus).mean() for picture in (warp(photo, scenes.flow, 64), photo)
    )
    assert warped < 0.9 * still


def test_painting_is_kept_where_run_time_shows_it(task):
    scenes = task.batch(np.random.default_rng(0), 8)
    with torch.no_grad():
        keep = run(task.network.eval(), scenes).keep
    closed = (scenes.allowed == 0) & (scenes.allowed.amax((1, 2, 3), keepdim=True) > 0.5)
    assert closed.any() and (keep[closed] == 1).all() and (keep[scenes.allowed > 0.5] < 1).all()


@pytest.mark.slow
def test_drivers_are_witnesses_or_not(cache):
    seeing, blind = (
        MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), refined=share) for share in (1.0, 0.0)
    )
    seen, plain = (task.batch(np.random.default_rng(3), 2) for task in (seeing, blind))
    assert not plain.shading.any() and seen.shading.any() and torch.equal(seen.target, plain.target)
    moved = (seen.points - plain.points)[..., :2].abs()
    assert moved.max() > 0.05 and moved.median() < 1


def test_parts_that_do_not_learn_stay(cache):
    task = MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), learn=("generator",))
    task.loss(task.network.train(), task.batch(np.random.default_rng(0), 2))["total"].backward()
    assert all(p.grad is None for part in (task.network.refiner, task.network.shade) for p in part.parameters())
    assert any(p.grad is not None and p.grad.any() for p in task.network.generator.parameters())


def test_the_same_seed_draws_the_same_batch(task):
    first, second = (task.batch(np.random.default_rng(7), 2) for _ in range(2))
    assert torch.equal(first.target, second.target) and torch.equal(first.flow, second.flow)


def test_untrained_figures_are_those_of_the_warp(task, cache):
    blind = MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), held_out=2, refined=0.0)
    score = blind.score(blind.network.eval())
    assert score["face"] == pytest.approx(score["face_warp"], abs=0.006)
    assert 0.11 < score["painted"] < 0.25  # a little everywhere, and the lids of drawn blinks


def test_eyes_and_mouth_count_most_and_skin_is_dear_to_paint(task):
    scenes = task.batch(np.random.default_rng(2), 4)
    weight, cost = loss_weight(scenes), paint_cost(scenes)
    eyes = smooth_up(scenes.focus, 2) > 0.9
    skin = (smooth_up(scenes.driven[:, FACE : FACE + 1], 2) > 0.9) & (
        torch.nn.functional.max_pool2d(smooth_up(scenes.focus, 2), 15, 1, 7) < 0.1
    )
    assert eyes.any() and skin.any()
    assert weight[eyes].mean() > 4 * weight[skin].mean()
    assert cost[skin].mean() > 10 * cost[eyes].mean()
    kept, painted = torch.ones_like(cost), torch.zeros_like(cost)
    assert losses.painted_share(kept, cost) == 0 and losses.painted_share(painted, cost) == cost.mean()


def test_the_critic_learns_to_tell_apart(task):
    torch.manual_seed(0)
    scenes = task.batch(np.random.default_rng(0), 4)
    critic, weight = Critic(rate=2e-3), torch.ones(4, 1, 64, 64)
    blurred = torch.nn.functional.avg_pool2d(scenes.target, 5, 1, 2)
    losses = [float(critic.learn(blurred, scenes.target, scenes.driven, weight)) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    wish, match = critic.judge(blurred.requires_grad_(), scenes.target, scenes.driven, weight)
    (wish + match).backward()
    assert blurred.grad.abs().sum() > 0


@pytest.mark.slow
def test_training_lowers_the_loss(cache):
    torch.manual_seed(0)
    task = MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(16, 16, 16))
    scenes, network = task.batch(np.random.default_rng(1), 4), task.network.train()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(40):
        losses.append(task.loss(network, scenes)["total"])
        optimizer.zero_grad(set_to_none=True)
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.slow
def test_a_run_stops_resumes_and_exports(cache, tmp_path):
    text = (
        TINY.read_text()
        .replace("runs/tiny", str(tmp_path / "run"))
        .replace("runs/labels", str(cache))
        .replace("score_every = 100", "score_every = 20")
    )
    for steps in (20, 40):
        (tmp_path / "run.toml").write_text(text.replace("steps = 400", f"steps = {steps}"))
        weights = train("motion", tmp_path / "run.toml", cache, report=lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "total" in line] == [20, 40]
    assert {"face", "face_warp", "openings_ratio", "sharp", "painted"} <= set(lines[-1]["final"])
    assert load_networks(weights).network.shape.refine == (16, 16, 16)
    assert (tmp_path / "run" / "grid.png").stat().st_size > 1000


@pytest.mark.slow
def test_the_shade_learns_alone_and_another_run_starts_from_it(cache, tmp_path):
    words = (
        TINY.read_text()
        .replace("[motion]", "[shade]")
        .replace("runs/tiny", str(tmp_path / "run"))
        .replace("runs/labels", str(cache))
    )
    (tmp_path / "run.toml").write_text(
        words.replace("steps = 400", "steps = 20").replace("score_every = 100", "score_every = 20")
    )
    weights = train("shade", tmp_path / "run.toml", cache, report=lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert lines[0]["total"] > 0 and lines[0]["unlit"] > 0
    assert {"face_ratio", "frame_ratio"} <= set(lines[-1]["final"])
    assert (tmp_path / "run" / "grid.png").stat().st_size > 1000
    fresh, started = (
        MotionTask(cache, cache, size=64, refine=(16, 16, 16), paint=(16, 16, 16), **word)
        for word in ({}, {"start": str(weights)})
    )
    same = load_networks(weights).network.shade.tone.weight
    assert torch.equal(started.network.shade.tone.weight, same) and not torch.equal(
        fresh.network.shade.tone.weight, same
    )


@pytest.mark.slow
def test_our_own_network_may_give_the_points(cache):
    bundled = Path(__file__).parents[2] / "weights" / "keypoints.safetensors"
    task = MotionTask(cache, cache, size=64, refine=(8, 8, 8), paint=(8, 8, 8), own=True, keypoints=str(bundled))
    assert task.sampler.points.shape == task.pictures.points.shape
    assert len(list(cache.glob("points-*.npy"))) == 1


def test_an_unknown_word_in_the_file_is_named(cache):
    with pytest.raises(OptionError, match="sise"):
        MotionTask(cache, cache, sise=64)
