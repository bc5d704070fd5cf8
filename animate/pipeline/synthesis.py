"""How much of a clip's faces is painted, not moved, by the networks and by the mouth that is drawn: as a percentage and
as a picture. What further photographs give is not painted.

Part of the pipeline: it joins the corrections of the networks, mouths and sources.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animate.core.numerics import luminance
from animate.core.types import Photo
from animate.motion import landmarks
from animate.pipeline.face_parts import FaceParts

STRONG = (214, 20, 96)  # colour of what is painted, on the grey scan


class Synthesis:
    """What is painted of one driven face."""

    def __init__(self, parts: FaceParts):
        assert parts.networks is not None
        self.networks, self.mouth, self.sources = parts.networks, parts.mouth, parts.sources
        self.points = parts.driven.points

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


def synthesized_share(faces: Sequence[FaceParts]) -> float:
    """Percent of the moved faces that is painted, not moved, in the frame where it is most; 0 without networks."""
    shares = [Synthesis(parts).percent() for parts in faces if parts.networks]
    return float(np.mean(shares)) if shares else 0.0


def synthesis_picture(photo: Photo, faces: Sequence[FaceParts]) -> np.ndarray:
    """A picture of everything that is painted in any frame, by how much, in one strong colour on the grey photograph.

    Args:
        photo: the photograph.
        faces: who moves; what has no networks is not painted.

    Returns:
        (H, W, 3) uint8.
    """
    share = np.zeros(photo.pixels.shape[:2], np.float32)
    for face in [Synthesis(parts) for parts in faces if parts.networks]:
        for index in range(len(face.points)):
            face.lay(share, index)
    plain = luminance(photo.pixels)
    return np.stack([(plain + share * (np.float32(colour) - plain) + 0.5).astype(np.uint8) for colour in STRONG], -1)
