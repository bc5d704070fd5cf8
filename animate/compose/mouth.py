"""Teeth, tongue and the dark of a mouth that opens: drawn at the scan's own size inside the inner lips.

The upper teeth are fixed to the skull and the lower to the jaw; teeth that the photograph shows are kept and moved with
the skull, and what opens beyond them is continued in their colour.

Conventions: frames (H, W, 3) uint8 RGB; the others are those of mouth_frame.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.compose import mouth_light, teeth
from animate.compose.kept_teeth import KeptTeeth
from animate.compose.mouth_frame import MouthFrame, Pose, PosedFace
from animate.compose.mouth_opening import MouthMesh, Opening
from animate.compose.mouth_tone import MouthTone
from animate.compose.print_match import Grain, blend
from animate.core.numerics import Rectangle, luminance, smoothstep

FINE = 130  # scan pixels between the eyes from which a pixel is small enough for one sample
UPPER_EDGE, LOWER_EDGE = 0.020, -0.028  # edges of the teeth of a closed mouth, below the lips' line
SMILE = 0.026  # how much more of the upper teeth a smile shows
SPREAD = (0.98, 1.15)  # width of the lips over that in the photograph, from no smile to a full one
PARTED = np.array([0.006, 0.035])  # gap beyond the photograph's over which the mouth is drawn more and more
KEPT = np.array([0.03, 0.08])  # the same where the photograph shows teeth, which move along up to there
GUM = (0.095, 0.135)  # above the teeth's edges, over which they pass into the gum
OWN_SPARED = 1.0  # how far teeth that the photograph shows are kept from the networks' paint
HAIR = (0.14, 0.06)  # depth over which hair above and below thins out
OPEN = 0.03  # gap of a photograph's lips from which there is something to be kept
SHORTER = 0.005  # how much higher upper teeth end that lips which are open in the photograph do not show
SHADED = 0.8  # of the tongue that hair above the lips hides


@dataclass(frozen=True, eq=False)
class MouthLook:
    """How the inside of a mouth looks in one print.

    Attributes:
        tone: its colours.
        grain: the photograph's grain.
        blur: standard deviation in pixels of the photograph's sharpest edges.
        shown: how much of the upper and lower teeth is shown, 0..1.
        hidden: how surely hair hangs over the upper and grows under the lower lip, 0..1.
        infant: how surely there are no teeth yet, unless the photograph shows some, 0..1.
    """

    tone: MouthTone
    grain: Grain
    blur: float
    shown: tuple[float, float] = (1.0, 1.0)
    hidden: tuple[float, float] = (0.0, 0.0)
    infant: float = 0.0


class MouthProxy:
    """The inside of one person's mouth."""

    def __init__(self, face: PosedFace, mesh: MouthMesh, look: MouthLook):
        """Get ready what all frames share.

        Args:
            face: the photograph's face.
            mesh: which of its landmarks are lips.
            look: how its mouth looks.
        """
        self.still, self.mesh, self.frame = face.still, mesh, MouthFrame(face, mesh)
        self.tone, self.grain, self.blur, self.hidden = look.tone, look.grain, look.blur, look.hidden
        self.soft, self.unit = look.blur, self.frame.unit  # the first is the blur that the drawn picture gets
        self.rest = Opening(face.points, mesh)
        self.rest_gap = self.rest.gap / self.unit
        self.edge, self.own = float(self.frame.line[0]) + UPPER_EDGE, 0.0
        self.kept = KeptTeeth(face, self.frame, look.tone.tooth) if self.rest_gap > OPEN else None
        upper, lower = look.shown
        if self.kept is not None and self.kept.known:
            self.own = self.kept.own
            self.edge -= 0.0 if self.own else SHORTER
        if self.kept is not None and self.own:
            self.tone = MouthTone(self.kept.tone, self.tone.cavity, self.tone.tongue)
            self.edge = max(self.edge + SMILE, self.kept.edge)
        grown = 1 - look.infant * (1 - self.own)
        self.shown = upper * grown, lower * grown

    def draw(
        self,
        frame: np.ndarray,
        driven: np.ndarray,
        head: Pose,
        strength: float | None = None,
        opening: Opening | None = None,
        lit: bool = False,
    ) -> None:
        """Draw the mouth of driven points (478, 3) into `frame`, in place, inside its inner lips only; how strongly,
        0..1, follows from how far they open unless it is given. `opening` is that of the points, if it is known; `lit`
        says that the light on the frame between its lips is a driver's, which the mouth then takes."""
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
        alpha = strength * self._uncovered(*opening.margin(x, y))
        if not alpha.any():
            return
        colour, known = self._layer(x, y, np.minimum(upper, lower), upper, driven, head, gap)
        alpha = known * alpha
        colour = gaussian_filter(colour, (times * self.soft, times * self.soft, 0), mode="nearest")
        colour, alpha = _shrunk(colour, times), _shrunk(alpha[..., None], times)[..., 0]
        rectangle = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        if lit:
            white = float(luminance(self.tone.tooth))
            colour = mouth_light.follow(colour, frame[low[1] : high[1], low[0] : high[0]], alpha, white)
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
        alpha = strength * self._uncovered(*opening.margin(x, y))
        if self.kept is None or not self.own:
            return alpha
        at = self.frame.on_arch(x, y, head)
        s, t = self.frame.across(at)
        at = self.frame.drawn_out(at, s, self.frame.width_of(driven, head))
        return alpha * (1 - self.kept.moved(at, t, upper / float(head.scale), gap, self.edge)[1])

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
        """Opacity of places by their margins from both lips; hair over a lip has no edge."""
        sharp = max(1.0, 1.5 * self.blur)
        edges = [sharp + hair * self.unit for hair in (HAIR[0] * self.hidden[0], HAIR[1] * max(self.hidden))]
        return smoothstep(upper / edges[0]) * smoothstep(lower / edges[1])

    def _strength(self, gap: float) -> float:
        low, high = PARTED + self.own * (KEPT - PARTED)
        return float(smoothstep(gap - self.rest_gap, low, high)) * (1 - 0.3 * self.hidden[0])

    def _layer(self, x, y, depth, below, driven, head: Pose, gap: float) -> tuple[np.ndarray, float]:
        """Colours (h, w, 3) of the inside of the mouth, and how much of them is known, 0..1."""
        return self._picture(x, y, depth, below, driven, head, gap), 1.0

    def _picture(self, x, y, depth, below, driven, head: Pose, gap: float) -> np.ndarray:
        """Colours (h, w, 3) of the inside of the mouth."""
        at = self.frame.on_arch(x, y, head)
        s, t = self.frame.across(at)
        lower_edge = float(self.frame.line[1]) + LOWER_EDGE + self.frame.jaw_drop(driven, head)
        near = np.clip(depth / (0.05 * self.unit), 0, 1) ** 0.6  # what lies close to the lips is in their shade
        colour = self._behind(s, t - lower_edge, near, gap)
        for opacity, lit in self._rows(s, t, self._edge(driven, head), lower_edge, near, below, gap):
            lit = lit[..., None]
            tooth = lit * self.tone.tooth + (1 - lit) * 0.45 * self.tone.tongue  # tongue and cheeks shine on them
            colour = colour + opacity[..., None] * (tooth - colour)
        if self.kept is not None and self.own:
            at = self.frame.drawn_out(at, s, self.frame.width_of(driven, head))
            places, weight = self.kept.moved(at, t, below / float(head.scale), gap, self.edge)
            colour = colour + weight[..., None] * (self.kept.colours(places) - colour)
        return colour

    def _behind(self, s: np.ndarray, below: np.ndarray, near: np.ndarray, gap: float) -> np.ndarray:
        """Colours (h, w, 3) of the cavity with the tongue, `below` the lower teeth's edges."""
        tongue = smoothstep(below, -0.06, 0.05) * np.clip(1 - (s / 0.2) ** 2, 0, 1)
        tongue = (0.8 * tongue * smoothstep(gap, 0.05, 0.16) * (1 - SHADED * self.hidden[0]))[..., None]
        colour = (1 - tongue) * self.tone.cavity + tongue * self.tone.tongue
        return colour * (0.6 + 0.4 * near[..., None])

    def _rows(self, s, t, edge: float, lower_edge: float, near, below, gap: float) -> list[tuple]:
        """Opacity and light (h, w), 0..1, of the lower and of the upper row of teeth."""
        u, angle = teeth.along(s)
        soft = max(0.02, 0.5 / (self.unit * teeth.UPPER.longest))
        above, shade = teeth.row(u, 1 - (edge - t) / teeth.UPPER.longest, teeth.UPPER, soft)
        under, dim = teeth.row(u, 1 - (t - lower_edge) / teeth.LOWER.longest, teeth.LOWER, soft)
        light = np.cos(np.clip(angle, -1.5, 1.5)) ** 0.6 * (0.6 + 0.4 * near)
        light *= 0.75 + 0.25 * np.clip(below / (0.05 * self.unit), 0, 1)
        light *= 0.76 + 0.24 * smoothstep(gap / 0.15)
        shade = shade * (1 - 0.4 * smoothstep(edge - t, *GUM))
        if self.kept is not None and self.own:
            drawn, dusk = self.kept.beside(s)
            above, shade = above * drawn, shade * dusk
        return [(under * self.shown[1], 0.8 * dim * light), (above * self.shown[0], shade * light)]

    def _edge(self, driven: np.ndarray, head: Pose) -> float:
        """Where the upper teeth end across the lips: the wider a smile, the more of them is shown."""
        wider = float(smoothstep(self.frame.width_of(driven, head) / self.frame.width, *SPREAD))
        return self.edge if self.own else self.edge + SMILE * wider


def _shrunk(values: np.ndarray, times: int) -> np.ndarray:
    """Means of `times` by `times` samples of (h, w, c)."""
    height, width, channels = values.shape
    return values.reshape(height // times, times, width // times, times, channels).mean((1, 3))
