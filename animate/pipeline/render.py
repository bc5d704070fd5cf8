"""Frames of one photograph whose people move, at the scan's own size: layers, back to front, between plate and mount.

Part of the pipeline: it joins layers (who owns which pixel) and persons (person_renderer.py). Points are scan pixels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from animate.core import memory
from animate.core.protocols import MattePredictor, MotionPredictor
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.layers.composite import Layer
from animate.motion import landmarks
from animate.pipeline import mattes, scene
from animate.pipeline.face_parts import FaceParts, face_parts
from animate.pipeline.person_renderer import PersonRenderer
from animate.pipeline.still_layers import lay, trimmed


class Renderer:
    """Renders `frames()` of a photograph in which each portrait of `cast` is driven, all for as many frames."""

    def __init__(
        self,
        photo: Photo,
        cast: Sequence[tuple[Portrait, DrivenLandmarks]],
        *,
        threads: int = 0,
        networks: MotionPredictor | None = None,
        matte: MattePredictor | None = None,
        bystanders: Sequence[Portrait] = (),
        parts: Sequence[FaceParts] = (),
        separated: mattes.Separated | None = None,
    ):
        """Get everything ready that all frames share.

        Args:
            photo: the photograph.
            cast: who moves, and how.
            threads: frames that are rendered side by side, each on one core; 0 takes all cores.
            networks: MotionNetworks, which change the light and paint what cannot be moved.
            matte: MatteNetwork; without it people are expected in the shape of a head upon shoulders.
            bystanders: faces that do not move; what is theirs stays as it is.
            parts: what is laid over each face of the cast, if that is made already; `networks` are not asked then.
            separated: who owns which pixel, if that is known already; `matte` and `bystanders` are not asked then.
        """
        from animate.model.warp.sampling import OffsetMap

        self.photo, self.threads = photo, threads or os.cpu_count() or 1
        portraits = [*(portrait for portrait, _ in cast), *bystanders]
        separated = separated or mattes.separated(photo, portraits, matte)
        photo, self.owners, self.mount = separated.photo, separated.owners, separated.mount
        moving = scene.persons(photo, cast, self.owners)
        parts = parts or face_parts(photo, cast, networks)
        cell = OffsetMap.cell_for(min(_unit(portrait) for portrait, _ in cast))
        self.people = {
            k: PersonRenderer(photo, one, self.owners.persons[k], cell, parts[k])
            for k, one in ((person.index, person) for person in moving)
        }
        self._stack(photo, moving)
        if self.mount is not None:
            np.copyto(self.plate, self.photo.pixels, where=self.mount.hidden[..., None])
        self.count = len(cast[0][1])
        self.resting = np.all([_resting(portrait, driven) for portrait, driven in cast], axis=0)
        memory.trim()

    def _stack(self, photo: Photo, moving: Sequence[scene.Person]) -> None:
        """Paint the plate, and lay out the layers before it from back to front."""
        swept = [(one.rectangle, one.sweep) for one in self.people.values()]
        self.plate = scene.background(photo, self.owners, moving, swept)
        self.still: dict[int, list[Layer]] = {}
        self.order: list[int] = []
        changed = self._changed(photo)
        places = {k: one.place for k, one in self.people.items()}
        for layer in scene.stack(photo, self.plate, self.owners, moving, places):
            self.order.append(layer.index)
            if layer.index in self.people:
                self.people[layer.index].hold(layer, photo.pixels)
            else:
                self.still[layer.index] = trimmed(layer, changed)

    def _changed(self, photo: Photo) -> np.ndarray:
        """(H, W) bool: what any person's movement ever touches."""
        changed = np.zeros(photo.pixels.shape[:2], bool)
        for one in self.people.values():
            left, top, right, bottom = one.rectangle
            changed[top:bottom, left:right] |= one.sweep.changed
        return changed

    def __len__(self) -> int:
        return self.count

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of frames (H, W, 3) uint8; outside of people and what they uncover each equals the photograph
        bit for bit."""
        from animate.model.parallel import parallel_map

        return parallel_map(self.frame, range(len(self)), self.threads)

    def frame(self, index: int) -> np.ndarray:
        """Frame `index` (H, W, 3) uint8."""
        if self.resting[index]:
            return self.photo.pixels.copy()
        frame = self.plate.copy()
        for k in self.order:
            if k in self.people:
                self.people[k].draw(frame, index)
            else:
                for part in self.still[k]:
                    lay(frame, part)
        if self.mount is not None:
            for one in self.people.values():
                self.mount.lay(frame, self.photo.pixels, one.rectangle)
        return frame


def _resting(portrait: Portrait, driven: DrivenLandmarks) -> np.ndarray:
    return (driven.points == portrait.keypoints.points).all((1, 2))


def _unit(portrait: Portrait) -> float:
    """Distance of a portrait's eyes in scan pixels."""
    return float(np.linalg.norm(np.subtract(*landmarks.five(portrait.keypoints.points)[:2])))


@dataclass(frozen=True, eq=False)
class RenderJob:
    """Everything a renderer is made of; called, it renders the frames from the first one on."""

    photo: Photo
    cast: Sequence[tuple[Portrait, DrivenLandmarks]]
    threads: int
    parts: Sequence[FaceParts]
    separated: mattes.Separated

    def __call__(self) -> Iterator[np.ndarray]:
        renderer = Renderer(self.photo, self.cast, threads=self.threads, parts=self.parts, separated=self.separated)
        return renderer.frames()
