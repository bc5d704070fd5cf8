"""The stage: faces of one photograph, each with its driven points, rendered frame by frame at the scan's own size.

Part of the pipeline: it joins model (motion of pixels) and compose (who may write where). Points are scan pixels.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from animate import memory
from animate.compose import mask, paste
from animate.faces.crop import cut
from animate.looking import SPAN
from animate.motion import anchors
from animate.values import Photo, Portrait

BATCH = 1  # frames rendered by one thread at a time: their motion is computed together


class Actor:
    """One face: its motion in crop pixels and the place of its pixels in the scan."""

    def __init__(self, photo: Photo, portrait: Portrait):
        from animate.model.dense_motion import FirstOrder, face_lattice
        from animate.model.native import Native

        self.crop = portrait.crop
        points = self.crop.into(portrait.keypoints.points)
        size = self.crop.size
        lattice = face_lattice(points, size=size, span=SPAN, mouth=anchors.LIPS)
        reach = mask.reach(points, lattice.xs, lattice.ys[:, None], size=size)
        self.motion = FirstOrder(points, lattice, _surface(), size=size, span=SPAN, reach=reach, picture=cut(photo.pixels, self.crop))
        self.layer = paste.layer(points, self.crop, photo.pixels.shape)
        self.native = Native(photo.pixels, self.motion, lattice, self.crop.matrix, self.layer.rectangle, self.layer.spans)


class Stage:
    """Renders `frames()` of a photograph in which each portrait follows its driven points (T, 478, 3)."""

    def __init__(self, photo: Photo, cast: Sequence[tuple[Portrait, np.ndarray]], *, threads: int = 0):
        """`threads` frames are rendered side by side, each on one core; 0 takes all cores."""
        self.photo, self.threads = photo, threads or os.cpu_count() or 1
        self.actors = [Actor(photo, portrait) for portrait, _ in cast]
        self.driven = [driven for _, driven in cast]
        self.layers = [actor.layer for actor in self.actors]
        memory.trim()

    def __len__(self) -> int:
        return len(self.driven[0])

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of frames (H, W, 3) uint8; outside the faces' masks each equals the photograph bit for bit."""
        from animate.model.threads import alone

        starts = iter(range(0, len(self), BATCH))
        with ThreadPoolExecutor(self.threads, initializer=alone) as pool:
            waiting = deque(pool.submit(self._batch, start) for start in islice(starts, self.threads))
            try:
                while waiting:
                    yield from waiting.popleft().result()
                    waiting.extend(pool.submit(self._batch, start) for start in islice(starts, 1))
            finally:
                pool.shutdown(cancel_futures=True)

    def _batch(self, start: int) -> list[np.ndarray]:
        flows = [actor.motion.layers(actor.crop.into(driven[start : start + BATCH])) for actor, driven in zip(self.actors, self.driven, strict=True)]
        return [self._frame(flows, index) for index in range(len(flows[0][0]))]

    def _frame(self, flows: list, index: int) -> np.ndarray:
        own = [actor.native.motion(flow[index]) for actor, (flow, _) in zip(self.actors, flows, strict=True)]
        patches = []
        for actor, motion, alone, (_, sheets) in zip(self.actors, paste.merge(self.layers, own), own, flows, strict=True):
            patches.append(actor.native.picture(motion, alone, [sheet[index] for sheet in sheets]))
        return paste.compose(self.photo.pixels, self.layers, patches)


def _surface():
    """The mesh in the words of the motion model."""
    from animate.model.frames import Surface

    upper = anchors.OUTER_UPPER + anchors.INNER_UPPER
    lower = anchors.OUTER_LOWER + anchors.INNER_LOWER
    return Surface(anchors.TRIANGLES, anchors.EYE_CORNERS, anchors.UPPER_LIDS, anchors.LOWER_LIDS, anchors.IRISES, ((upper, lower),))
