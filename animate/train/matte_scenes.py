"""Scenes for the matte network: people cut out, given trunks and hats, laid over other backgrounds.

Conventions: a scene is a picture (n, n, 3) float32 RGB in 0..255 and a matte (n, n) float32 in 0..1 that covers all its
people; lengths called `unit` are the distance between the eyes in pixels of the scene. `Person` is a training picture
with its matte and five points.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from animate.faces.crop import crop_from_five
from animate.model.nets.matte import SHIFT, SPAN, WIDE, WIDE_SHIFT
from animate.train import matte_bodies as bodies
from animate.train import matte_props as props

SIDE = 256  # of training pictures


@dataclass(frozen=True, eq=False)
class Person:
    """One training picture: `frame` (256, 256, 3) uint8, `matte` (256, 256) uint8, `five` (5, 2)."""

    frame: np.ndarray
    matte: np.ndarray
    five: np.ndarray

    def mirrored(self) -> Person:
        """The same from the other side."""
        five = self.five[[1, 0, 2, 4, 3]] * [-1, 1] + [SIDE - 1, 0]
        return Person(self.frame[:, ::-1], self.matte[:, ::-1], five)


class Scene:
    """A picture that fills up from back to front, and the matte of the people in it."""

    def __init__(self, picture: np.ndarray):
        self.picture = picture.astype(np.float32)
        self.matte = np.zeros(picture.shape[:2], np.float32)

    def lay(self, picture: np.ndarray, matte: np.ndarray, *, person: bool) -> None:
        """Lay something over all that is there; what is not a person hides people."""
        self.picture += (picture - self.picture) * matte[..., None]
        self.matte += ((1.0 if person else 0.0) - self.matte) * matte


def plain(rng: np.random.Generator, who: Person, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The training picture as it is, larger or smaller, turned a little; beyond its border it is mirrored, as at
    run time."""
    span = np.clip(np.exp(rng.normal(np.log(4.7), 0.2)), 3, 9)
    matrix = placed(who, size, span, turn=rng.normal(0, 5), shift=rng.normal(0, 0.35, 2))
    picture = drawn(who.frame, matrix, size, cv2.BORDER_REFLECT_101)
    return picture.astype(np.float32), drawn(who.matte, matrix, size, cv2.BORDER_REFLECT_101) / np.float32(255)


def composed(
    rng: np.random.Generator, people: list[Person], back: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """One to four people, the first near the middle at about the run-time span, over the background `back` (size, size,
    3)."""
    scene = Scene(back)
    for _ in range(rng.integers(1, 4) if rng.random() < 0.4 else 0):
        thing = props.blob if rng.random() < 0.7 else props.bar
        scene.lay(props.cloth(rng, (size, size)), thing(rng, (size, size)), person=False)
    wide = rng.random() < 0.25
    span = rng.uniform(11, WIDE * 1.15) if wide else np.clip(np.exp(rng.normal(np.log(SPAN), 0.2)), 5, 14)
    places = [(rng.normal((0, -WIDE_SHIFT if wide else -SHIFT), 1.5 if wide else 0.45, 2), span)]
    for _ in people[1:]:
        side = rng.choice([-1, 1]) * rng.uniform(1.8, 9.0 if wide else 5.0)
        places.append((np.array([side, rng.normal(0, 1.6)]) + places[0][0], span * np.exp(rng.normal(0, 0.22))))
    order = sorted(range(len(people)), key=lambda i: places[i][0][1] + rng.normal(0, 1.0))
    for i in order:
        shift, own = places[i]
        _stand(
            rng,
            scene,
            people[i],
            placed(people[i], size, own, turn=rng.normal(0, 5), shift=shift * own / span),
            size / own,
        )
    if rng.random() < 0.08:
        scene.lay(props.cloth(rng, (size, size)), props.blob(rng, (size, size)), person=False)
    return scene.picture, scene.matte


def placed(who: Person, size: int, span: float, *, turn: float, shift: np.ndarray) -> np.ndarray:
    """The matrix (2, 3) from the training picture to a crop of `span`: upright, then turned by degrees and moved by eye
    distances."""
    upright = crop_from_five(who.five, size=size, span=span).matrix
    centre = (size - 1) / 2
    around = cv2.getRotationMatrix2D((centre, centre), float(turn), 1.0)
    matrix = around[:, :2] @ upright
    matrix[:, 2] += around[:, 2] + np.asarray(shift) * size / span
    return matrix


def drawn(picture: np.ndarray, matrix: np.ndarray, size: int, border: int) -> np.ndarray:
    """`picture` seen through `matrix` in a square of `size`, averaged where it shrinks."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.75:
        factor = max(0.25, scale)
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        real = np.array([small.shape[1] / picture.shape[1], small.shape[0] / picture.shape[0]])
        linear = matrix[:, :2] / real
        matrix = np.hstack([linear, (matrix[:, 2] + linear @ ((1 - real) / 2))[:, None]])
        picture = small
    return cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)


def solid(frame: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The frame with the colours of people carried over their own edge, so that no rim of the old background comes
    along."""
    sure = (matte > 242).astype(np.float32)
    near = cv2.GaussianBlur(sure, (0, 0), 2.5)
    carried = (
        cv2.GaussianBlur(frame.astype(np.float32) * sure[..., None], (0, 0), 2.5) / np.maximum(near, 1e-3)[..., None]
    )
    own = np.clip(matte.astype(np.float32) / 255 * 1.2 - 0.2, 0, 1)
    own = np.where(near > 1e-3, own, 1)[..., None]
    return frame * own + carried * (1 - own)


def emptied(frame: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The picture (256, 256, 3) float32 with its people smoothed away: each hole filled from coarser averages of what
    surrounds it."""
    known = (cv2.dilate(matte, np.ones((9, 9), np.uint8)) < 13).astype(np.float32)
    levels = [(frame * known[..., None], known)]
    while levels[-1][0].shape[0] > 2:
        half = tuple(s // 2 for s in levels[-1][0].shape[1::-1])
        levels.append(tuple(cv2.resize(part, half, interpolation=cv2.INTER_AREA) for part in levels[-1]))
    total, weight = levels[-1]
    filled = np.broadcast_to(total.sum((0, 1)) / max(float(weight.sum()), 1e-3), total.shape)
    for total, weight in reversed(levels):
        filled = cv2.resize(filled, total.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        filled = total + filled * (1 - weight[..., None])
    return filled


def _stand(rng: np.random.Generator, scene: Scene, who: Person, matrix: np.ndarray, unit: float) -> None:
    """Lay a person into the scene: perhaps a bonnet, a trunk, the picture itself, perhaps a hat."""
    size = scene.picture.shape[0]
    shape = (size, size)
    eyes = matrix[:, :2] @ who.five[:2].mean(0) + matrix[:, 2]
    colours = drawn(_toned(rng, solid(who.frame, who.matte)), matrix, size, cv2.BORDER_REPLICATE)
    matte = drawn(
        np.clip(who.matte.astype(np.float32) / 242 - 0.03, 0, 1) * _rim(rng), matrix, size, cv2.BORDER_CONSTANT
    )
    above = np.flatnonzero(who.matte.max(1) > 127)
    crown = matrix[:, :2] @ [who.five[:2, 0].mean(), above[0] if len(above) else 0] + matrix[:, 2]
    cut = (who.matte[1] > 127).sum() > 5
    hat = props.hat(rng, shape, eyes, unit, float(crown[1])) if cut or rng.random() < 0.3 else []
    before = cut or rng.random() < 0.65  # else the head hides a part of the hat
    layers = bodies.body(rng, who.frame, who.matte, who.five, matrix, size)
    if rng.random() < 0.16:
        tint = colours[int(np.clip(crown[1] + 0.3 * unit, 0, size - 1)), int(np.clip(crown[0], 0, size - 1))]
        layers = props.halo(rng, shape, eyes, unit, tint) + layers
    for layer in [*([] if before else hat), *layers, (colours, matte), *(hat if before else [])]:
        scene.lay(*layer, person=True)


def _toned(rng: np.random.Generator, colours: np.ndarray) -> np.ndarray:
    """Other exposure than the background's, at times."""
    if rng.random() < 0.5:
        return colours
    return np.clip((colours - 128) * np.exp(rng.normal(0, 0.2)) + 128 + rng.normal(0, 25), 0, 255).astype(np.float32)


def _rim(rng: np.random.Generator) -> np.ndarray:
    """Weights (256, 256) that let the picture run out softly at its sides and its bottom, where the drawn trunk takes
    over."""
    soft = rng.uniform(2, 20)
    columns = np.clip((np.minimum(np.arange(SIDE), np.arange(SIDE)[::-1]) + 0.5) / (soft * 0.5), 0, 1)
    rows = np.clip((np.arange(SIDE)[::-1] + 0.5) / soft, 0, 1)
    upper = np.clip((np.arange(SIDE) - 130) / 20, 0, 1)[:, None]  # hair at a side keeps its edge
    return (rows[:, None] * (1 - upper * (1 - columns))).astype(np.float32)
