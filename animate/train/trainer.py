"""The training loop that all networks share: one TOML file in, a checkpoint and a log in its folder, weights out.

A task (KeypointTask, ...) brings networks, batches, a loss, a score on held-out people and an export. The loop owns
optimiser, schedule, average of weights, checkpoints and log, resumes where it stopped, and keeps time as well as steps.
"""

from __future__ import annotations

import inspect
import json
import math
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn

from animate.core.errors import OptionError, TrainingDataMissing
from animate.core.files import replacing


@dataclass(frozen=True)
class Config:
    """Keys of a training file under [train]; the task's own are under its own heading."""

    steps: int = 6000
    batch: int = 48
    rate: float = 1.5e-3  # peak learning rate, after a warm-up, before the cosine
    warmup: int = 200
    decay: float = 0.02  # AdamW weight decay
    average: float = 0.999  # exponential moving average of the weights, the ones that are exported
    seed: int = 1
    threads: int = 1
    device: str = "cpu"
    minutes: float = 0.0  # stop (and checkpoint) after this long; 0 goes on to the last step
    checkpoint_minutes: float = 4.0
    score_every: int = 500
    out: str = "runs/keypoints"
    cache: str = "runs/labels"


_TASKS = {  # where each trainer is; imported only when it is asked for
    "keypoints": ("animate.train.keypoints", "KeypointTask"),
    "shade": ("animate.train.shade", "ShadeTask"),
    "motion": ("animate.train.motion", "MotionTask"),
    "fomm": ("animate.train.fomm.task", "FommTask"),
    "matte": ("animate.train.matte", "MatteTask"),
}


class Task(Protocol):
    """What the loop needs of a network in training; one that has more to keep also has `state() -> dict` and
    `restore(dict)`.
    """

    network: nn.Module

    def batch(self, rng: np.random.Generator, count: int) -> object: ...
    def loss(self, network: nn.Module, batch: object) -> dict[str, torch.Tensor]: ...  # "total" among them
    def score(self, network: nn.Module) -> dict[str, float]: ...
    def picture(self, network: nn.Module, path: Path) -> None: ...
    def export(self, network: nn.Module, path: Path) -> None: ...


def read_config(path: Path) -> tuple[Config, dict]:
    """The [train] table and the whole of a TOML file; raises OptionError for a key or a value that does not fit."""
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise OptionError(
            f"{path} is not a readable TOML file: {error}", hint="examples/train_keypoints.toml shows one"
        ) from error
    known = {field.name: type(field.default) for field in fields(Config)}
    chosen = table.get("train", {})
    for name, value in chosen.items():
        if name not in known or not isinstance(value, (known[name], int) if known[name] is float else known[name]):
            raise OptionError(
                f"[train] {name} = {value!r} is not understood", hint="[train] knows: " + ", ".join(known)
            )
    return Config(**chosen), table


def train(
    kind: str, config_path: Path, data: Path, *, resume: bool = True, report: Callable[[str], None] = print
) -> Path:
    """Train the network called `kind` by the file and return the path of the exported weights."""
    config, table = read_config(config_path)
    if not Path(data).is_dir():
        raise TrainingDataMissing(f"{data} is not a folder", hint="give the folder with clips.csv and stills.csv")
    torch.set_num_threads(config.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(config.seed)
    return Loop(make_task(kind, table.get(kind, {}), Path(data), config), config, report).run(resume=resume)


def make_task(kind: str, table: dict, data: Path, config: Config) -> Task:
    """The task called `kind`; raises OptionError for a name there is no trainer for, or a key it does not know."""
    if kind not in _TASKS:
        raise OptionError(f"there is no trainer called {kind!r}", hint="trainers: " + ", ".join(_TASKS))
    module, name = _TASKS[kind]
    task = getattr(import_module(module), name)
    _check_keys(kind, table, task)
    return task(data, Path(config.cache), device=config.device, **table)


def _check_keys(kind: str, table: dict, task: Callable) -> None:
    """Raise OptionError for a key that `task` does not know; one that takes any key looks at them itself."""
    taken = inspect.signature(task).parameters.values()
    known = [each.name for each in taken if each.kind is each.KEYWORD_ONLY and each.name != "device"]
    strange = sorted(set(table) - set(known))
    if strange and not any(each.kind is each.VAR_KEYWORD for each in taken):
        raise OptionError(f"[{kind}] {strange[0]} is not understood", hint=f"[{kind}] knows: " + ", ".join(known))


class Loop:
    """One run in one folder: `checkpoint.pt`, `log.jsonl`, `grid.png`, `weights.safetensors`."""

    def __init__(self, task: Task, config: Config, report: Callable[[str], None]):
        self.task, self.config, self.report = task, config, report
        self.folder = Path(config.out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.network = task.network.to(config.device).to(memory_format=torch.channels_last)
        self.average = torch.optim.swa_utils.AveragedModel(
            self.network, avg_fn=_mean_of_recent(config.average), use_buffers=True
        )
        self.optimizer = torch.optim.AdamW(self.network.parameters(), config.rate, weight_decay=config.decay)
        self.step = 0
        self.ahead = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(config.threads,))
        self.next: tuple[int, Future] | None = None

    def run(self, *, resume: bool) -> Path:
        """Train to the last step or minute, then score and export."""
        if resume and (self.folder / "checkpoint.pt").exists():
            self.load()
        began = saved = time.monotonic()
        while self.step < self.config.steps:
            self.advance()
            now = time.monotonic()
            if now - saved > self.config.checkpoint_minutes * 60:
                self.save()
                saved = now
            if self.config.minutes and now - began > self.config.minutes * 60:
                break
        self.ahead.shutdown(cancel_futures=True)
        self.save()
        return self.finish()

    def advance(self) -> None:
        """One step: batch, loss, backward, clip, optimiser, average, log."""
        started = time.perf_counter()
        batch = self.batch()
        loaded = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        self.network.train()
        parts = self.task.loss(self.network, batch)
        self.optimizer.zero_grad(set_to_none=True)
        parts["total"].backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        self.step += 1
        if self.step % 20 == 0:
            self.log(
                {
                    "batch_s": loaded - started,
                    "step_s": time.perf_counter() - loaded,
                    "rate": self.rate(),
                    **{name: float(value.detach()) for name, value in parts.items()},
                }
            )
        if self.step % self.config.score_every == 0:
            self.log({"score": self.task.score(self.averaged())})
            self.task.picture(self.averaged(), self.folder / "grid.png")

    def batch(self) -> object:
        """The batch of this step; the next one is made meanwhile, where a second core is free."""
        coming = self.next[1] if self.next and self.next[0] == self.step else self._order(self.step)
        self.next = (self.step + 1, self._order(self.step + 1))
        return coming.result()

    def _order(self, step: int) -> Future:
        rng = np.random.default_rng((self.config.seed, step))
        return self.ahead.submit(self.task.batch, rng, self.config.batch)

    def rate(self) -> float:
        """Linear warm-up, then a cosine down to one hundredth."""
        config = self.config
        if self.step < config.warmup:
            return config.rate * (self.step + 1) / config.warmup
        done = (self.step - config.warmup) / max(1, config.steps - config.warmup)
        return config.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))

    def averaged(self) -> nn.Module:
        """The network with averaged weights, in evaluation mode."""
        return self.average.module.eval()

    def log(self, figures: dict) -> None:
        """One JSON line in log.jsonl, and the same for the person watching."""
        line = json.dumps(
            {"step": self.step, **{k: round(v, 6) if isinstance(v, float) else v for k, v in figures.items()}}
        )
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.report(line)

    def save(self) -> None:
        """A checkpoint that a later run goes on from; the old one stays until the new one is complete."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "task": self.task.state() if hasattr(self.task, "state") else {},
        }
        with replacing(self.folder / "checkpoint.pt") as part:
            torch.save(state, part)

    def load(self) -> None:
        """Go on from the checkpoint."""
        state = torch.load(self.folder / "checkpoint.pt", map_location=self.config.device, weights_only=True)
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        if state.get("task"):
            self.task.restore(state["task"])

    def finish(self) -> Path:
        """Score, picture and export of the averaged weights."""
        network = self.averaged()
        self.log({"final": self.task.score(network)})
        self.task.picture(network, self.folder / "grid.png")
        self.task.export(network, self.folder / "weights.safetensors")
        return self.folder / "weights.safetensors"


def _mean_of_recent(most: float) -> Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]:
    """An exponential average whose memory grows with the run, so that it forgets the first steps quickly."""

    def average(mean: torch.Tensor, new: torch.Tensor, count: int) -> torch.Tensor:
        keep = min(most, (1 + int(count)) / (10 + int(count)))
        return mean + (new - mean) * (1 - keep) if mean.is_floating_point() else new

    return average
