"""The stage: faces of one photograph, each with its driven points, rendered frame by frame at the scan's own size.

Part of the pipeline: it joins model (motion of pixels) and compose (who may write where). Points are scan pixels.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from animate import memory
from animate.compose import mask, paint, paste
from animate.faces.crop import cut
from animate.looking import SPAN
from animate.motion import anchors
from animate.retouch import Retouch, Touch, joined, surface
from animate.values import Photo, Portrait


@dataclass(frozen=True, eq=False)
class Moved:
    """One face in one frame: its displacement (2, h, w) of the layer's pixels, its eyes' sheets, what the networks add, and the
    change of light (3, rows, columns) at the places of Light.lattice, or None where it rests."""

    motion: np.ndarray
    sheets: list[np.ndarray]
    touch: Touch | None
    tone: np.ndarray | None


class Actor:
    """One face: its motion in crop pixels and the place of its pixels in the scan."""

    def __init__(self, photo: Photo, portrait: Portrait, driven: np.ndarray, networks=None):
        from animate.model.dense_motion import FirstOrder, face_lattice
        from animate.model.native import Native
        from animate.model.overlay import Carry, Overlay

        self.crop = portrait.crop
        points, size = self.crop.into(portrait.keypoints.points), self.crop.size
        self.driven = self.crop.into(driven)
        lattice = face_lattice(points, size=size, span=SPAN, mouth=anchors.LIPS)
        self.reach = mask.Reach(points, lattice.xs, lattice.ys[:, None], size=size)
        self.motion = FirstOrder(points, lattice, surface(), size=size, span=SPAN, picture=cut(photo.pixels, self.crop))
        self.layer = paste.layer(points, self.crop, photo.pixels.shape, self.driven)
        self.native = Native(photo.pixels, self.motion, lattice, self.crop.matrix, self.layer.rectangle, self.layer.spans)
        self.retouch = None
        if networks:
            self.retouch = Retouch(photo, portrait, driven, networks)
            own = self.retouch.crop.matrix
            self.carry = Carry(networks.size, joined(own, self.crop.inverse()), lattice, self.motion.eye_lattices)
            self.overlay = Overlay(networks.size, own, self.layer.rectangle)
            self.grain = paint.Grain(photo.pixels, portrait.keypoints.points)

    def moved(self, index: int) -> Moved:
        """What frame `index` does by itself."""
        flows, eyes = self.motion.layers(self.driven[index : index + 1])
        flow, sheets = flows[0], [sheet[0] for sheet in eyes]
        reach = self.reach(self.driven[index])
        flow *= reach[..., None]
        touch = self.retouch and self.retouch.touch(index)
        if not touch:
            return Moved(self.native.motion(flow), sheets, None, None)
        skin, *more = self.carry.residual(touch.residual)
        flow += (skin * reach).transpose(1, 2, 0)
        sheets = [sheet + np.concatenate([extra] * 3 + [np.zeros_like(sheet[6:])]) for sheet, extra in zip(sheets, more, strict=True)]
        return Moved(self.native.motion(flow), sheets, touch, self.native.tone(self.carry.tone(touch.tone) * reach))

    def paint(self, frame: np.ndarray, touch: Touch, share: np.ndarray) -> None:
        """Lays what is painted over a new `frame` of the scan, in place, as far as its pixels are this face's."""
        strips = self.overlay.strips(touch.alpha)
        shrunk = self.overlay.shrunk(np.concatenate([touch.colour.transpose(2, 0, 1), touch.alpha[None]])) if strips else None
        left, top, *_ = self.layer.rectangle
        for strip in strips:
            *colour, alpha = self.overlay.draw(shrunk, strip)
            held = share[strip[1] - top : strip[3] - top, strip[0] - left : strip[2] - left]
            paint.lay(frame, strip, colour, alpha * held, self.grain)


class Stage:
    """Renders `frames()` of a photograph in which each portrait follows its driven points (T, 478, 3)."""

    def __init__(self, photo: Photo, cast: Sequence[tuple[Portrait, np.ndarray]], *, threads: int = 0, networks=None):
        """`threads` frames are rendered side by side, each on one core; 0 takes all cores. `networks` (MotionNetworks) refine
        the motion and paint what cannot be moved."""
        self.photo, self.threads = photo, threads or os.cpu_count() or 1
        self.actors = [Actor(photo, portrait, driven, networks) for portrait, driven in cast]
        self.count = len(cast[0][1])
        self.layers = [actor.layer for actor in self.actors]
        if networks:
            from animate.model.grids import Light

            self.shares = paste.shares(self.layers)
            self.coarse = [paste.thinned(layer, Light.CELL) for layer in self.layers]
        memory.trim()

    def __len__(self) -> int:
        return self.count

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of frames (H, W, 3) uint8; outside the faces' masks each equals the photograph bit for bit."""
        from animate.model.threads import alone

        numbers = iter(range(len(self)))
        with ThreadPoolExecutor(self.threads, initializer=alone) as pool:
            waiting = deque(pool.submit(self._frame, number) for number in islice(numbers, self.threads))
            try:
                while waiting:
                    yield waiting.popleft().result()
                    waiting.extend(pool.submit(self._frame, number) for number in islice(numbers, 1))
            finally:
                pool.shutdown(cancel_futures=True)

    def _frame(self, index: int) -> np.ndarray:
        moved = [actor.moved(index) for actor in self.actors]
        motions = paste.merge(self.layers, [one.motion for one in moved])
        patches = [actor.native.picture(motion, one.motion, one.sheets, tone)
                   for actor, motion, one, tone in zip(self.actors, motions, moved, self._tones(moved), strict=True)]
        frame = paste.compose(self.photo.pixels, self.layers, patches)
        for k in paste.order(self.layers):
            if moved[k].touch:
                self.actors[k].paint(frame, moved[k].touch, self.shares[k])
        return frame

    def _tones(self, moved: list[Moved]) -> list[np.ndarray | None]:
        """How the light changes in each layer's rectangle, by all the faces there; None where all rest."""
        if not any(one.touch for one in moved):
            return [None] * len(moved)
        tones = [np.zeros((3, *layer.claim.shape), np.float32) if one.tone is None else one.tone
                 for one, layer in zip(moved, self.coarse, strict=True)]
        return paste.merge(self.coarse, tones)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything a stage is made of; called, it renders the frames from the first one on."""

    photo: Photo
    cast: Sequence[tuple[Portrait, np.ndarray]]
    threads: int = 0
    networks: object | None = None

    def __call__(self) -> Iterator[np.ndarray]:
        return Stage(self.photo, self.cast, threads=self.threads, networks=self.networks).frames()
