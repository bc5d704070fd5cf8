"""Teeth, tongue and the dark of a mouth that opens: drawn at the scan's own size inside the inner lips.

The upper teeth are fixed to the skull and the lower to the jaw; teeth that the photograph shows are kept and moved with
the skull, and what opens beyond them is continued in their colour.

Conventions: frames (H, W, 3) uint8 RGB; points (478, 3) scan pixels; head coordinates have the outer eye corners 1
apart, x right, y down, z away. A head pose has rotation (3, 3), scale and offset (3,): pixels = scale * rotation @ head
+ offset.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from animate.compose import teeth
from animate.compose.mouth_opening import MouthMesh, Opening
from animate.compose.mouth_tone import MouthTone
from animate.compose.print_match import Grain, blend
from animate.core.numerics import Rectangle, luminance, smoothstep

FINE = 130  # scan pixels between the eyes from which a pixel is small enough for one sample
BEHIND = 0.035  # the upper teeth lie behind the lip
UPPER_EDGE, LOWER_EDGE = 0.020, -0.028  # edges of the teeth of a closed mouth, below the lips' line
SMILE = 0.026  # how much more of the upper teeth a smile shows
SPREAD = (0.98, 1.15)  # width of the lips over that in the photograph, from no smile to a full one
PARTED = np.array([0.006, 0.035])  # gap beyond the photograph's over which the mouth is drawn more and more
KEPT = np.array([0.03, 0.08])  # the same where the photograph shows teeth, which move along up to there
GUM = (0.095, 0.135)  # above the teeth's edges, over which they pass into the gum
OWN_SPARED = 1.0  # how far teeth that the photograph shows are kept from the networks' paint
HAIR = (0.14, 0.06)  # depth over which hair above and below thins out
OPEN = 0.03  # gap of a photograph's lips from which there is something to be kept
MARGIN = 0.02  # above the lower lip, whose wet edge shines as teeth do
OWN = 0.62  # lightness over the tooth's tone from which a pixel between the lips is a tooth
COLOURED = 0.28  # spread of a colour over its lightness above which it is no tooth


class Pose(Protocol):
    """Where a head is."""

    @property
    def rotation(self) -> np.ndarray: ...

    @property
    def scale(self) -> np.ndarray: ...

    @property
    def offset(self) -> np.ndarray: ...


class MouthProxy:
    """The inside of one person's mouth."""

    def __init__(
        self,
        pixels: np.ndarray,
        points: np.ndarray,
        shape: np.ndarray,
        still: Pose,
        mesh: MouthMesh,
        tone: MouthTone,
        grain: Grain,
        *,
        blur: float,
        shown: tuple[float, float] = (1.0, 1.0),
        hidden: tuple[float, float] = (0.0, 0.0),
        infant: float = 0.0,
    ):
        """Get ready what all frames share.

        Args:
            pixels: the photograph.
            points: its face.
            shape: that face (478, 3) in head coordinates.
            still: takes `shape` to `points`.
            mesh: which landmarks are lips.
            tone: colours of the mouth.
            grain: the photograph's grain.
            blur: standard deviation in pixels of the photograph's sharpest edges.
            shown: how much of the upper and lower teeth is shown, 0..1.
            hidden: how surely hair hangs over the upper and grows under the lower lip, 0..1.
            infant: how surely there are no teeth yet, unless the photograph shows some, 0..1.
        """
        self.pixels, self.still, self.mesh, self.tone, self.grain, self.blur = pixels, still, mesh, tone, grain, blur
        self.soft = blur  # that the drawn picture gets
        self.shown, self.hidden, self.unit = shown, hidden, float(still.scale)
        ring = shape[[*mesh.corners, *mesh.upper, *mesh.lower]]
        way = shape[mesh.corners[1]] - shape[mesh.corners[0]]
        self.width = max(float(np.linalg.norm(way)), 1e-6)
        self.axis = way[:2] / max(float(np.hypot(*way[:2])), 1e-6)
        self.centre, self.jaw = ring[:, :2].mean(0), shape[list(mesh.jaw)].mean(0)
        half = len(mesh.upper) // 2
        self.front = float(shape[mesh.upper[half], 2]) + BEHIND
        middle = shape[[mesh.upper[half], mesh.lower[half]], :2]
        self.line = (middle - self.centre) @ np.array([-self.axis[1], self.axis[0]])
        self.rest = Opening(points, mesh)
        self.rest_gap = self.rest.gap / self.unit
        self.edge, self.own = float(self.line[0]) + UPPER_EDGE, 0.0
        if self.rest_gap > OPEN:
            self._keep()
        self.shown = tuple(share * (1 - infant * (1 - self.own)) for share in self.shown)

    def draw(
        self,
        frame: np.ndarray,
        driven: np.ndarray,
        head: Pose,
        strength: float | None = None,
        opening: Opening | None = None,
    ) -> None:
        """Draw the mouth of driven points (478, 3) into `frame`, in place, inside its inner lips only; how strongly,
        0..1, follows from how far they open unless it is given. `opening` is that of the points, if it is known."""
        opening = opening or Opening(driven, self.mesh)
        gap = opening.gap / float(head.scale)
        strength = self._strength(gap) if strength is None else strength
        low = np.clip(np.floor(opening.low).astype(int), 0, frame.shape[1::-1])
        high = np.clip(np.ceil(opening.high).astype(int) + 1, 0, frame.shape[1::-1])
        if strength <= 0 or opening.gap < 1 or (high - low < 2).any():
            return
        times = 1 if self.unit > FINE else 2
        x, y = (low[k] + (np.arange((high[k] - low[k]) * times) + 0.5) / times - 0.5 for k in (0, 1))
        x, y = np.meshgrid(x, y)
        upper, lower = opening.depth(x, y)
        alpha = strength * self._uncovered(upper, lower)
        if not alpha.any():
            return
        colour, known = self._layer(x, y, np.minimum(upper, lower), upper, driven, head, gap)
        alpha = known * alpha
        colour = gaussian_filter(colour, (times * self.soft, times * self.soft, 0), mode="nearest")
        colour, alpha = _shrunk(colour, times), _shrunk(alpha[..., None], times)[..., 0]
        rectangle = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        blend(frame, rectangle, colour.transpose(2, 0, 1), alpha, self.grain)

    def painted(self, x: np.ndarray, y: np.ndarray, driven: np.ndarray, head: Pose) -> np.ndarray:
        """How far places x, y of driven points (478, 3) are painted here, 0..1: teeth that the photograph shows, and
        that are moved, are not."""
        opening = Opening(driven, self.mesh)
        gap = opening.gap / float(head.scale)
        strength = self._strength(gap) if opening.gap >= 1 else 0.0
        if strength <= 0:
            return np.zeros(np.broadcast(x, y).shape)
        upper, lower = opening.depth(x, y)
        alpha = strength * self._uncovered(upper, lower)
        if not self.own:
            return alpha
        at = self._head(x, y, head)
        s, t = self._mouth(at)
        at = self._drawn_out(at, s, self._width(driven, head))
        return alpha * (1 - self._moved_teeth(at, t, upper / float(head.scale), gap)[1])

    def spare(self, rectangle: Rectangle, head: Pose, opening: Opening) -> np.ndarray:
        """What this mouth leaves of a paint over a rectangle, (h, w) in 0..1: nothing between lips where it draws."""
        left, top, right, bottom = rectangle
        protect = np.ones((bottom - top, right - left), np.float32)
        low = np.clip(np.floor(opening.low).astype(int), (left, top), (right, bottom))
        high = np.clip(np.ceil(opening.high).astype(int) + 1, (left, top), (right, bottom))
        if (high > low).all():
            x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
            protect[low[1] - top : high[1] - top, low[0] - left : high[0] - left] = self.spared(x, y, head, opening)
        return protect

    def spared(self, x: np.ndarray, y: np.ndarray, head: Pose, opening: Opening) -> np.ndarray | float:
        """The same at places x, y."""
        strength = self._strength(opening.gap / float(head.scale)) if opening.gap >= 1 else 0.0
        strength = max(strength, OWN_SPARED * self.own)
        if strength <= 0:
            return 1.0
        return 1 - strength * smoothstep(np.minimum(*opening.depth(x, y)) / max(1.0, self.blur))

    def _uncovered(self, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """Opacity of places by their depths under both lips; hair over a lip has no edge."""
        sharp = max(1.0, 1.5 * self.blur)
        edges = [sharp + hair * self.unit for hair in (HAIR[0] * self.hidden[0], HAIR[1] * max(self.hidden))]
        return smoothstep(upper / edges[0]) * smoothstep(lower / edges[1])

    def _strength(self, gap: float) -> float:
        low, high = PARTED + self.own * (KEPT - PARTED)
        return float(smoothstep(gap - self.rest_gap, low, high)) * (1 - 0.3 * self.hidden[0])

    def _head(self, x: np.ndarray, y: np.ndarray, head: Pose) -> np.ndarray:
        """Where the lines of sight through pixels meet the arch, in head coordinates (3, h, w)."""
        turn = head.rotation
        p, q = (x - head.offset[0]) / head.scale, (y - head.offset[1]) / head.scale
        z = np.full(x.shape, self.front)
        for _ in range(4):
            r = (z - turn[0, 2] * p - turn[1, 2] * q) / turn[2, 2]
            at = np.stack([turn[0, k] * p + turn[1, k] * q + turn[2, k] * r for k in (0, 1)])
            z = self.front + teeth.sagitta(self._mouth(at)[0])
        return np.stack([*at, z])

    def _mouth(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Head coordinates (2 or 3, h, w) along the lips and across them, from the middle of the lips."""
        dx, dy = at[0] - self.centre[0], at[1] - self.centre[1]
        return self.axis[0] * dx + self.axis[1] * dy, self.axis[0] * dy - self.axis[1] * dx

    def _layer(self, x, y, depth, below, driven, head: Pose, gap: float) -> tuple[np.ndarray, float]:
        """Colours (h, w, 3) of the inside of the mouth, and how much of them is known, 0..1."""
        return self._picture(x, y, depth, below, driven, head, gap), 1.0

    def _picture(self, x, y, depth, below, driven, head: Pose, gap: float) -> np.ndarray:
        """Colours (h, w, 3) of the inside of the mouth."""
        at = self._head(x, y, head)
        s, t = self._mouth(at)
        u, angle = teeth.along(s)
        jaw = ((driven[list(self.mesh.jaw)].mean(0) - head.offset) @ head.rotation / head.scale)[1] - self.jaw[1]
        lower_edge = float(self.line[1]) + LOWER_EDGE + max(float(jaw), 0.0)
        soft = max(0.02, 0.5 / (self.unit * teeth.UPPER.longest))
        edge = self._edge(driven, head)
        above, shade = teeth.row(u, 1 - (edge - t) / teeth.UPPER.longest, teeth.UPPER, soft)
        under, dim = teeth.row(u, 1 - (t - lower_edge) / teeth.LOWER.longest, teeth.LOWER, soft)
        near = np.clip(depth / (0.05 * self.unit), 0, 1) ** 0.6  # what lies close to the lips is in their shade
        light = np.cos(np.clip(angle, -1.5, 1.5)) ** 0.6 * (0.6 + 0.4 * near)
        light *= 0.75 + 0.25 * np.clip(below / (0.05 * self.unit), 0, 1)
        light *= 0.76 + 0.24 * smoothstep(gap / 0.15)
        tongue = smoothstep(t - lower_edge, -0.06, 0.05) * np.clip(1 - (s / 0.2) ** 2, 0, 1)
        tongue = (0.8 * tongue * smoothstep(gap, 0.05, 0.16))[..., None]
        colour = (1 - tongue) * self.tone.cavity + tongue * self.tone.tongue
        colour = colour * (0.6 + 0.4 * near[..., None])
        gum = smoothstep(edge - t, *GUM)
        shade = shade * (1 - 0.4 * gum)
        for opacity, lit in ((under * self.shown[1], 0.8 * dim * light), (above * self.shown[0], shade * light)):
            lit = lit[..., None]
            tooth = lit * self.tone.tooth + (1 - lit) * 0.45 * self.tone.tongue  # tongue and cheeks shine on them
            colour = colour + opacity[..., None] * (tooth - colour)
        if self.own:
            at = self._drawn_out(at, s, self._width(driven, head))
            colour = self._with_own(colour, at, t, below / float(head.scale), gap)
        return colour

    def _edge(self, driven: np.ndarray, head: Pose) -> float:
        """Where the upper teeth end across the lips: the wider a smile, the more of them is shown."""
        wider = float(smoothstep(self._width(driven, head) / self.width, *SPREAD))
        return self.edge if self.own else self.edge + SMILE * wider

    def _width(self, driven: np.ndarray, head: Pose) -> float:
        ends = driven[list(self.mesh.corners)]
        return float(np.linalg.norm(ends[1] - ends[0]) / float(head.scale))

    def _drawn_out(self, at: np.ndarray, s: np.ndarray, width: float) -> np.ndarray:
        """Head coordinates of own teeth of a mouth that is `width` wide: its outer ones follow the corners outwards."""
        narrower = np.clip(self.width / width, 0.7, 1.0) - 1
        shift = s * narrower * smoothstep(np.abs(s) / (0.5 * width))
        return np.stack([at[0] + self.axis[0] * shift, at[1] + self.axis[1] * shift, at[2]])

    def _keep(self) -> None:
        """Learn from a photograph with open lips: its own teeth, their tone and where they end."""
        pad = 2 + int(0.15 * self.unit)
        low, high = np.floor(self.rest.low).astype(int) - pad, np.ceil(self.rest.high).astype(int) + pad
        low, high = (np.clip(corner, 0, self.pixels.shape[1::-1]) for corner in (low, high))
        if (high - low < 2).any():
            return
        x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
        upper, lower = self.rest.depth(x, y)
        inside = (upper > 0.5) & (lower > max(0.5, MARGIN * self.unit))
        colour = self.pixels[y, x].astype(np.float32)
        light = luminance(colour)
        bright = inside & (light > OWN * luminance(self.tone.tooth)) & (np.ptp(colour, axis=-1) < COLOURED * light + 12)
        share = bright.sum() / max(inside.sum(), 1)
        self.own = float(smoothstep(share, 0.12, 0.3))
        self.kept = np.clip(3 * gaussian_filter(bright.astype(np.float32), 0.04 * self.unit), 0, 1)
        self.corner, self.planes = low, colour.transpose(2, 0, 1).copy()
        if not self.own:
            self.shown = (self.shown[0] * 0.7, self.shown[1])  # lips that are open and show no teeth hide them
            return
        own = colour[bright & (light >= np.percentile(light[bright], 60))].mean(0)
        self.tone = MouthTone(own, self.tone.cavity, self.tone.tongue)
        _, t = self._mouth(self._head(x[bright].astype(float), y[bright].astype(float), self.still))
        self.edge = max(self.edge + SMILE, float(np.percentile(t, 90)))

    def _with_own(self, colour: np.ndarray, at: np.ndarray, t: np.ndarray, below: np.ndarray, gap: float) -> np.ndarray:
        """A picture with the photograph's own teeth where they are now."""
        places, weight = self._moved_teeth(at, t, below, gap)
        own = np.stack([map_coordinates(plane, places, order=1, mode="nearest") for plane in self.planes], -1)
        return colour + weight[..., None] * (own - colour)

    def _moved_teeth(
        self, at: np.ndarray, t: np.ndarray, below: np.ndarray, gap: float
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Places (y, x) of the photograph's own teeth, drawn out to a lip that has been lifted, and how far they are
        seen."""
        place = np.einsum("ij,j...->i...", self.still.rotation, at) * self.still.scale
        x, y = (place[k] + self.still.offset[k] for k in (0, 1))
        before = self.rest.depth(x, y)[0] / self.unit
        length = np.maximum(self.edge - t, 0)
        wanted = below * np.clip((before + length) / np.maximum(below + length, 1e-3), 0.4, 1.2)
        shift = np.where(length > 0, np.minimum(wanted - before, length), 0) * self.unit
        x, y = x - self.rest.axis[1] * shift, y + self.rest.axis[0] * shift
        inside = smoothstep(np.minimum(*self.rest.depth(x, y)) / 1.5 + 0.5)
        places = [y - self.corner[1], x - self.corner[0]]
        tooth = map_coordinates(self.kept, places, order=1, mode="constant")
        return places, self.own * inside * np.maximum(tooth, 1 - smoothstep((gap - self.rest_gap) / 0.06))


def _shrunk(values: np.ndarray, times: int) -> np.ndarray:
    """Means of `times` by `times` samples of (h, w, c)."""
    height, width, channels = values.shape
    return values.reshape(height // times, times, width // times, times, channels).mean((1, 3))
