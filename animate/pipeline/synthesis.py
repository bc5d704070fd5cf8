"""How much of a clip's faces is painted, not moved, by the networks and by the mouth that is drawn: as a percentage and
as a picture. What further photographs give is not painted.

Part of the pipeline: it joins the corrections of the networks, mouths and sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from animate.core.numerics import luminance
from animate.core.protocols import MotionPredictor
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.motion import landmarks
from animate.pipeline.mouths import DrivenMouth
from animate.pipeline.neural import FaceNetworks
from animate.pipeline.sources import FaceSources

Cast = Sequence[tuple[Portrait, DrivenLandmarks]]
Sources = Mapping[int, FaceSources]

STRONG = (214, 20, 96)  # colour of what is painted, on the grey scan
NONE: Sources = MappingProxyType({})


class Synthesis:
    """What is painted of one driven face."""

    def __init__(
        self,
        photo: Photo,
        portrait: Portrait,
        driven: DrivenLandmarks,
        networks: MotionPredictor,
        teeth: float = 1.0,
        sources: FaceSources | None = None,
    ):
        self.networks = FaceNetworks(photo, portrait, driven, networks)
        self.mouth = DrivenMouth(photo, portrait, driven, teeth)
        self.points, self.sources = driven.points, sources

    def percent(self) -> float:
        """Percent of the face that is painted in the frame where it is most, of those that are measured."""
        return max(self._percent(index) for index in self.networks.sampled())

    def _percent(self, index: int) -> float:
        correction = self.networks.at(index)
        if correction is None:
            return 0.0
        x, y = self.networks.places(index)
        mouth = self.mouth.painted(x, y, index)
        alpha = correction.alpha * self.mouth.spared(x, y, index)
        return self.networks.percent(self._less_given(alpha + (1 - alpha) * mouth, x, y, index), index)

    def _less_given(self, alpha: np.ndarray, x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray:
        return alpha if self.sources is None else alpha * (1 - self.sources.cover(x, y, index))

    def lay(self, share: np.ndarray, index: int) -> None:
        """Raise `share` (H, W) to what is painted of each pixel in frame `index`, in place."""
        correction = self.networks.at(index)
        if correction is None:
            return
        for (left, top, right, bottom), _, alpha in self.networks.painted_strips(correction):
            window = share[top:bottom, left:right]
            x, y = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
            left_over = self._less_given(alpha * self.mouth.spared(x, y, index), x, y, index)
            np.maximum(window, left_over, out=window)
        ring = self.points[index][list(landmarks.INNER_LIPS), :2]
        low = np.clip(np.floor(ring.min(0)).astype(int), 0, share.shape[::-1])
        high = np.clip(np.ceil(ring.max(0)).astype(int) + 1, 0, share.shape[::-1])
        window = share[low[1] : high[1], low[0] : high[0]]
        if window.size:
            x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
            np.maximum(window, self._less_given(self.mouth.painted(x, y, index), x, y, index), out=window)


def _faces(
    photo: Photo, cast: Cast, networks: MotionPredictor | None, teeth: float, sources: Sources
) -> list[Synthesis]:
    if not networks:
        return []
    return [Synthesis(photo, *part, networks, teeth, sources.get(k)) for k, part in enumerate(cast)]


def synthesized_share(
    photo: Photo, cast: Cast, networks: MotionPredictor | None, *, teeth: float = 1.0, sources: Sources = NONE
) -> float:
    """Percent of the moved faces that is painted, not moved, in the frame where it is most; 0 without networks.

    Args:
        photo: the photograph.
        cast: who moves, and how.
        networks: what the clip is rendered with.
        teeth: how much of the teeth is drawn, 0..1.
        sources: further photographs of those who move.
    """
    faces = _faces(photo, cast, networks, teeth, sources)
    return float(np.mean([face.percent() for face in faces])) if faces else 0.0


def synthesis_picture(
    photo: Photo, cast: Cast, networks: MotionPredictor | None, *, teeth: float = 1.0, sources: Sources = NONE
) -> np.ndarray:
    """A picture of everything that is painted in any frame, by how much, in one strong colour on the grey photograph.

    Args:
        photo: the photograph.
        cast: who moves, and how.
        networks: what the clip is rendered with; without them nothing is painted.
        teeth: how much of the teeth is drawn, 0..1.
        sources: further photographs of those who move.

    Returns:
        (H, W, 3) uint8.
    """
    share = np.zeros(photo.pixels.shape[:2], np.float32)
    for face in _faces(photo, cast, networks, teeth, sources):
        for index in range(len(face.points)):
            face.lay(share, index)
    plain = luminance(photo.pixels)
    return np.stack([(plain + share * (np.float32(colour) - plain) + 0.5).astype(np.uint8) for colour in STRONG], -1)
