"""Further photographs of one person in the driven face: who gives which region of which frame, and laying it in.

The main photograph is moved first, with everything that is painted; over it come, where it does not show the thing
itself, the inside of the mouth, closed or wider eyes and hidden cheeks of the photograph that shows them best.

Part of the pipeline: it joins motion (what is needed), compose (tone, grain) and the warped sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.draw import polygon2mask

from animate.compose.print_match import blend
from animate.core.numerics import Rectangle, smoothstep
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.layers import resample
from animate.motion import landmarks, source_choice
from animate.pipeline import mouths
from animate.pipeline.source_face import MainFace, SourceFace

AROUND = (0.10, 0.34)  # eye distances around an eye over which its picture passes into the main photograph's
LIPS = (0.03, 0.22)  # the same around a mouth
BESIDE = 0.12  # eye distances beyond the face's outline over which a cheek fades
SAMPLED = 60  # frames in which what is given is measured
FAINT = 0.02  # opacity that is nothing
STRANGE = {"eyes": 0.22, "mouth": 0.30}  # misfit of tone around a region from which something covers it
RINGS = {
    "left eye": (111, 117, 118, 119, 120, 121, 226, 31, 228, 229, 230, 231, 232, 27, 29, 30, 28, 56, 190, 247, 113),
    "right eye": (340, 346, 347, 348, 349, 350, 446, 261, 448, 449, 450, 451, 452, 257, 259, 260, 258, 286, 414, 467, 342),
    "mouth": (92, 165, 167, 164, 393, 391, 322, 410, 432, 422, 424, 418, 421, 200, 201, 194, 204, 202, 212, 186, 18, 313, 83),
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
        shape = (photo.height, photo.width)
        self.size = shape
        self.mouths = [
            mouths.SourceMouth(source, self.main, driven) if self.shares[k, :, 2].any() else None
            for k, source in enumerate(self.sources)
        ]

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
            mouth, share = self.mouths[k], float(self.shares[k, index, 2])
            if mouth is not None and share > 0:
                mouth.draw(frame, index, share)
            layers = list(self._layers(k, index))
            if layers:
                warp = source.warp(self.driven[index])
                for rectangle, alpha in layers:
                    colour = warp.picture(rectangle) + self._light(source, index, rectangle)
                    blend(frame, rectangle, np.clip(colour, 0, 255).transpose(2, 0, 1), alpha, source.grain)

    def percents(self) -> list[float]:
        """Percent of the drawn face that each further photograph gives, averaged over the frames."""
        count = len(self.driven)
        sampled = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
        given = np.zeros((len(sampled), len(self.sources)))
        for row, index in enumerate(sampled.tolist()):
            area = max(_area(self.driven[index], landmarks.OVAL), 1.0)
            for k in range(len(self.sources)):
                covered = sum(float(alpha.sum()) for _, alpha in self._layers(k, index))
                covered += float(self.shares[k, index, 2]) * _area(self.driven[index], landmarks.INNER_LIPS)
                given[row, k] = min(covered / area, 1.0)
        return [round(100 * float(share), 2) for share in given.mean(0)]

    def given(self, k: int) -> list[str]:
        """The regions that further photograph k gives in any frame."""
        named = [name for name, share in zip(source_choice.REGIONS, self.shares[k].T, strict=True) if share.max() > FAINT]
        named = [name for name in named if name != "lips" or "mouth" not in named]
        return named + (["the side of the face"] if self.sides[k].max() > FAINT else [])

    def _light(self, source: SourceFace, index: int, rectangle: Rectangle) -> np.ndarray:
        """What the main photograph's light adds to a source, (h, w, 3)."""
        left, top, right, bottom = rectangle
        step = max(2, int(0.08 * self.main.unit))
        x, y = np.meshgrid(np.arange(left, right + step, step), np.arange(top, bottom + step, step))
        coarse = source.match.light(self.driven[index], x.astype(np.float32), y.astype(np.float32))
        return resample.spread(np.ascontiguousarray(coarse), step, (0, 0, right - left, bottom - top))

    def _layers(self, k: int, index: int) -> Iterator[tuple[Rectangle, np.ndarray]]:
        """Rectangles and opacities (h, w) of the eyes and the hidden side that source k gives to a frame."""
        side = self.sides[k][index]
        if side.max() > FAINT:
            yield from self._side(side, index)
        for eye in (0, 1):
            share = float(self.shares[k, index, eye])
            if share > FAINT:
                yield from self._eye(eye, share, index)

        share = float(self.shares[k, index, 3])
        if share > FAINT:
            yield from self._lips(share, index)

    def _lips(self, share: float, index: int) -> Iterator[tuple[Rectangle, np.ndarray]]:
        """Where a whole mouth is laid in, and how much of it."""
        points, unit = self.driven[index], unit_in(self.driven[index])
        ring = points[list(landmarks.OUTER_LIPS), :2]
        rectangle = self._within(ring.min(0) - LIPS[1] * unit, ring.max(0) + LIPS[1] * unit)
        if rectangle is None:
            return
        left, top, right, bottom = rectangle
        outside = ~polygon2mask((bottom - top, right - left), ring[:, ::-1] - (top, left))
        far = distance_transform_edt(outside) / unit
        alpha = share * (1 - smoothstep(far, *LIPS))
        nose = points[[2, 97, 326], 1].max()
        rows = np.arange(top, bottom)[:, None]
        alpha = alpha * smoothstep((rows - nose) / unit, -0.02, 0.06)  # nostrils stay the main photograph's
        yield rectangle, alpha.astype(np.float32)

    def _eye(self, eye: int, share: float, index: int) -> Iterator[tuple[Rectangle, np.ndarray]]:
        """Where an eye is laid in, and how much of it."""
        ring = self.driven[index][list(landmarks.LIDS[eye]), :2]
        brow = self.driven[index][list(landmarks.BROWS[eye]), :2]
        unit = unit_in(self.driven[index])
        rectangle = self._within(ring.min(0) - AROUND[1] * unit, ring.max(0) + AROUND[1] * unit)
        if rectangle is None:
            return
        left, top, right, bottom = rectangle
        ends = self.driven[index][list(landmarks.EYE_CORNERS[eye]), :2]
        along = ends[1] - ends[0] if eye == 0 else ends[0] - ends[1]
        half = np.linalg.norm(along) / 2
        along = along / max(2 * half, 1e-6)
        x, y = np.arange(left, right) - ends.mean(0)[0], np.arange(top, bottom)[:, None] - ends.mean(0)[1]
        s, t = along[0] * x + along[1] * y, along[0] * y - along[1] * x
        heights = (ring - ends.mean(0)) @ np.array([-along[1], along[0]])
        brows = float(((brow - ends.mean(0)) @ np.array([-along[1], along[0]])).max())
        far = np.hypot(
            np.maximum(np.abs(s) - half, 0),
            np.maximum(np.maximum(t - heights.max(), (heights.min() - t)), 0),
        )
        alpha = 1 - smoothstep(far / unit, *AROUND)
        alpha = alpha * smoothstep((t - brows) / unit, 0.0, 0.10)  # the brow stays the main photograph's
        yield rectangle, (share * alpha).astype(np.float32)

    def _side(self, gain: np.ndarray, index: int) -> Iterator[tuple[Rectangle, np.ndarray]]:
        """Where skin that the main photograph hides is laid in, and how much of it."""
        points = self.driven[index]
        seen = np.flatnonzero(landmarks.normals(points)[: landmarks.SURFACE, 2] > 0.02)
        taken = seen[gain[seen] > FAINT]
        if len(taken) < 3:
            return
        unit = unit_in(points)
        low, high = points[taken, :2].min(0), points[taken, :2].max(0)
        rectangle = self._within(low - 0.3 * unit, high + 0.3 * unit)
        if rectangle is None:
            return
        left, top, right, bottom = rectangle
        step = max(2, int(0.04 * self.main.unit))
        x, y = np.meshgrid(np.arange(left, right + step, step), np.arange(top, bottom + step, step))
        field = LinearNDInterpolator(points[seen, :2], gain[seen], fill_value=0.0)(x, y)
        field = gaussian_filter(field, BESIDE * unit / step / 2)
        alpha = resample.spread(field[..., None].astype(np.float32), step, (0, 0, right - left, bottom - top))
        yield rectangle, alpha.reshape(bottom - top, right - left)

    def _within(self, low: np.ndarray, high: np.ndarray) -> Rectangle | None:
        """A rectangle around points low to high as far as it lies in the photograph."""
        height, width = self.size
        left, top = np.clip(np.floor(low).astype(int), 0, (width, height)).tolist()
        right, bottom = np.clip(np.ceil(high).astype(int) + 1, 0, (width, height)).tolist()
        return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None


def _area(points: np.ndarray, ring: Sequence[int]) -> float:
    """Area of the polygon through landmarks in square pixels (shoelace formula)."""
    x, y = points[list(ring), :2].astype(float).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def unit_in(points: np.ndarray) -> float:
    """Distance of the eyes' centres, in space."""
    return float(np.linalg.norm(points[list(landmarks.LIDS[0])].mean(0) - points[list(landmarks.LIDS[1])].mean(0)))

