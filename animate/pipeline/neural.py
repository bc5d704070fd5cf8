"""Neural corrections of one face, frame by frame: change of tone, and painted pixels.

Part of the pipeline: it joins model, faces, compose and motion. The networks have an upright crop of their own, n
pixels a side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from animate.compose.print_match import Palette
from animate.core.geometry import SHADING_POINTS
from animate.core.numerics import Rectangle, luminance, smoothstep
from animate.core.protocols import MotionPredictor
from animate.core.types import Crop, DrivenLandmarks, Photo, Portrait
from animate.faces import crop as crops
from animate.layers.sweep import bilinear
from animate.motion import disocclusion, landmarks
from animate.pipeline.keyframes import KeyframeCache, keyframes

STEP = 0.02  # eye distances that a point moves at least between two key frames of the networks
FULL = 0.03  # eye distances that a point has to move before the networks take full effect
SAMPLE = 4  # frames in which the painted share is measured, besides the one that needs most
SKIN = 80  # percentile of a face's lightness that stands for lit skin
WHITE, ROOM, LEAST_ROOM = 245, 90, 0.2  # grey levels: white, below it how much room full brightening needs, and least
EDGE = (-0.05, 0.12)  # depth inside a face's outline, in eye distances, over which corrections set in


@dataclass(frozen=True, eq=False)
class NeuralCorrection:
    """What one frame gets besides its first-order motion, in crop pixels of a crop that has gone along with the face:
    tone (n/4, n/4, 3), a change of colour, and colour (n, n, 3) that is blended over it by alpha (n, n). `shift` (2,)
    is the way of the crop in whole scan pixels."""

    tone: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray
    shift: np.ndarray

    def interpolated(self, other: NeuralCorrection, share: float) -> NeuralCorrection:
        """`share` of the other, the rest of this one."""
        weight = np.float32(share)

        def between(name: str) -> np.ndarray:
            mine, theirs = getattr(self, name), getattr(other, name)
            return mine + weight * (theirs - mine)

        return NeuralCorrection(between("tone"), between("colour"), between("alpha"), self.shift)


class FaceNetworks:
    """One driven face as the networks see it: in a crop that goes along with the face, so that only its turn,
    expression and size change there."""

    def __init__(self, photo: Photo, portrait: Portrait, driven: DrivenLandmarks, networks: MotionPredictor):
        from animate.model.nets.upscale import PaintUpsampler, border_fade
        from animate.model.warp.dense_motion import FirstOrder
        from animate.model.warp.relight import ShadingField
        from animate.model.warp.sampling import NodeGrid

        source, self.networks = portrait.keypoints.points, networks
        five = landmarks.five(source)[:, :2]
        size, span = networks.size, networks.network.shape.span
        self.crop = crops.crop_from_five(five, size=size, span=span)
        picture, points = crops.cut(photo.pixels, self.crop), self.crop.into(source)
        cells, self.pixels = (networks.nodes(size, cell) for cell in (2, 1))
        topology = mesh_topology()
        self.motion = FirstOrder(points, NodeGrid(cells, cells), topology, size=size, span=span)
        self.source, self.palette = networks.encode(picture, points), Palette(picture)
        self.shading = driven.shading
        self.relight = (
            None
            if driven.shading is None
            else ShadingField(points, topology, size=size, span=span, count=SHADING_POINTS)
        )
        self.unit, self.points = size / span, points
        light = np.percentile(luminance(picture)[self._inside(points) > 0.5], SKIN)
        self.headroom = float(np.clip((WHITE - light) / ROOM, LEAST_ROOM, 1))
        self.shifts = np.rint((driven.points - source)[:, list(landmarks.RIGID), :2].mean(1))  # (T, 2)
        self.driven = driven.points - np.pad(self.shifts, ((0, 0), (0, 1)))[:, None]
        self.fade = border_fade(size, np.eye(2, 3), NodeGrid(self.pixels, self.pixels))
        self.upsampler = PaintUpsampler(size, self.crop.matrix, (0, 0, photo.width, photo.height))
        unit = np.linalg.norm(five[1] - five[0])
        moved = np.linalg.norm((driven.points - source)[..., :2], axis=-1).max(1) / unit
        self.gate = smoothstep(moved / FULL)  # (T,)
        self.needs = disocclusion.inpaint_demand(source, driven.points)
        self.cache = KeyframeCache(keyframes(self.driven, STEP * float(unit)), self._computed)

    def at(self, index: int) -> NeuralCorrection | None:
        """What frame `index` gets; None where the face rests. The networks run on some frames only; what lies between
        two that are nearly the same gets a mixture of theirs."""
        if not self.gate[index]:
            return None
        return replace(self.cache.at(index), shift=self.shifts[index])

    def _computed(self, index: int) -> NeuralCorrection:
        """What the networks give for frame `index`."""
        gate = float(self.gate[index])
        driven = self.crop.into(self.driven[index : index + 1])
        inside = self._inside(driven[0])
        mask = disocclusion.inpaint_mask(self.needs[index], driven[0], self.pixels, self.pixels)
        shading = None
        if self.relight is not None and self.shading is not None:
            shading = self.relight(landmarks.shading_points(driven), self.shading[index : index + 1])
        output = self.networks.frames(self.source, driven, self.motion.flow(driven), shading)
        quarter = len(inside) // 4
        coarse = inside.reshape(quarter, 4, quarter, 4).mean((1, 3))[..., None]
        tone = gate * coarse * self._bounded(self.palette.tone(output.tone[0]))
        alpha = gate * mask * (1 - output.keep[0]) * inside * self.fade
        return NeuralCorrection(tone, self.palette.colour(output.colour[0]), alpha, self.shifts[index])

    def _bounded(self, tone: np.ndarray) -> np.ndarray:
        """A change of colour that brightens less where the skin is nearly white already: no forehead is blown out."""
        return np.where(tone > 0, self.headroom * tone, tone)

    def _inside(self, driven: np.ndarray) -> np.ndarray:
        """1 inside the outline of the visible part of a face (478, 3) in crop pixels, 0 outside: (n, n) float32."""
        angle = np.arange(48) * (2 * np.pi / 48)
        ways = np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
        bound = (driven[: landmarks.SURFACE, :2] @ ways).max(0)
        x, y = self.pixels, self.pixels[:, None]
        depth = np.min([b - (x * w[0] + y * w[1]) for b, w in zip(bound, ways.T, strict=True)], axis=0)
        return smoothstep(depth / self.unit, *EDGE).astype(np.float32)

    def tone_at(self, correction: NeuralCorrection, crop: Crop, nodes: np.ndarray) -> np.ndarray:
        """The change of colour (3, rows, columns) at nodes (2, rows, columns) that are pixels of another crop."""
        matrix = compose_affine(self.crop.matrix, crop.inverse())
        start = self.crop.matrix[:, :2] @ correction.shift
        at = np.einsum("ij,jrc->irc", matrix[:, :2], nodes) + (matrix[:, 2] - start)[:, None, None]
        return np.stack([bilinear(part, (at - 1.5) / 4) for part in correction.tone.transpose(2, 0, 1)])

    def painted_strips(self, correction: NeuralCorrection) -> Iterator[tuple[Rectangle, np.ndarray, np.ndarray]]:
        """(rectangle, colour (3, h, w), alpha (h, w)) of everything that is painted in a frame, in scan pixels."""
        upsampler = self.upsampler
        across, down = (int(way) for way in correction.shift)
        strips = upsampler.strips(correction.alpha, (across, down))
        if not strips:
            return
        shrunk = upsampler.shrunk(np.concatenate([correction.colour.transpose(2, 0, 1), correction.alpha[None]]))
        for left, top, right, bottom in strips:
            *colour, alpha = upsampler.draw(shrunk, (left - across, top - down, right - across, bottom - down))
            yield (left, top, right, bottom), np.stack(colour), alpha

    def sampled(self) -> list[int]:
        """Frames in which the painted share is measured: a few, and the one with the greatest need."""
        chosen = ((np.arange(SAMPLE) + 0.5) * len(self.driven) / SAMPLE).astype(int)
        return [int(index) for index in (*chosen, self.needs.sum(1).argmax())]

    def places(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Scan pixels (x, y), each (n, n), of the crop's pixels in frame `index`."""
        at = self.crop.out(np.stack(np.meshgrid(self.pixels, self.pixels), -1)) + self.shifts[index]
        return at[..., 0], at[..., 1]

    def percent(self, alpha: np.ndarray, index: int) -> float:
        """Percent of the face that is painted by `alpha` (n, n) in frame `index`."""
        driven = self.crop.into(self.driven[index : index + 1])
        return float(self.networks.painted(1 - alpha[None], driven)[0])


def compose_affine(first: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The (2, 3) matrix that does `before`, then `first`."""
    return first @ np.vstack([before, [0, 0, 1]])


def mesh_topology():
    """The mesh as the motion model takes it."""
    from animate.model.warp.local_affine import MeshTopology

    upper = landmarks.OUTER_UPPER + landmarks.INNER_UPPER
    lower = landmarks.OUTER_LOWER + landmarks.INNER_LOWER
    return MeshTopology(
        landmarks.TRIANGLES,
        landmarks.EYE_CORNERS,
        landmarks.UPPER_LIDS,
        landmarks.LOWER_LIDS,
        landmarks.IRISES,
        ((upper, lower),),
    )
