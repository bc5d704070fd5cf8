"""The tones of one photograph of a person brought to those of another, by skin that both show.

Histograms of the shared skin give one line for each colour, so that it holds beyond the tones of skin too; what is left
of the light is smooth over the face and known at its landmarks.

Conventions: pictures are (H, W, 3) uint8 RGB or float32 0..255; points (478, 3) are pixels of their picture; a print of
one tone has its colours on one curve over lightness (see print_match).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import map_coordinates
from skimage.exposure import match_histograms

from animate.compose.print_match import Palette
from animate.core.numerics import luminance

RADIUS = 0.06  # eye distances around a landmark over which its tone is taken
DARKEST = 2.0  # percent of the box around eyes and brows that are its darkest
SLOPE = (0.55, 1.6)  # of a tone over the same tone in the other photograph
TINT = 1.15  # how far the slope of a colour may differ from that of lightness
LIGHT = 60.0  # grey levels that light may differ from place to place
WIDE = 0.45  # eye distances over which that is smooth
GAIN = (0.7, 1.35)  # of the light at one place


class ToneMatch:
    """From the tones of a photograph of a person to those of the main one."""

    def __init__(
        self,
        picture: np.ndarray,
        points: np.ndarray,
        main: np.ndarray,
        main_points: np.ndarray,
        skin: Sequence[int],
        eyes: Sequence[int],
        units: tuple[float, float],
        palettes: tuple[Palette, Palette],
    ):
        """Learnt from the landmarks `skin` that face the camera in both.

        Args:
            picture: of the face at `points`.
            eyes: landmarks of eyes and brows, the darkest parts that every face shows.
            main: the photograph whose tones are wanted, with its face at `main_points`.
            units: eye distance in pixels of either.
            palettes: the tones of either.
        """
        self.own, self.print = palettes
        self.skin, self.unit = np.array(skin, int), units[1]
        source = at_landmarks(picture, points[self.skin], units[0])
        target = at_landmarks(main, main_points[self.skin], units[1])
        source = self._plain(source)
        wanted = self._plain(target) if self.print.single else target
        matched = match_histograms(source[None], wanted[None], channel_axis=-1)[0]
        self.middle, self.to, self.slope = _lines(source, matched)
        eyes = list(eyes)
        self.below = self._below(darkest(picture, points[eyes]), darkest(main, main_points[eyes]))
        self.left = np.clip(target - self.tones(source), -LIGHT, LIGHT)  # (N, 3)
        self.level = float(luminance(target.mean(0)))

    @property
    def colours_unknown(self) -> bool:
        """A grey photograph of a person whose main one has colours."""
        return self.own.single and not self.print.single

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """A picture (..., 3) in the main photograph's tones, float32 0..255; its own light stays."""
        return self.tones(self._plain(picture))

    def tones(self, plain: np.ndarray) -> np.ndarray:
        """Colours (..., 3) in the main photograph's tones."""
        away = np.asarray(plain, np.float32) - self.middle
        return self.print.colour(np.clip(self.to + np.where(away > 0, self.slope, self.below) * away, 0, 255))

    def light(self, driven: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What the main photograph's light adds (h, w, 3) around driven points (478, 3), at pixels x, y (h, w)."""
        places = driven[self.skin, :2]
        far = (x[..., None] - places[:, 0]) ** 2 + (y[..., None] - places[:, 1]) ** 2
        weight = np.exp(-0.5 * (far - far.min(-1, keepdims=True)) / (WIDE * self.unit) ** 2)
        return (weight @ self.left / weight.sum(-1, keepdims=True)).astype(np.float32)

    def gain(self, ring: Sequence[int]) -> float:
        """How much brighter the main photograph's light is at landmarks of `ring`, as a factor."""
        chosen = np.isin(self.skin, list(ring))
        if not chosen.any():
            return 1.0
        return float(np.clip(1 + luminance(self.left[chosen].mean(0)) / max(self.level, 1.0), *GAIN))

    def misfit(self, ring: Sequence[int]) -> float:
        """Mean difference of tone at landmarks of `ring` that smooth light does not explain, over the skin's tone."""
        chosen = np.isin(self.skin, list(ring))
        if chosen.sum() < 3:
            return float("inf")
        other = np.median(self.left[~chosen], 0) if (~chosen).any() else 0.0
        return float(np.abs(luminance(self.left[chosen] - other)).mean() / max(self.level, 1.0))

    def _below(self, own: float, wanted: float) -> np.float32:
        """The slope below the tone of skin, which takes one photograph's darkest to the other's."""
        rise = float(luminance(self.to)) - wanted
        return np.float32(np.clip(rise / max(float(luminance(self.middle)) - own, 1.0), *SLOPE))

    def _plain(self, picture: np.ndarray) -> np.ndarray:
        """Colours as they are, or their lightness three times where either print has one tone only."""
        picture = np.asarray(picture, np.float32)
        if self.print.single or self.own.single:
            return np.repeat(luminance(picture)[..., None], 3, axis=-1)
        return picture


def at_landmarks(picture: np.ndarray, points: np.ndarray, unit: float) -> np.ndarray:
    """Mean colours (K, 3) of discs around points (K, 2 or 3); beyond the border the border is repeated."""
    angle = np.arange(8) * (np.pi / 4)
    ring = np.stack([np.cos(angle), np.sin(angle)], -1)
    offsets = np.concatenate([[[0, 0]], 0.5 * ring, ring]) * RADIUS * unit
    at = points[:, None, :2] + offsets
    values = [
        map_coordinates(picture[..., k].astype(np.float32), [at[..., 1], at[..., 0]], order=1, mode="nearest")
        for k in range(3)
    ]
    return np.stack(values, -1).mean(1)


def darkest(picture: np.ndarray, points: np.ndarray) -> float:
    """Lightness of the darkest parts of the box around points (K, 2 or 3)."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    left, top, right, bottom = (int(side) for side in np.clip([*low, *high + 1], 0, [*picture.shape[1::-1]] * 2))
    window = picture[top:bottom, left:right]
    return float(np.percentile(luminance(window), DARKEST)) if window.size else 0.0


def _lines(source: np.ndarray, matched: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle (3,) of `source` (N, 3), of `matched`, and the slope there: one by lightness, which the colours follow a
    little, so that whites stay white."""
    middle, to = source.mean(0), matched.mean(0)
    light, wanted = luminance(source - middle), luminance(matched - to)
    common = float((light * wanted).mean() / max(float((light**2).mean()), 1.0))
    common = float(np.clip(common, *SLOPE))
    gain = to / np.maximum(middle, 1.0)
    tint = np.clip(gain / max(float(luminance(gain)), 1e-3), 1 / TINT, TINT)
    slope = (common * tint).astype(np.float32)
    return middle.astype(np.float32), to.astype(np.float32), slope
