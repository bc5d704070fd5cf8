"""The inside of a mouth as another photograph of the same person shows it: her own teeth in the driven lips.

The upper teeth stay on the skull: a lip that opens uncovers them, and does not draw them out. What lies below their
edges - dark, tongue, lower teeth - goes with the lower lip. Where that photograph has nothing to show the proxy does.

Conventions: those of mouth.py; depths below the upper lip are in outer-eye distances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from animate.compose.kept_teeth import KeptTeeth
from animate.compose.mouth import MouthLook, MouthProxy
from animate.compose.mouth_frame import Pose, PosedFace
from animate.compose.mouth_opening import MouthMesh, Opening
from animate.core.numerics import luminance, smoothstep

TIED = 0.7  # of the way of the nose's base that is no turn of the head: landmarks that do not quite agree
STRETCH = (0.35, 0.6)  # what lies below the teeth, over the place it has to fill: from not enough to enough
INSIDE = 1.5  # pixels from the photograph's lips that are not taken
THIN = (0.008, 0.03)  # gap at one place of its lips from which something of it is taken
BITE, SEAM = (0.055, 0.012), 0.08  # how far the line of the bite is from either lip, and how dark beside the teeth
WIDER = 0.06  # gap beyond the photograph's over which only its teeth are kept
DIM, LIP_SHADE, LIP_WIDTH = 0.7, 0.35, 0.05  # light of teeth in hardly parted lips, less below the lip, and how far
KNOWN = (0.2, 0.45)  # share of the opening that the photograph must show, or the main one's proxy stays
SQUEEZED = 2.2  # how far it may be pressed together


class OwnMouth(MouthProxy):
    """The inside of one mouth of a further photograph, whose pixels are in the main one's tones already."""

    def __init__(self, face: PosedFace, mesh: MouthMesh, look: MouthLook, nose: Sequence[int], softer: float):
        """Get ready what all frames share.

        Args:
            face, mesh, look: as of any mouth.
            nose: landmarks of the nose's base, below which the teeth hang.
            softer: pixels of blur that the drawn mouth gets.
        """
        super().__init__(face, mesh, look)
        still = face.still
        points = (np.asarray(face.points, float) - still.offset) @ still.rotation / still.scale
        self.soft, self.nose = softer, list(nose)
        self.anchor = points[self.nose].mean(0)
        if self.kept is not None and self.own:
            self._bite(self.kept)

    def _bite(self, kept: KeptTeeth) -> None:
        """Find the dark line between upper and lower teeth, if both are shown; what lies below goes with the jaw."""
        s, t = self.frame.across(self.frame.on_arch(kept.x.astype(float), kept.y.astype(float), self.still))
        inside = (kept.mask > 0.5) & (np.abs(s) < 0.3 * self.frame.width)
        steps = np.round(t / 0.006).astype(int)
        known = [k for k in np.unique(steps[inside]) if (inside & (steps == k)).sum() >= 4]
        if len(known) < 8:
            return
        light = luminance(kept.planes.transpose(1, 2, 0))
        profile = gaussian_filter(np.array([light[inside & (steps == k)].mean() for k in known]), 1.0)
        first, last = int(BITE[0] / 0.006), len(known) - max(2, int(BITE[1] / 0.006))
        if last <= first:
            return
        low = first + int(profile[first:last].argmin())
        beside = min(profile[:low].max(initial=0), profile[low:].max(initial=0))
        if profile[low] < (1 - SEAM) * beside:
            self.edge = float(known[low] * 0.006)
            kept.mask = np.where(t > self.edge, 0, kept.mask)

    def inside(self, x: np.ndarray, y: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Whether places x, y lie between the lips of driven points (478, 3), 0..1."""
        return self._uncovered(*Opening(driven, self.mesh).margin(x, y))

    def _layer(self, x, y, depth, below, driven, head: Pose, gap: float) -> tuple[np.ndarray, float]:
        colour = self._picture(x, y, depth, below, driven, head, gap)
        if self.kept is None or not self.kept.known:
            return colour, 0.0
        at = self.frame.on_arch(x, y, head) + self._offset(driven, head)[:, None, None]
        s, t = self.frame.across(at)
        at = self.frame.drawn_out(at, s, self.frame.width_of(driven, head))
        place = np.einsum("ij,j...->i...", self.still.rotation, at) * self.still.scale
        x_own, y_own = (place[k] + self.still.offset[k] for k in (0, 1))
        opening, size = Opening(driven, self.mesh), float(head.scale)
        under, over = (np.maximum(part, 0) / size for part in opening.depth(x, y))
        before, after = (part / self.unit for part in self.rest.depth(x_own, y_own))
        own_gap = np.maximum(before + after, 1e-3)
        wanted, enough = self._deeper(under, under + over, before, own_gap, self.edge - t)
        pad = np.minimum(INSIDE / self.unit, 0.4 * own_gap)
        wanted = np.clip(wanted, pad, own_gap - pad)
        shift = (wanted - before) * self.unit
        x_own, y_own = x_own - self.rest.axis[1] * shift, y_own + self.rest.axis[0] * shift
        places = [y_own - self.kept.corner[1], x_own - self.kept.corner[0]]
        tooth = map_coordinates(self.kept.mask, places, order=1, mode="constant")
        own = self.kept.colours(places)
        weight = enough * smoothstep(own_gap, *THIN)
        weight = weight * np.maximum(tooth, 1 - smoothstep((gap - self.rest_gap) / WIDER))
        own = own * self._shade(gap, under)[..., None]
        inside = depth > 0
        known = smoothstep(float(weight[inside].mean()), *KNOWN) if inside.any() else 0.0
        return colour + weight[..., None] * (own - colour), float(known)

    def _shade(self, gap: float, under: np.ndarray) -> np.ndarray:
        """How light teeth are, 0..1, between lips less open than in the photograph: those are in the lips' shade."""
        open_by = float(smoothstep(gap / max(self.rest_gap, 1e-3)))
        shade = DIM + (1 - DIM) * open_by
        return shade * (1 - (1 - open_by) * LIP_SHADE * (1 - smoothstep(under / LIP_WIDTH)))

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
        drawn = smoothstep((edge_own - start) / np.maximum(edge, 1e-3), *STRETCH)
        return np.where(above, upper, lower), np.where(above, drawn, smoothstep(rate, *STRETCH))

    def _offset(self, driven: np.ndarray, head: Pose) -> np.ndarray:
        """How the nose's base lies otherwise in this photograph than in the driven face, in head coordinates (3,)."""
        now = ((driven[self.nose] - head.offset) @ head.rotation / head.scale).mean(0)
        return TIED * (self.anchor - now) * (1, 1, 0)
