"""Teeth that a photograph shows between its lips: which pixels they are, their tone, where they end, where they go.

Conventions: those of mouth_frame.py.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, gaussian_filter, label, map_coordinates, maximum, median_filter

from animate.compose.mouth_frame import MouthFrame, PosedFace
from animate.compose.mouth_opening import Opening
from animate.core.numerics import luminance, smoothstep

MARGIN = 0.02  # above the lower lip, whose wet edge shines as teeth do
BRIGHT = 0.62  # lightness over the tooth's tone from which a pixel between the lips is a tooth
COLOURED = 0.28  # spread of a colour over its lightness above which it is no tooth
SHOWN = (0.12, 0.3)  # share of the opening that is teeth, from none to surely shown
BETWEEN = 0.014  # half the widest gap that is one between teeth
INWARDS = 0.25  # of the way from lip to lip that teeth reach in; a lip that lies inside its landmarks does not
LINE = (0.4, 0.10)  # from where on a dark line ends the upper teeth, and how much darker it is than either side
SOFT = 0.012  # outer-eye distances over which the edge of a tooth passes into the dark
SMOOTH = 0.008  # outer-eye distances over which that is measured
LIP, OVER_LIPS = (0.01, 0.06), (1.1, 1.35)  # lips beside the opening, and how much more than they teeth shine
DIMMEST = 0.4  # of the lightest that a tooth may be
BESIDE = (0.06, 0.22)  # beyond the outermost tooth that is shown, over which drawn ones end
DUSK = 0.45, 0.12  # of the light that those lose in the corner of the mouth, and over what way
WIDER = 0.06  # gap beyond the photograph's over which only its teeth are kept


class KeptTeeth:
    """The inside of one photograph's mouth."""

    def __init__(self, face: PosedFace, frame: MouthFrame, tooth: np.ndarray):
        """Learnt from a photograph with open lips; `tooth` (3,) is the lightest that a tooth of it may be."""
        self.still, self.frame = face.still, frame
        self.rest = Opening(face.points, frame.mesh)
        self.rest_gap = self.rest.gap / frame.unit
        pad = 2 + int(0.15 * frame.unit)
        low, high = np.floor(self.rest.low).astype(int) - pad, np.ceil(self.rest.high).astype(int) + pad
        low, high = (np.clip(corner, 0, face.pixels.shape[1::-1]) for corner in (low, high))
        self.own, self.known = 0.0, bool((high - low >= 2).all())
        if self.known:
            self.x, self.y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
            self.corner, colour = low, face.pixels[self.y, self.x].astype(np.float32)
            self.planes = colour.transpose(2, 0, 1).copy()
            self._learn(colour, tooth)

    def _learn(self, colour: np.ndarray, tooth: np.ndarray) -> None:
        unit, light = self.frame.unit, luminance(colour)
        upper, lower = self.rest.depth(self.x, self.y)
        inside = (upper > 0.5) & (lower > max(0.5, MARGIN * unit))
        down = upper / np.maximum(upper + lower, 1e-3)  # 0 at the upper lip, 1 at the lower
        inside &= down < self._lower_ends(gaussian_filter(light, SMOOTH * unit))
        bright = inside & (light > BRIGHT * self._level(light, down, float(luminance(tooth))))
        bright &= np.ptp(colour, axis=-1) < COLOURED * light + 12
        bright = _together(bright, np.minimum(down, 1 - down), unit) & inside
        self.own = float(smoothstep(bright.sum() / max(inside.sum(), 1), *SHOWN))
        self.mask = smoothstep(gaussian_filter(bright.astype(np.float32), SOFT * unit), 0.15, 0.6)
        if not self.own:
            return
        self.tone = colour[bright & (light >= np.percentile(light[bright], 60))].mean(0)
        at = self.frame.on_arch(self.x[bright].astype(float), self.y[bright].astype(float), self.still)
        s, t = self.frame.across(at)
        self.edge = float(np.percentile(t, 90))
        self.ends = tuple(np.percentile(s, (2, 98)).tolist())

    def _level(self, light: np.ndarray, down: np.ndarray, tooth: float) -> float:
        """The lightness of teeth: `tooth`, or less in the shade of a hat, if it shines there more than the lips."""
        upper, lower = (part / self.frame.unit for part in self.rest.depth(self.x, self.y))
        deep = (upper > 0) & (lower > 0) & (np.abs(down - 0.5) < 0.3)
        lips = (upper > -1) & ((upper < -LIP[0]) & (upper > -LIP[1]) | (lower < -LIP[0]) & (lower > -LIP[1]))
        if not deep.any() or not lips.any():
            return tooth
        shine = float(np.percentile(light[deep], 95))
        over = smoothstep(shine / max(float(np.median(light[lips])), 1.0), *OVER_LIPS)
        return tooth + float(over) * (np.clip(shine, DIMMEST * tooth, tooth) - tooth)

    def _lower_ends(self, light: np.ndarray) -> np.ndarray:
        """How far down from upper to lower lip, 0..1, the upper teeth reach at each place (h, w): to the dark line
        below them, if there is one; what shines below is the lower teeth or the lip."""
        rest, down = self.rest, np.linspace(0, 1, 32)[:, None]
        t = rest.top + down * (rest.bottom - rest.top)
        x = rest.middle[0] + rest.axis[0] * rest.xs - rest.axis[1] * t - self.corner[0]
        y = rest.middle[1] + rest.axis[1] * rest.xs + rest.axis[0] * t - self.corner[1]
        column = map_coordinates(light, [y, x], order=1, mode="nearest")
        above = np.maximum.accumulate(column, 0)
        below = np.maximum.accumulate(column[::-1], 0)[::-1]
        depth = np.minimum(above, below) / np.maximum(column, 1) - 1
        depth[(down < LINE[0]).ravel()] = 0
        ends = np.where(depth.max(0) > LINE[1], down[depth.argmax(0), 0], 1.0)
        s = (self.x - rest.middle[0]) * rest.axis[0] + (self.y - rest.middle[1]) * rest.axis[1]
        return np.interp(s, rest.xs, median_filter(ends, 9, mode="nearest"))

    def beside(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far teeth are drawn at places along the lips, and how light they are, 0..1: beyond the teeth that the
        photograph shows it is dark."""
        beyond = np.maximum(self.ends[0] - s, s - self.ends[1])
        return 1 - self.own * smoothstep(beyond, *BESIDE), 1 - self.own * DUSK[0] * smoothstep(beyond / DUSK[1])

    def colours(self, places: list[np.ndarray]) -> np.ndarray:
        """The photograph (h, w, 3) float32 at places (y, x) counted from `corner`."""
        return np.stack([map_coordinates(plane, places, order=1, mode="nearest") for plane in self.planes], -1)

    def moved(
        self, at: np.ndarray, t: np.ndarray, below: np.ndarray, gap: float, edge: float
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Places (y, x) of the photograph's own teeth, drawn out to a lip that has been lifted, and how far they are
        seen.

        Args:
            at: places in head coordinates (3, h, w).
            t: the same across the lips.
            below: how far below the upper lip.
            gap: of the driven lips.
            edge: t where the upper teeth end.
        """
        unit = self.frame.unit
        place = np.einsum("ij,j...->i...", self.still.rotation, at) * self.still.scale
        x, y = (place[k] + self.still.offset[k] for k in (0, 1))
        before = self.rest.depth(x, y)[0] / unit
        length = np.maximum(edge - t, 0)
        wanted = below * np.clip((before + length) / np.maximum(below + length, 1e-3), 0.4, 1.2)
        shift = np.where(length > 0, np.minimum(wanted - before, length), 0) * unit
        x, y = x - self.rest.axis[1] * shift, y + self.rest.axis[0] * shift
        inside = smoothstep(np.minimum(*self.rest.depth(x, y)) / 1.5 + 0.5)
        places = [y - self.corner[1], x - self.corner[0]]
        tooth = map_coordinates(self.mask, places, order=1, mode="constant")
        return places, self.own * inside * np.maximum(tooth, 1 - smoothstep((gap - self.rest_gap) / WIDER))


def _together(bright: np.ndarray, inwards: np.ndarray, unit: float) -> np.ndarray:
    """The teeth among bright pixels (h, w): the largest row of them with the gaps between, without the edges of lips
    and cheeks that lie inside the landmarks.

    Args:
        bright: what may be a tooth.
        inwards: 0 at either lip, 0.5 half-way between them.
        unit: pixels of an outer-eye distance.
    """
    parts, count = label(bright, np.ones((3, 3)))
    deep = np.asarray(maximum(inwards, parts, np.arange(count + 1))) >= INWARDS
    deep[0] = False
    teeth = deep[parts]
    reach = max(1, round(BETWEEN * unit))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    rows, count = label(binary_closing(np.pad(teeth, reach), np.hypot(x, y) <= reach)[reach:-reach, reach:-reach])
    if not count:
        return teeth
    largest = 1 + int(np.argmax([(teeth & (rows == k)).sum() for k in range(1, count + 1)]))
    return (rows == largest) & (inwards > 0)
