"""One person of a photograph in motion: her layer warped by her own field, lit, painted and laid over a frame.

Part of the pipeline: it joins layers, model (motion of pixels) and compose (print). Points are scan pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from animate.compose import print_match
from animate.core.numerics import Rectangle
from animate.core.types import Photo
from animate.faces.crop import cut
from animate.layers import beyond, people, resample, sweep
from animate.layers.composite import Layer
from animate.motion import landmarks
from animate.pipeline import scene
from animate.pipeline.blocks import BLOCK, any_in_blocks, part_of, spans_of
from animate.pipeline.face_parts import FaceParts
from animate.pipeline.frame_motion import FrameMotion
from animate.pipeline.mirrored_side import MirroredSide, Mixture, needed
from animate.pipeline.neural import NeuralCorrection, mesh_topology
from animate.pipeline.portraits import SPAN

FINENESS, NODES = 0.5, (80, 176)  # nodes of a lattice's side for a scan pixel of a person's, and their least and most
SHOULDERS = 0.8  # eye distances below the chin: cloth moves little, and is sampled linearly
FINE_PIXELS = 2_500_000  # pixels of layers whose edges are sampled by cubic convolution too
PROBED = 5  # every so many of anchors and landmarks tell in which frames a person goes farthest
ROOM = 0.1  # eye distances beyond the scan farther than the probed frames look
FACE_MARGIN = 0.35  # eye distances around a face in which its motion is too fine to be interpolated


class PersonRenderer:
    """One person: the motion of everything that is hers, and her layer's place in the frame."""

    def __init__(
        self,
        photo: Photo,
        person: scene.Person,
        owner: people.Person,
        cell: int,
        parts: FaceParts,
    ):
        self.person, self.rectangle, self.sources = person, person.rectangle, parts.sources
        self.crop, self.cell, (left, top, right, bottom) = person.portrait.crop, cell, person.rectangle
        self.back = np.linalg.inv(self.crop.matrix[:, :2]).astype(np.float32)
        self.source, self.driven = (
            self.crop.into(points) for points in (person.portrait.keypoints.points, person.driven.points)
        )
        self.photo, shape = photo.pixels[top:bottom, left:right], photo.pixels.shape[:2]
        self._prepare(cut(photo.pixels, self.crop))
        self.networks, self.mouth = parts.networks, parts.mouth
        self.grain = print_match.Grain(photo.pixels, person.portrait.keypoints.points) if parts.networks else None
        places = self.crop.out(self.nodes.transpose(1, 2, 0)).transpose(2, 0, 1)
        mirrored = needed(person.portrait.keypoints.points, person.driven.points)
        self.mirrored = MirroredSide(photo, person, owner, self.lattice, SPAN, places) if mirrored else None
        flows = self._ways(places)
        self.owner: people.Person | None = self._continued(owner, shape, places, flows)
        self.place = beyond.around(self.rectangle, self.owner.rectangle)  # of the layer, with what lies beyond the scan
        self.sweep = self._sweep(self.owner, places, flows)
        self.changed = any_in_blocks(self.sweep.changed)
        self.cover = sweep.Cover(self.owner, cell, shape)
        self.shoulders = person.motion.head.chin[1] + SHOULDERS * person.motion.unit
        grid = self.warp.coarse_lattice
        self.places = np.stack(np.meshgrid(grid.xs, grid.ys))  # scan pixels

    def _prepare(self, picture: np.ndarray) -> None:
        """The person's motion, at the nodes of a lattice; `picture` is the crop."""
        from animate.model.warp.dense_motion import FirstOrder, person_lattice
        from animate.model.warp.fullres import PersonWarp
        from animate.model.warp.surroundings import Surroundings

        crop, size = self.crop, self.crop.size
        low, high = scene.corners(crop, self.rectangle)
        left, top, right, bottom = self.rectangle
        count = int(np.clip(FINENESS * max(right - left, bottom - top), *NODES))
        self.lattice = person_lattice(self.source, low, high, unit=size / SPAN, mouth=landmarks.LIPS, count=count)
        around = Surroundings(*scene.anchors_in(self.person, crop))
        self.motion = FirstOrder(
            self.source, self.lattice, mesh_topology(), size=size, span=SPAN, picture=picture, around=around
        )
        fine = self._faces()
        self.warp = PersonWarp(self.motion, self.lattice, crop.matrix, self.rectangle, fine=fine, cell=self.cell)
        x, y = np.meshgrid(self.lattice.xs, self.lattice.ys)
        self.nodes = np.stack([x, y]).astype(np.float32)  # (2, rows, columns) crop pixels

    def _ways(self, places: np.ndarray) -> list[np.ndarray]:
        """The displacements of the nodes of the lattice, which are at `places` of the scan, in the frames that are
        farthest from each other: (2, rows, columns) each."""
        person, anchors = self.person, self.person.anchors[::PROBED]
        face = person.driven.points - person.portrait.keypoints.points
        probes = scene.probes(np.concatenate([person.motion(anchors) - anchors, face[:, ::PROBED, :2]], 1))
        flows = []
        for index in probes:
            flow = np.einsum("ij,rcj->irc", self.back, self.motion.whole(self.driven[index], int(index)))
            other = self.mirrored.at(int(index), flow) if self.mirrored else None
            flows += [flow] if other is None else [flow, flow + (other[2] > 0.5) * (other[:2] - places - flow)]
        return flows

    def _continued(
        self, owner: people.Person, shape: tuple[int, int], places: np.ndarray, flows: list[np.ndarray]
    ) -> people.Person:
        """This person with what the movement brings in from beyond a scan of `shape` (H, W)."""
        needed = beyond.seen(places, flows, shape, ROOM * self.person.motion.unit)
        return beyond.continued(owner, self.person.motion.head, shape, needed)

    def _sweep(self, owner: people.Person, places: np.ndarray, flows: list[np.ndarray]) -> sweep.Sweep:
        from animate.model.warp.sampling import GridResampler

        whole = GridResampler(self.lattice, self.crop.matrix, self.rectangle)
        return sweep.sweep(owner, self.person.motion.unit, flows, places, lambda mask: whole.values(mask[None])[0])

    def _flow(self, index: int, shifts: Sequence[np.ndarray] = (np.zeros(2), np.zeros(2))) -> Any:
        return self.motion.person(self.driven[index], index, shifts)

    def hold(self, layer: Layer, pixels: np.ndarray) -> None:
        """Take over the layer of this person, (h, w, 4) in its `place`, and continue it beyond the scan's border; its
        part of the matte can go, as the layer holds it."""
        assert self.owner is not None
        self.layer = layer.picture
        beyond.fill(self.layer, layer.rectangle, pixels, self.owner, self.person.motion.head)
        self.owner = None
        self.corner = np.subtract(self.rectangle[:2], layer.rectangle[:2])  # where the rectangle begins in the layer
        self.sharp = self.layer[..., 0].size <= FINE_PIXELS

    def draw(self, frame: np.ndarray, index: int) -> None:
        """Lay this person of frame `index` over `frame` (H, W, 3) uint8, in place."""
        left, top, right, bottom = self.rectangle
        eyes = self.warp.eye_shifts(self.source, self.driven[index])
        flow, layers, shown = self._flow(index, [self.crop.matrix[:, :2] @ shift for shift in eyes])
        correction = self.networks.at(index) if self.networks else None
        tone = None if correction is None else self._tone(correction, index)
        motion = FrameMotion(self.warp, self.cell, flow, tone, self._mixture(index, flow))
        patches = [self._clipped(patch) for patch in self.warp.eye_patches(layers, eyes, shown)]
        self._lay(frame[top:bottom, left:right], motion, index, [patch for patch in patches if patch])
        if correction is not None:
            self._paint(frame, correction, index)
        self.mouth.draw(frame, index)
        if self.sources is not None:
            self.sources.draw(frame, index)

    def _clipped(self, patch: resample.Patch) -> resample.Patch | None:
        left, top, right, bottom = self.rectangle
        return resample.clipped(patch, (right - left, bottom - top))

    def _mixture(self, index: int, flow: np.ndarray) -> Mixture | None:
        """What the mirrored other side of the head adds to frame `index`."""
        if self.mirrored is None:
            return None
        found = self.mirrored.at(index, np.einsum("ij,rcj->irc", self.back, flow))
        return None if found is None else Mixture.of(self.warp.light(found), self.rectangle, self.cell)

    def _lay(self, window: np.ndarray, motion: FrameMotion, index: int, patches: Sequence[resample.Patch]) -> None:
        """Lay this person over `window`, the rectangle's part of a frame."""
        behind = [part_of(window, box).copy() for box, *_ in patches]
        opaque, others = self._parted(motion, index)
        for span, close in opaque:
            at, light = motion.seen(span, close=close)
            part_of(window, span)[:] = resample.moved(self.photo, at, light, sharp=self._is_sharp(span))
        for span, close in others:
            at, light = motion.seen(span, close=close)
            shown = self._mixed(self._sampled(at, sharp=self.sharp), motion, span, sharp=self.sharp)
            resample.lay(part_of(window, span), shown, light)
        for patch, under in zip(patches, behind, strict=True):
            base = self._sampled(motion.fine(patch[0]), sharp=True)
            shown = resample.patched(self.layer, base, self._placed(patch))
            shown = self._mixed(shown, motion, patch[0], sharp=True)
            resample.lay(under, shown, motion.light(patch[0]))
            part_of(window, patch[0])[:] = under

    def _mixed(self, own: np.ndarray, motion: FrameMotion, span: Rectangle, *, sharp: bool) -> np.ndarray:
        """What a span shows of the layer (h, w, 4): `own` is what the person's own motion shows."""
        if motion.mixture is None:
            return own
        return motion.mixture.mixed(own, span, lambda at: self._sampled(at, sharp=sharp))

    def _sampled(self, at: np.ndarray, *, sharp: bool) -> np.ndarray:
        at = at + np.float32(self.corner) if self.corner.any() else at
        return resample.sampled(self.layer, at, sharp=sharp)

    def _placed(self, patch: resample.Patch) -> resample.Patch:
        """A patch whose motions lead into the layer."""
        box, motions, covers = patch
        shift = np.tile(self.corner, len(covers)).astype(np.float32)
        return box, motions + shift[:, None, None], covers

    def _is_sharp(self, span: Rectangle) -> bool:
        return self.rectangle[1] + span[1] < self.shoulders

    def _parted(self, motion: FrameMotion, index: int) -> tuple[list[tuple[Rectangle, bool]], ...]:
        """Spans of the rectangle in frame `index`, each with whether it is close to the face: those that are wholly
        opaque and one photograph's, then all others in which there is something to be drawn."""
        opaque, present = self.cover.at(self.places + motion.known)
        if motion.mixture is not None:
            opaque, present = opaque & ~motion.mixture.present, present | motion.mixture.present
        count = BLOCK // self.cell
        opaque, present = (sweep.blocks(part, count, every=k == 0) for k, part in enumerate((opaque, present)))
        left, top, right, bottom = (edge // BLOCK for edge in self._face_box(index))
        near = np.zeros_like(opaque)
        near[top : bottom + 1, left : right + 1] = True
        parts = opaque & self.changed, present & self.changed & ~opaque
        return tuple(
            [(span, close) for close in (False, True) for span in spans_of(part & (near == close), self.rectangle)]
            for part in parts
        )

    def _face_box(self, index: int) -> Rectangle:
        """The box, counted from the rectangle's corner, of the driven face and what is close to it."""
        points, margin = self.person.driven.points[index, :, :2], FACE_MARGIN * self.person.motion.unit
        corner = np.array(self.rectangle[:2])
        low, high = (
            np.maximum(edge - corner, 0).astype(int) for edge in (points.min(0) - margin, points.max(0) + margin)
        )
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _faces(self) -> Rectangle:
        """The part of the scan, in whole blocks of the rectangle, in which the driven face is in any frame."""
        boxes = np.array([self._face_box(index) for index in range(len(self.person.driven))])
        corner, far = np.array(self.rectangle[:2]), np.array(self.rectangle[2:])
        low, high = boxes[:, :2].min(0) // BLOCK, boxes[:, 2:].max(0) // BLOCK + 1
        return (*(corner + low * BLOCK).tolist(), *np.minimum(corner + high * BLOCK, far).tolist())

    def _tone(self, correction: NeuralCorrection, index: int) -> np.ndarray:
        """The change of colour (3, rows, columns) at the nodes of this person's lattice."""
        assert self.networks is not None
        tone, creases = (
            self.networks.tone_at(correction, self.crop, self.nodes),
            self.mouth.shade(index, self.crop, self.nodes),
        )
        return tone if creases is None else tone + creases

    def _paint(self, frame: np.ndarray, correction: NeuralCorrection, index: int) -> None:
        assert self.networks is not None and self.grain is not None
        for strip, colour, alpha in self.networks.painted_strips(correction):
            print_match.blend(frame, strip, colour, alpha * self.mouth.spare(strip, index), self.grain)
