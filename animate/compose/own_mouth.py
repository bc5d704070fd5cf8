"""The inside of a mouth as another photograph of the same person shows it: her own teeth in the driven lips.

The upper teeth stay on the skull: a lip that opens uncovers them, and does not draw them out. What lies below their
edges - dark, tongue, lower teeth - goes with the lower lip. Where that photograph has nothing to show the proxy does.

Conventions: those of mouth.py; depths below the upper lip are in outer-eye distances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import map_coordinates

from animate.compose.mouth import MouthProxy, Pose
from animate.compose.mouth_opening import Opening
from animate.core.numerics import smoothstep

TIED = 0.7  # of the way of the nose's base that is no turn of the head: landmarks that do not quite agree
STRETCH = (0.35, 0.6)  # what lies below the teeth, over the place it has to fill: from not enough to enough
SQUEEZED = 2.2  # how far it may be pressed together


class OwnMouth(MouthProxy):
    """The inside of one mouth of a further photograph, whose pixels are in the main one's tones already."""

    def tie(self, nose: Sequence[int], softer: float) -> None:
        """Lay the drawn mouth below the nose's base, landmarks `nose`, and soften it by `softer` pixels."""
        self.soft, self.nose = softer, list(nose)
        still = self.still
        points = (self.base - still.offset) @ still.rotation / still.scale
        self.anchor = points[self.nose].mean(0)

    def __init__(self, pixels: np.ndarray, points: np.ndarray, *args, **kwargs):
        self.base = np.asarray(points, float)
        super().__init__(pixels, points, *args, **kwargs)
        self.nose, self.anchor = [], np.zeros(3)

    @property
    def shows(self) -> bool:
        """Whether the lips of the photograph are open at all."""
        return hasattr(self, "planes")

    def _picture(self, x, y, depth, below, driven, head: Pose, gap: float) -> np.ndarray:
        colour = super()._picture(x, y, depth, below, driven, head, gap)
        if not self.shows:
            return colour
        at = self._head(x, y, head) + self._offset(driven, head)[:, None, None]
        _, t = self._mouth(at)
        at = self._drawn_out(at, self._mouth(at)[0], self._width(driven, head))
        place = np.einsum("ij,j...->i...", self.still.rotation, at) * self.still.scale
        x_own, y_own = (place[k] + self.still.offset[k] for k in (0, 1))
        opening, size = Opening(driven, self.mesh), float(head.scale)
        under, over = (np.maximum(part, 0) / size for part in opening.depth(x, y))
        before, after = (part / self.unit for part in self.rest.depth(x_own, y_own))
        wanted, enough = self._deeper(under, under + over, before, np.maximum(before + after, 1e-3), self.edge - t)
        shift = (wanted - before) * self.unit
        x_own, y_own = x_own - self.rest.axis[1] * shift, y_own + self.rest.axis[0] * shift
        weight = enough * smoothstep(np.minimum(*self.rest.depth(x_own, y_own)) / 1.5 + 0.5)
        places = [y_own - self.corner[1], x_own - self.corner[0]]
        own = np.stack([map_coordinates(plane, places, order=1, mode="nearest") for plane in self.planes], -1)
        return colour + weight[..., None] * (own - colour)

    @staticmethod
    def _deeper(
        under: np.ndarray, gap: np.ndarray, before: np.ndarray, own_gap: np.ndarray, length: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Depth in the photograph that is shown at depth `under` of lips `gap` apart, and whether there is enough.

        Args:
            under, gap: below the driven upper lip, and down to the lower lip.
            before, own_gap: the same in the photograph at the same place of the skull.
            length: from here down to the upper teeth's edges.
        """
        lifted = before - under  # how much higher the photograph's upper lip is on the skull
        edge_own = np.minimum(before + length, own_gap)
        edge = edge_own - lifted
        start = np.maximum(lifted, 0)
        upper = start + (edge_own - start) * under / np.maximum(edge, 1e-3)
        room = np.maximum(gap - np.maximum(edge, 0), 1e-3)
        rate = (own_gap - np.maximum(edge_own, start)) / room
        lower = np.maximum(edge_own, start) + np.clip(rate, 0, SQUEEZED) * (under - np.maximum(edge, 0))
        above = under < edge
        return np.where(above, upper, lower), np.where(above, 1.0, smoothstep(rate, *STRETCH))

    def _offset(self, driven: np.ndarray, head: Pose) -> np.ndarray:
        """How the nose's base lies otherwise in this photograph than in the driven face, in head coordinates (3,)."""
        now = ((driven[self.nose] - head.offset) @ head.rotation / head.scale).mean(0)
        return TIED * (self.anchor - now) * (1, 1, 0)
