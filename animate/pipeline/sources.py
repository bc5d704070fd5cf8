"""Further photographs of one person in the driven face: who gives which region of which frame, and laying it in.

The main photograph is moved first, with everything that is painted; over it come, where it does not show the thing
itself, the inside of the mouth, closed or wider eyes and hidden cheeks of the photograph that shows them best.

Part of the pipeline: it joins motion (what is needed), compose (tone, grain) and the warped sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from animate.compose.print_match import blend
from animate.core.numerics import Rectangle, smoothstep
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.layers import resample
from animate.motion import landmarks, source_choice
from animate.motion.source_choice import FaceState
from animate.pipeline import mouths, source_masks
from animate.pipeline.source_face import MainFace, SourceFace
from animate.pipeline.source_masks import FAINT

MOVED = (0.01, 0.05)  # eye distances by which an eye has moved from rest: from the photograph's to a clearer one
SAMPLED = 60  # frames in which what is given is measured
STRANGE = {"eyes": 0.22, "mouth": 0.30}  # misfit of tone around a region from which something covers it
RINGS: dict[str, tuple[int, ...]] = {
    "left eye": (
        111, 117, 118, 119, 120, 121, 226, 31, 228, 229, 230, 231, 232, 27, 29, 30, 28, 56, 190, 247, 113,
    ),
    "right eye": (
        340, 346, 347, 348, 349, 350, 446, 261, 448, 449, 450, 451, 452, 257, 259, 260, 258, 286, 414, 467, 342,
    ),
    "mouth": (
        92, 165, 167, 164, 393, 391, 322, 410, 432, 422, 424, 418, 421, 200, 201, 194, 204, 202, 212, 186, 18, 313, 83,
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FurtherFace:
    """The person's face in further photograph `number`, counted from 1."""

    number: int
    portrait: Portrait


class FaceSources:
    """One driven face and the further photographs of that person."""

    def __init__(
        self,
        photo: Photo,
        portrait: Portrait,
        driven: DrivenLandmarks,
        further: Sequence[FurtherFace],
        teeth: float = 1.0,
    ):
        """Choose what each photograph gives.

        Args:
            photo: the main photograph.
            portrait: its face.
            driven: that face in T frames.
            further: the same person's faces.
            teeth: how much of the teeth is shown, 0..1.
        """
        self.driven, self.further = driven.points, list(further)
        self.main = MainFace(photo, portrait)
        self.sources = [SourceFace(face.portrait, self.main) for face in further]
        own = source_choice.state(portrait.keypoints.points)
        states = [source_choice.state(face.portrait.keypoints.points) for face in further]
        now = source_choice.state(self.driven)
        self.reasons = [self._refused(source) for source in self.sources]
        allowed = np.array([self._allowed(*part) for part in zip(self.sources, self.reasons, strict=True)])
        self.shares = source_choice.shares(own, now, states, allowed.reshape(len(further), -1))
        self.shares[..., source_choice.MOUTH :] *= min(1.0, teeth)
        usable = [float(not reason) for reason in self.reasons]
        self.sides = [ok * source_choice.gains(own, now, state) for ok, state in zip(usable, states, strict=True)]
        self.clear = self._clear(portrait.keypoints.points, now, states, allowed)
        self.size = photo.height, photo.width
        self.mouths = [
            mouths.SourceMouth(source, self.main, driven) if self.shares[k, :, source_choice.MOUTH].any() else None
            for k, source in enumerate(self.sources)
        ]

    def _clear(self, rest: np.ndarray, now: FaceState, states: Sequence[FaceState], allowed: np.ndarray) -> np.ndarray:
        """How much of either eye (K, T, 2) comes from the photograph that resolves the face best, where it is clearer
        than the main one: none at rest, and none where another one gives a blink."""
        clear = np.zeros((len(states), len(self.driven), 2))
        values = [source.clearer(self.main) for source in self.sources]
        if values and max(values) > 0:
            best = int(np.argmax(values))
            eyes = [[*landmarks.LIDS[eye], *landmarks.IRISES[eye]] for eye in (0, 1)]
            moved = [np.linalg.norm(self.driven[:, eye] - rest[eye], axis=-1).mean(1) for eye in eyes]
            share = smoothstep(np.stack(moved, 1) / self.main.unit, *MOVED) * values[best] * allowed[best, :2]
            taken = self.shares[..., :2].sum(0)
            share = share * source_choice.alike_eyes(now, states[best]) * np.clip(1 - taken, 0, 1)
            clear[best] = share.min(1, keepdims=True)  # both or none: one clear eye beside a soft one squints
        return clear

    def _refused(self, source: SourceFace) -> str:
        """Why nothing of a photograph can be used, in words that follow its name; "" if it can."""
        if source.too_small():
            return "was not used: its face is much smaller than the main photograph's"
        if source.too_soft(self.main):
            return "was not used: its face is blurred beside the main photograph's"
        if not source.comparable:
            return "was not used: its face is turned too far away from the main photograph's"
        return ""

    def _allowed(self, source: SourceFace, reason: str) -> list[float]:
        limits = [STRANGE["eyes"]] * 2 + [STRANGE["mouth"]] * 2
        return [
            float(not reason and source.match.misfit(RINGS["mouth" if region == "lips" else region]) < limit)
            for region, limit in zip(source_choice.REGIONS, limits, strict=True)
        ]

    def draw(self, frame: np.ndarray, index: int) -> None:
        """Lay what the further photographs give over frame `index` (H, W, 3) uint8, in place."""
        for k, source in enumerate(self.sources):
            mouth, share = self.mouths[k], float(self.shares[k, index, source_choice.MOUTH])
            if mouth is not None and share > 0:
                mouth.draw(frame, index, share)
            layers, clear = list(self._layers(k, index)), list(self._clear_eyes(k, index))
            if layers or clear:
                warp = source.warp(self.driven[index])
                for number, (rectangle, alpha) in enumerate([*layers, *clear]):
                    picture = warp.picture(rectangle, sharp=number >= len(layers))
                    colour = np.clip(picture + self._light(source, index, rectangle), 0, 255).transpose(2, 0, 1)
                    blend(frame, rectangle, colour, alpha, source.grain)

    def percents(self) -> list[float]:
        """Percent of the drawn face that each further photograph gives, averaged over the frames."""
        count = len(self.driven)
        sampled = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
        given = np.zeros((len(sampled), len(self.sources)))
        for row, index in enumerate(sampled.tolist()):
            area = max(source_masks.area(self.driven[index], landmarks.OVAL), 1.0)
            for k in range(len(self.sources)):
                parts = [*self._layers(k, index), *self._clear_eyes(k, index)]
                covered = sum(float(alpha.sum()) for _, alpha in parts)
                covered += float(self.shares[k, index, source_choice.MOUTH]) * source_masks.area(
                    self.driven[index], landmarks.INNER_LIPS
                )
                given[row, k] = min(covered / area, 1.0)
        return [round(100 * float(share), 2) for share in given.mean(0)]

    def cover(self, x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray:
        """How far scan pixels x, y are from further photographs in frame `index`, 0..1."""
        left = np.ones(np.broadcast(x, y).shape)
        for k in range(len(self.sources)):
            mouth, share = self.mouths[k], float(self.shares[k, index, source_choice.MOUTH])
            if mouth is not None and share > 0:
                left *= 1 - share * mouth.inside(x, y, index)
            for (low, top, *_), alpha in [*self._layers(k, index), *self._clear_eyes(k, index)]:
                left *= 1 - map_coordinates(alpha, [y - top, x - low], order=1, mode="constant")
        return 1 - left

    def given(self, k: int) -> list[str]:
        """The regions that further photograph k gives in any frame."""
        named = [
            name for name, share in zip(source_choice.REGIONS, self.shares[k].T, strict=True) if share.max() > FAINT
        ]
        named = [name for name in named if name != "lips" or "mouth" not in named]
        named += ["clearer eyes"] if self.clear[k].max() > FAINT else []
        return named + (["the side of the face"] if self.sides[k].max() > FAINT else [])

    def _light(self, source: SourceFace, index: int, rectangle: Rectangle) -> np.ndarray:
        """What the main photograph's light adds to a source, (h, w, 3)."""
        left, top, right, bottom = rectangle
        step = max(2, int(0.08 * self.main.unit))
        x, y = np.meshgrid(np.arange(left, right + step, step), np.arange(top, bottom + step, step))
        coarse = source.match.light(self.driven[index], x.astype(np.float32), y.astype(np.float32))
        return resample.spread(np.ascontiguousarray(coarse), step, (0, 0, right - left, bottom - top))

    def _clear_eyes(self, k: int, index: int) -> Iterator[source_masks.Mask]:
        """Eyes that source k shows more clearly than the main photograph."""
        for eye, share in enumerate(self.clear[k, index]):
            if share > FAINT:
                yield from _present(source_masks.eye(self.driven[index], eye, self.size), share)

    def _layers(self, k: int, index: int) -> Iterator[source_masks.Mask]:
        """What source k gives to a frame besides the inside of the mouth: masks of skin, eyes and lips."""
        points, shares = self.driven[index], self.shares[k, index]
        if self.sides[k][index].max() > FAINT:
            yield from _present(source_masks.skin(points, self.sides[k][index], self.size), 1.0)
        for eye in (0, 1):
            if shares[eye] > FAINT:
                yield from _present(source_masks.eye(points, eye, self.size), shares[eye])
        if shares[source_choice.LIPS] > FAINT:
            yield from _present(source_masks.lips(points, self.size), shares[source_choice.LIPS])


def _present(mask: source_masks.Mask | None, share: float) -> Iterator[source_masks.Mask]:
    if mask is not None:
        yield mask[0], np.float32(share) * mask[1]
