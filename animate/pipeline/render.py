"""The stage: faces of one photograph, each with its driven points, rendered frame by frame at the scan's own size.

Part of the pipeline: it joins model (motion of pixels) and compose (who may write where). Points are scan pixels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from animate.compose import layers, mask
from animate.compose import print_match as paint
from animate.core import memory
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.faces.crop import cut
from animate.motion import landmarks
from animate.pipeline.neural import FaceNetworks, NeuralCorrection, compose_affine, mesh_topology
from animate.pipeline.portraits import SPAN


@dataclass(frozen=True, eq=False)
class FrameMotion:
    """One face in one frame: its displacement (2, h, w) of the layer's pixels, its eyes' sheets, what the networks add, and the
    change of light (3, rows, columns) at the places of Light.lattice, or None where it rests."""

    motion: np.ndarray
    sheets: list[np.ndarray]
    touch: NeuralCorrection | None
    tone: np.ndarray | None


class FaceRenderer:
    """One face: its motion in crop pixels and the place of its pixels in the scan."""

    def __init__(self, photo: Photo, portrait: Portrait, driven: DrivenLandmarks, networks=None, cell: int = 16):
        from animate.model.nets.upscale import PaintUpsampler, ResidualUpsampler
        from animate.model.warp.dense_motion import FirstOrder, face_lattice
        from animate.model.warp.fullres import FullResWarp

        self.crop = portrait.crop
        points, size = self.crop.into(portrait.keypoints.points), self.crop.size
        self.driven = self.crop.into(driven.points)
        lattice = face_lattice(points, size=size, span=SPAN, mouth=landmarks.LIPS)
        self.reach = mask.Reach(points, lattice.xs, lattice.ys[:, None], size=size)
        self.motion = FirstOrder(
            points, lattice, mesh_topology(), size=size, span=SPAN, picture=cut(photo.pixels, self.crop)
        )
        self.layer = layers.layer(points, self.crop, photo.pixels.shape, self.driven)
        self.native = FullResWarp(
            photo.pixels, self.motion, lattice, self.crop.matrix, self.layer.rectangle, self.layer.spans, cell=cell
        )
        self.retouch = None
        if networks:
            self.retouch = FaceNetworks(photo, portrait, driven, networks)
            own = self.retouch.crop.matrix
            self.carry = ResidualUpsampler(
                networks.size, compose_affine(own, self.crop.inverse()), lattice, self.motion.eye_lattices
            )
            self.overlay = PaintUpsampler(networks.size, own, self.layer.rectangle)
            self.grain = paint.Grain(photo.pixels, portrait.keypoints.points)

    def moved(self, index: int) -> FrameMotion:
        """What frame `index` does by itself."""
        flows, eyes = self.motion.layers(self.driven[index : index + 1])
        flow, sheets = flows[0], [sheet[0] for sheet in eyes]
        reach = self.reach(self.driven[index])
        flow *= reach[..., None]
        touch = self.retouch and self.retouch.touch(index)
        if not touch:
            return FrameMotion(self.native.motion(flow), sheets, None, None)
        skin, *more = self.carry.residual(touch.residual)
        flow += (skin * reach).transpose(1, 2, 0)
        sheets = [
            sheet + np.concatenate([extra] * 3 + [np.zeros_like(sheet[6:])])
            for sheet, extra in zip(sheets, more, strict=True)
        ]
        return FrameMotion(
            self.native.motion(flow), sheets, touch, self.native.tone(self.carry.tone(touch.tone) * reach)
        )

    def paint(self, frame: np.ndarray, touch: NeuralCorrection, share: np.ndarray) -> None:
        """Lays what is painted over a new `frame` of the scan, in place, as far as its pixels are this face's."""
        strips = self.overlay.strips(touch.alpha)
        shrunk = (
            self.overlay.shrunk(np.concatenate([touch.colour.transpose(2, 0, 1), touch.alpha[None]]))
            if strips
            else None
        )
        left, top, *_ = self.layer.rectangle
        for strip in strips:
            *colour, alpha = self.overlay.draw(shrunk, strip)
            held = share[strip[1] - top : strip[3] - top, strip[0] - left : strip[2] - left]
            paint.blend(frame, strip, colour, alpha * held, self.grain)


class Renderer:
    """Renders `frames()` of a photograph in which each portrait is Driven, all for as many frames."""

    def __init__(
        self, photo: Photo, cast: Sequence[tuple[Portrait, DrivenLandmarks]], *, threads: int = 0, networks=None
    ):
        """`threads` frames are rendered side by side, each on one core; 0 takes all cores. `networks` (MotionNetworks) refine
        the motion and paint what cannot be moved."""
        from animate.model.warp.sampling import OffsetMap

        self.photo, self.threads = photo, threads or os.cpu_count() or 1
        cell = OffsetMap.cell_for(min(_unit(portrait) for portrait, _ in cast))
        self.actors = [FaceRenderer(photo, portrait, driven, networks, cell) for portrait, driven in cast]
        self.count = len(cast[0][1])
        self.layers = [actor.layer for actor in self.actors]
        if networks:
            self.shares = layers.shares(self.layers)
            self.coarse = [layers.thinned(layer, cell) for layer in self.layers]
        memory.trim()

    def __len__(self) -> int:
        return self.count

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of frames (H, W, 3) uint8; outside the faces' masks each equals the photograph bit for bit."""
        from animate.model.parallel import parallel_map

        return parallel_map(self._frame, range(len(self)), self.threads)

    def _frame(self, index: int) -> np.ndarray:
        moved = [actor.moved(index) for actor in self.actors]
        motions = layers.merge(self.layers, [one.motion for one in moved])
        patches = [
            actor.native.picture(motion, one.motion, one.sheets, tone)
            for actor, motion, one, tone in zip(self.actors, motions, moved, self._tones(moved), strict=True)
        ]
        frame = layers.compose(self.photo.pixels, self.layers, patches)
        for k in layers.order(self.layers):
            if moved[k].touch:
                self.actors[k].paint(frame, moved[k].touch, self.shares[k])
        return frame

    def _tones(self, moved: list[FrameMotion]) -> list[np.ndarray | None]:
        """How the light changes in each layer's rectangle, by all the faces there; None where all rest."""
        if not any(one.touch for one in moved):
            return [None] * len(moved)
        tones = [
            np.zeros((3, *layer.claim.shape), np.float32) if one.tone is None else one.tone
            for one, layer in zip(moved, self.coarse, strict=True)
        ]
        return layers.merge(self.coarse, tones)


def _unit(portrait: Portrait) -> float:
    """Distance of a portrait's eyes in scan pixels."""
    return float(np.linalg.norm(np.subtract(*landmarks.five(portrait.keypoints.points)[:2])))


@dataclass(frozen=True, eq=False)
class RenderJob:
    """Everything a stage is made of; called, it renders the frames from the first one on."""

    photo: Photo
    cast: Sequence[tuple[Portrait, DrivenLandmarks]]
    threads: int = 0
    networks: object | None = None

    def __call__(self) -> Iterator[np.ndarray]:
        return Renderer(self.photo, self.cast, threads=self.threads, networks=self.networks).frames()
