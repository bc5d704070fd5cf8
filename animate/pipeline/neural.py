"""What the motion networks change about one face of a photograph, frame by frame.

Part of the pipeline: it joins model, faces, compose and motion. The networks have an upright crop of their own, n pixels a side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from animate.compose import mask
from animate.compose.print_match import Palette
from animate.core.types import SHADING_POINTS, DrivenLandmarks, Photo, Portrait
from animate.faces import crop as crops
from animate.motion import disocclusion, landmarks
from animate.pipeline.keyframes import KeyframeCache, keyframes

STEP = 0.01  # eye distances that a point moves at least between two frames that the networks look at
FULL = 0.03  # eye distances that a point has to move before the networks say all they have to say
SAMPLE = 4  # frames by which is told how much is painted, besides the one that needs it most
STRONG = (214, 20, 96)  # colour of what is painted, on the grey scan


@dataclass(frozen=True, eq=False)
class NeuralCorrection:
    """What one frame gets besides its first-order motion, in crop pixels: residual flow (n/4, n/4, 2), tone (n/4, n/4, 3), and
    colour (n, n, 3) that is laid over as far as alpha (n, n) says."""

    residual: np.ndarray
    tone: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray

    def mixed(self, other: NeuralCorrection, share: float) -> NeuralCorrection:
        """`share` of the other, the rest of this one."""
        pairs = ((getattr(one, name) for one in (self, other)) for name in ("residual", "tone", "colour", "alpha"))
        return NeuralCorrection(*(a + np.float32(share) * (b - a) for a, b in pairs))


class FaceNetworks:
    """One face that is Driven, in the eyes of the networks."""

    def __init__(self, photo: Photo, portrait: Portrait, driven: DrivenLandmarks, networks):
        from animate.model.nets.upscale import border_fade
        from animate.model.warp.dense_motion import FirstOrder
        from animate.model.warp.relight import ShadingField
        from animate.model.warp.sampling import NodeGrid

        source, self.networks = portrait.keypoints.points, networks
        five = landmarks.five(source)[:, :2]
        self.crop = crops.crop_from_five(five, size=networks.size, span=networks.network.shape.span)
        picture, points = crops.cut(photo.pixels, self.crop), self.crop.into(source)
        cells, pixels = (networks.nodes(networks.size, cell) for cell in (2, 1))
        span = networks.network.shape.span
        self.motion = FirstOrder(points, NodeGrid(cells, cells), mesh_topology(), size=networks.size, span=span)
        self.source, self.palette = networks.encode(picture, points), Palette(picture)
        self.shading = driven.shading
        self.relight = (
            None
            if driven.shading is None
            else ShadingField(points, mesh_topology(), size=networks.size, span=span, count=SHADING_POINTS)
        )
        to_wide = compose_affine(portrait.crop.matrix, self.crop.inverse())
        x, y = (m[0] * pixels + m[1] * pixels[:, None] + m[2] for m in to_wide.astype(np.float32))
        self.wide, self.driven = portrait.crop, driven.points
        self.reach = mask.Reach(portrait.crop.into(source), x, y, size=portrait.crop.size)
        self.fade = border_fade(networks.size, np.eye(2, 3), NodeGrid(pixels, pixels))
        moved = np.linalg.norm((driven.points - source)[..., :2], axis=-1).max(1) / np.linalg.norm(five[1] - five[0])
        self.gate = _smooth(moved / FULL)  # (T,)
        self.needs, self.pixels = disocclusion.inpaint_demand(source, driven.points), pixels
        self.moments = KeyframeCache(
            keyframes(driven.points, STEP * float(np.linalg.norm(five[1] - five[0]))), self._look
        )

    def touch(self, index: int) -> NeuralCorrection | None:
        """What frame `index` gets; None where the face rests. The networks look at some frames only; what lies between two that
        are nearly the same gets a mixture of theirs."""
        return self.moments.at(index) if self.gate[index] else None

    def _look(self, index: int) -> NeuralCorrection:
        """What the networks say of frame `index`."""
        gate = float(self.gate[index])
        reach = self.reach(self.wide.into(self.driven[index]))
        half = len(reach) // 2
        driven = self.crop.into(self.driven[index : index + 1])
        allowed = disocclusion.inpaint_mask(self.needs[index], driven[0], self.pixels, self.pixels)
        flow = self.motion.flow(driven) * reach.reshape(half, 2, half, 2).mean((1, 3))[None, ..., None]
        shading = self.relight and self.relight(landmarks.shading_points(driven), self.shading[index : index + 1])
        said = self.networks.frames(self.source, driven, flow, shading)
        alpha = gate * allowed * (1 - said.keep[0]) * reach * self.fade
        return NeuralCorrection(
            gate * said.residual[0], gate * self.palette.tone(said.tone[0]), self.palette.colour(said.colour[0]), alpha
        )

    def painted(self) -> float:
        """Percent of the face that is painted, not moved, where it is most: of a few frames and the one with the greatest need."""
        chosen = ((np.arange(SAMPLE) + 0.5) * len(self.driven) / SAMPLE).astype(int)
        return max(self._painted(int(index)) for index in (*chosen, self.needs.sum(1).argmax()))

    def _painted(self, index: int) -> float:
        touch = self.touch(index)
        driven = self.crop.into(self.driven[index : index + 1])
        return 0.0 if touch is None else float(self.networks.painted(1 - touch.alpha[None], driven)[0])


def synthesized_share(photo: Photo, cast: Sequence[tuple[Portrait, DrivenLandmarks]], networks) -> float:
    """Percent of the moved faces that is painted, not moved, in the frame where it is most; 0 without networks."""
    return float(np.mean([FaceNetworks(photo, *part, networks).painted() for part in cast])) if networks else 0.0


def synthesis_picture(
    photo: Photo, cast: Sequence[tuple[Portrait, DrivenLandmarks]], networks, threads: int
) -> np.ndarray:
    """The photograph in grey (H, W, 3) uint8, in one strong colour over it whatever is painted in any frame, by how much."""
    from animate.model.nets.upscale import PaintUpsampler
    from animate.photo.contrast import luminance

    height, width = photo.pixels.shape[:2]
    share = np.zeros((height, width), np.float32)
    for portrait, driven in cast if networks else ():
        face = FaceNetworks(photo, portrait, driven, networks)
        alpha = reduce(np.maximum, _alphas(face, threads))
        overlay = PaintUpsampler(networks.size, face.crop.matrix, (0, 0, width, height))
        shrunk = overlay.shrunk(alpha[None])
        for left, top, right, bottom in overlay.strips(alpha):
            window = share[top:bottom, left:right]
            np.maximum(window, overlay.draw(shrunk, (left, top, right, bottom))[0], out=window)
    plain = luminance(photo.pixels)
    return np.stack([(plain + share * (np.float32(colour) - plain) + 0.5).astype(np.uint8) for colour in STRONG], -1)


def _alphas(face: FaceNetworks, threads: int) -> Iterator[np.ndarray]:
    from animate.model.parallel import parallel_map

    def alpha(index: int) -> np.ndarray:
        touch = face.touch(index)
        return np.zeros_like(face.fade) if touch is None else touch.alpha

    return parallel_map(alpha, range(len(face.driven)), threads)


def compose_affine(first: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The (2, 3) matrix that does `before`, then `first`."""
    return first @ np.vstack([before, [0, 0, 1]])


def mesh_topology():
    """The mesh in the words of the motion model."""
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


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
