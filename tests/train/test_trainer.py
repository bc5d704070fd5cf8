"""The training loop: the loss falls, a run goes on where it stopped, and a wrong file is said to be wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from animate.core.errors import OptionError, TrainingDataMissing
from animate.train.trainer import Config, Loop, make_task, read_config, train


class Line:
    """A task that can be learnt: y = 2 x + 1."""

    def __init__(self):
        torch.manual_seed(0)
        self.network = nn.Linear(1, 1)

    def batch(self, rng, count):
        x = torch.from_numpy(rng.normal(size=(count, 1)).astype(np.float32))
        return x, 2 * x + 1

    def loss(self, network, batch):
        return {"total": ((network(batch[0]) - batch[1]) ** 2).mean()}

    def score(self, network):
        return {"slope": float(network.weight.detach())}

    def picture(self, network, path):
        path.write_text("picture")

    def export(self, network, path):
        path.write_text(f"{float(network.weight.detach()):.3f}")


def config(folder, **other):
    return Config(
        **{
            "steps": 200,
            "batch": 16,
            "rate": 0.1,
            "warmup": 5,
            "decay": 0.0,
            "average": 0.9,
            "score_every": 100,
            "out": str(folder),
            **other,
        }
    )


def lines(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_run_learns_logs_scores_and_exports(tmp_path):
    out = Loop(Line(), config(tmp_path), lambda line: None).run(resume=False)
    assert float(out.read_text()) == pytest.approx(2, abs=0.02)
    said = lines(tmp_path)
    assert said[-1]["final"]["slope"] == pytest.approx(2, abs=0.02)
    losses = [line["total"] for line in said if "total" in line]
    assert losses[-1] < 0.01 * losses[0]
    assert [line["step"] for line in said if "score" in line] == [100, 200]
    assert (tmp_path / "grid.png").exists()


def test_a_run_cut_in_two_ends_where_one_run_does(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = Loop(Line(), config(tmp_path / "whole"), lambda line: None)
    whole.run(resume=False)
    first = Loop(Line(), config(tmp_path / "parts"), lambda line: None)
    for _ in range(70):
        first.advance()
    first.save()
    second = Loop(Line(), config(tmp_path / "parts"), lambda line: None)
    second.run(resume=True)
    assert second.step == 200
    assert torch.allclose(second.network.weight, whole.network.weight, atol=1e-6)
    assert torch.allclose(second.averaged().weight, whole.averaged().weight, atol=1e-6)


def test_minutes_end_a_run_with_a_checkpoint(tmp_path):
    loop = Loop(Line(), config(tmp_path, steps=10**9, minutes=0.005, score_every=10**9), lambda line: None)
    loop.run(resume=False)
    assert 0 < loop.step < 10**9
    again = Loop(Line(), config(tmp_path, steps=10**9, minutes=0.005, score_every=10**9), lambda line: None)
    again.load()
    assert again.step == loop.step


def test_a_config_file_is_read_and_checked(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("[train]\nsteps = 7\nrate = 1\n[keypoints]\nnegatives = 0.2\n")
    found, table = read_config(file)
    assert found.steps == 7 and found.rate == 1 and table["keypoints"] == {"negatives": 0.2}


@pytest.mark.parametrize(
    "text", ["[train]\nstepps = 7\n", '[train]\nsteps = "many"\n', "[train\n", "[train]\nsteps = 1.5\n"]
)
def test_a_wrong_config_is_said_with_a_hint(tmp_path, text):
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(OptionError) as caught:
        read_config(file)
    assert caught.value.hint


EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("train_*.toml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_is_understood_by_its_trainer(file, tmp_path):
    found, table = read_config(file)
    (kind,) = set(table) - {"train"}
    nothing = replace(found, cache=str(tmp_path))
    with pytest.raises(TrainingDataMissing):  # there is no data: all keys were understood before
        make_task(kind, table[kind], tmp_path, nothing)


def test_an_unknown_key_of_a_task_is_said_with_those_it_knows(tmp_path):
    with pytest.raises(OptionError, match="worn") as caught:
        make_task("matte", {"worn": 0.5}, tmp_path, Config())
    assert "aged" in caught.value.hint and "device" not in caught.value.hint


def test_missing_config_data_and_trainers_are_said(tmp_path):
    with pytest.raises(OptionError):
        read_config(tmp_path / "none.toml")
    file = tmp_path / "a.toml"
    file.write_text("[train]\nsteps = 1\n")
    with pytest.raises(TrainingDataMissing):
        train("keypoints", file, tmp_path / "none")
    with pytest.raises(OptionError, match="no trainer"):
        make_task("hair", {}, tmp_path, Config())
