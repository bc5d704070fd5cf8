"""Distilling the matte network: scenes cut as at run time, aged as old prints are, against mattes of the teacher.

Conventions: pictures are (n, n, 3) uint8 RGB, mattes (n, n) float32 in 0..1; scores are intersection over union at one
half, in percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from animate.core.errors import OptionError
from animate.model.nets.matte import SIZE, MatteNetwork, read_matte, save_matte, to_input, unfold
from animate.model.precision import autocast
from animate.train import matte_data, matte_props
from animate.train.augment import age, drain
from animate.train.matte_scenes import SIDE, Person, composed, drawn, emptied, placed, plain

_PEOPLE = (0.5, 0.25, 0.15, 0.1)  # how often a scene holds one to four people
_USUAL = 32  # crops on which the statistics of BatchNorm are measured before training goes on
_EDGE = 3.0  # how much more a pixel near an edge of the matte weighs


class MatteTask:
    """Batches, loss and score of the matte network over `folder`, labels in `cache`.

    side: of the crops that are trained on (a first run at a smaller side is quicker); plain: share of pictures as they
    are; aged: share that is aged; start: exported weights to go on from.
    """

    def __init__(
        self,
        folder: Path,
        cache: Path,
        *,
        device: str = "cpu",
        side: int = SIZE,
        plain: float = 0.35,
        aged: float = 0.75,
        drained: float = 0.0,
        start: str | Sequence[str] = (),
    ):
        self.pictures = matte_data.load(folder, cache)
        self.device, self.side, self.plain, self.aged, self.drained = device, side, plain, aged, drained
        self.train, self.val = self.pictures.of("train"), self.pictures.of("val")
        self.chance, self.whole = self._chances(), self._whole()
        begun = [read_matte(Path(one)) for one in ([start] if isinstance(start, str) else start) if one]
        self.network = self._further(mean_of(begun)) if begun else MatteNetwork()
        self._held: list[tuple[str, np.ndarray, np.ndarray]] = []

    def batch(self, rng: np.random.Generator, count: int) -> dict[str, torch.Tensor]:
        """`count` scenes with their mattes."""
        drawn_ = [self.sample(rng, self.train, self.chance, self.side) for _ in range(count)]
        crops, mattes = (np.stack(part) for part in zip(*drawn_, strict=True))
        return {"crops": to_input(crops).to(self.device), "mattes": torch.from_numpy(mattes)[:, None].to(self.device)}

    def loss(self, network: nn.Module, batch: dict) -> dict[str, torch.Tensor]:
        """Cross-entropy, heavier near edges, and the soft intersection over union of each crop."""
        with autocast(self.device):
            logits = network(batch["crops"])
        truth, logits = batch["mattes"], logits.float()
        wide = F.max_pool2d(truth, 7, 1, 3) + F.max_pool2d(-truth, 7, 1, 3)  # 1 where a matte goes from 0 to 1 nearby
        weight = 1 + _EDGE * wide
        cross = (F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * weight).sum() / weight.sum()
        found = torch.sigmoid(logits)
        both, either = (found * truth).sum((1, 2, 3)), (found + truth - found * truth).sum((1, 2, 3))
        parts = {"cross": cross, "overlap": (1 - (both + 1) / (either + 1)).mean()}
        return {**parts, "total": parts["cross"] + parts["overlap"]}

    def score(self, network: nn.Module) -> dict[str, float]:
        """Intersection over union in percent on held-out people: pictures as they are, aged ones, and composed scenes,
        aged or not."""
        result: dict[str, list[float]] = {}
        for name, picture, truth in self.held():
            result.setdefault(name, []).append(overlap(predict(network, picture[None])[0], truth))
        return {name: 100 * float(np.mean(values)) for name, values in result.items()}

    def picture(self, network: nn.Module, path: Path) -> None:
        """A sheet of held-out pictures: each as it is, and with what is not a person in green."""
        kinds: dict[str, list] = {}
        for name, picture, _ in self.held():
            kinds.setdefault(name, []).append(picture)
        chosen = [picture for pictures in kinds.values() for picture in pictures[:: max(1, len(pictures) // 8)][:8]]
        tiles = [np.vstack([p, on_green(p, predict(network, p[None])[0])]) for p in chosen]
        rows = [np.hstack(tiles[i : i + 8]) for i in range(0, len(tiles) // 8 * 8, 8)]
        if rows:
            Image.fromarray(np.vstack(rows)).save(path)

    def export(self, network: nn.Module, path: Path) -> None:
        """The weights file that ships."""
        save_matte(network, path)

    def held(self, most: int = 160) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """The fixed test set: (kind, picture, matte) of held-out people, made once."""
        if not self._held:
            still = np.array([row.kind == "still" for row in self.pictures.rows])[self.pictures.row_of[self.val]]
            chosen = self.val[still][:most] if still.any() else self.val[:most]
            even = np.ones(len(self.val)) / len(self.val)
            for index in chosen:
                rng, who = np.random.default_rng((7, int(index))), self.person(index)
                truth = who.matte.astype(np.float32) / 255
                self._held += [("stills", who.frame, truth), ("stills_aged", age(rng, who.frame), truth)]
                picture, matte = self.scene(rng, self.val, even, SIZE, first=index)
                self._held += [("scenes", picture, matte), ("scenes_aged", age(rng, picture), matte)]
        return self._held

    def person(self, index: int) -> Person:
        """One training picture."""
        return Person(self.pictures.frames[index], self.pictures.mattes[index], self.pictures.five[index])

    def sample(
        self, rng: np.random.Generator, among: np.ndarray, chance: np.ndarray, size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """A picture (size, size, 3) uint8, most of them aged, and its matte."""
        if rng.random() < self.plain:
            who = self.person(rng.choice(among, p=chance))
            picture, matte = plain(rng, who.mirrored() if rng.random() < 0.5 else who, size)
            picture = np.clip(picture, 0, 255).astype(np.uint8)
        else:
            picture, matte = self.scene(rng, among, chance, size)
        if self.drained and rng.random() < self.drained:
            picture = drain(rng, picture.astype(np.float32)).astype(np.uint8)
        return age(rng, picture) if rng.random() < self.aged else picture, matte

    def _further(self, network: MatteNetwork) -> MatteNetwork:
        """A trained network with its BatchNorm back."""
        crops = self.batch(np.random.default_rng(0), _USUAL)["crops"]
        return unfold(network, crops.cpu()) if not network.shape.norm else network

    def scene(
        self, rng: np.random.Generator, among: np.ndarray, chance: np.ndarray, size: int, first: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """A composed scene (size, size, 3) uint8 and its matte, with mats and faded rims."""
        able = chance * self.whole[among]
        able = (able if able.sum() > 0 else chance) / (able.sum() or 1)
        count = 1 + rng.choice(4, p=_PEOPLE)
        chosen = rng.choice(among, count, p=able)
        if first is not None and self.whole[first]:
            chosen[0] = first
        people = [self.person(i) for i in chosen]
        people = [who.mirrored() if rng.random() < 0.5 else who for who in people]
        picture, matte = composed(rng, people, self._background(rng, among, chance, people[0], size), size)
        picture, matte = framed(rng, picture, matte)
        return np.clip(picture, 0, 255).astype(np.uint8), matte.astype(np.float32)

    def _background(
        self, rng: np.random.Generator, among: np.ndarray, chance: np.ndarray, who: Person, size: int
    ) -> np.ndarray:
        """A drawn backdrop, or that of another picture without its people; at times out of focus, at times as bright as
        the person."""
        if rng.random() < 0.45:
            back = matte_props.backdrop(rng, size)
        else:
            other = self.person(rng.choice(among, p=chance))
            matrix = placed(other, size, rng.uniform(1.5, 4.4), turn=0, shift=rng.uniform(-1, 1, 2))
            back = drawn(emptied(other.frame, other.matte), matrix, size, cv2.BORDER_REFLECT_101)
            back = back[:, ::-1] if rng.random() < 0.5 else back
        if rng.random() < 0.25:
            back = cv2.GaussianBlur(back, (0, 0), rng.uniform(0.7, 4))
        if rng.random() < 0.2:  # light on light, dark on dark
            part = who.frame[who.matte > 200] if rng.random() < 0.5 else who.frame[SIDE - 20 :].reshape(-1, 3)
            if len(part):
                back = back + (part[rng.integers(len(part))] - back.mean((0, 1))) * rng.uniform(0.5, 1)
        return np.clip(back, 0, 255)

    def _chances(self) -> np.ndarray:
        """How often each training picture is drawn: people of many pictures less, busy backgrounds more
        often."""
        row_of = self.pictures.row_of[self.train]
        count = np.bincount(row_of, minlength=len(self.pictures.rows))[row_of]
        busy = np.array([busyness(self.pictures.frames[i], self.pictures.mattes[i]) for i in self.train])
        rank = busy.argsort().argsort() / max(1, len(busy) - 1)
        chance = (0.4 + 1.6 * rank) / np.sqrt(count)
        return chance / chance.sum()

    def _whole(self) -> np.ndarray:
        """1.0 for pictures (N,) whose hair does not leave by a side: only those can be cut out."""
        sides = self.pictures.mattes[:, : int(0.5 * SIDE), [1, SIDE - 2]] > 127
        return (sides.sum(1).max(1) < 6).astype(np.float64)


def mean_of(networks: Sequence[MatteNetwork]) -> MatteNetwork:
    """A network whose weights are the mean of those of several of one shape; raises OptionError for several shapes."""
    first, *others = networks
    if any(other.shape != first.shape for other in others):
        raise OptionError("the weights to start from have several shapes", hint="average weights of one network only")
    states = [network.state_dict() for network in networks]
    mean = {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}
    first.load_state_dict(mean)
    return first


def framed(rng: np.random.Generator, picture: np.ndarray, matte: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At times a mat with an opening, or a rim that fades away as on old portraits; what is hidden is no person any
    more."""
    size, draw = len(picture), rng.random()
    if draw > 0.13:
        return picture, matte
    middle, radii = np.full(2, size / 2) + rng.normal(0, 0.04, 2) * size, rng.uniform(0.36, 0.6, 2) * size
    if draw < 0.07:
        box = middle + radii * [[-1, -1], [1, -1], [1, 1], [-1, 1]]
        opening = matte_props.fill(
            (size, size), matte_props.ellipse(middle, tuple(radii)) if rng.random() < 0.5 else box
        )
        mat = matte_props.colour(rng) + matte_props.clouds(rng, (size, size))[..., None] * rng.uniform(0, 6)
        return mat + (picture - mat) * opening[..., None], matte * opening
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    away = np.sqrt(((columns - middle[0]) / radii[0]) ** 2 + ((rows - middle[1]) / radii[1]) ** 2)
    left = np.clip((1.35 - away) / rng.uniform(0.2, 0.5), 0, 1)  # how much of the picture is left
    paper = matte_props.colour(rng)
    return paper + (picture - paper) * left[..., None], matte * np.clip(left * 2, 0, 1)


def busyness(frame: np.ndarray, matte: np.ndarray) -> float:
    """Mean contrast between neighbours in the background."""
    grey = frame.mean(2)
    steps = np.abs(np.diff(grey, axis=1))[matte[:, 1:] < 13]
    return float(steps.mean()) if len(steps) > 200 else 0.0


def predict(network: nn.Module, crops: np.ndarray) -> np.ndarray:
    """Mattes (B, n, n) float32 of a network in training."""
    device = next(network.parameters()).device
    with torch.inference_mode(), autocast(device.type):
        return torch.sigmoid(network(to_input(crops).to(device)))[:, 0].cpu().numpy()


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two mattes at one half; 1 where both are empty."""
    a, b = found > 0.5, truth > 0.5
    either = (a | b).sum()
    return float((a & b).sum() / either) if either else 1.0


def on_green(picture: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The people of a picture (n, n, 3) uint8 on green, for the eye."""
    alpha = matte[..., None]
    return (picture * alpha + np.array([0, 200, 0]) * (1 - alpha)).astype(np.uint8)
