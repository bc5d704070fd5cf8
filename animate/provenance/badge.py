"""The visible mark: a small sign of a moving photograph in the bottom-left corner, and the finder that detects it.

The sign (a photograph with a play triangle, a second one swinging out behind it) is drawn here, in unit coordinates of
its square plate. The plate is dark and lets part of the picture through; its tone is taken from the first frame that is
stamped, so that it sits quietly on a sepia print, and its strength so that the light sign keeps its contrast.
Pixels are (H, W, 3) uint8 RGB.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import ImageDraw

# Measured: of 600 unmarked pictures none passes 0.58; of 30 marked, at CRF 28, all pass 0.81 at half the size, and 0.65
# down to a sign of 6 pixels.
THRESHOLD = 0.65
LEAST = 18  # pixels; smaller, the sign is a smudge
_LIGHT = np.array([250.0, 248.0, 242.0])
_SIGN_OPACITY = 0.95
_PLATE_OPACITIES = (0.6, 0.66, 0.72, 0.78)
_PLATE_BRIGHTEST = 32.0  # largest channel of the plate's colour
_WANTED = 5.0  # above WCAG's 4.5 for small signs; the faintest plate still gives 3.5 on pure white
_OVERSAMPLE = 4
_GRID, _SLACK = 28, 4  # side of the sign and room around it, in the pixels of the finder's own scale
_SCALES = (1.0, 0.97, 1.03, 1.08, 1.15, 1.25, 1.37, 1.5)  # above 1: stamped at LEAST and enlarged later


class Badge:
    """Stamps every frame of one clip of `width` x `height`; the first frame stamped settles the plate for all."""

    def __init__(self, width: int, height: int):
        self.size, self.margin = place(width, height)
        self._shape = height, width, 3
        top = height - self.margin - self.size
        self._corner = slice(top, top + self.size), slice(self.margin, self.margin + self.size)
        self._mix: tuple[np.ndarray, np.ndarray] | None = None

    def stamp(self, frame: np.ndarray, *, in_place: bool = False) -> np.ndarray:
        """`frame` with the sign; a copy unless `in_place`. ValueError for a frame of another size."""
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"the sign was made for {self._shape} uint8, not {frame.shape} {frame.dtype}")
        stamped = frame if in_place else frame.copy()
        under = stamped[self._corner]
        if self._mix is None:
            self._mix = _mix(self.size, *plate(under))
        keep, add = self._mix
        stamped[self._corner] = (under * keep + add).astype(np.uint8)
        return stamped


def place(width: int, height: int) -> tuple[int, int]:
    """Side of the sign and its distance from the left and bottom edge, in pixels."""
    shortest = min(width, height)
    size = min(max(round(_wanted_size(width, height)), LEAST), shortest)
    return size, min(round(0.35 * size), (shortest - size) // 2)


def plate(under: np.ndarray) -> tuple[np.ndarray, float]:
    """Colour (3,) 0..255 and opacity of the plate over `under`: its own hue, dark; the faintest that will do."""
    hue = under.reshape(-1, 3).mean(axis=0) + 1.0
    colour = hue * (_PLATE_BRIGHTEST / max(hue.max(), _PLATE_BRIGHTEST))
    brightest = np.percentile(under.reshape(-1, 3), 98, axis=0)
    for opacity in _PLATE_OPACITIES:
        behind = brightest + (colour - brightest) * opacity
        if contrast(behind + (_LIGHT - behind) * _SIGN_OPACITY, behind) >= _WANTED:
            break
    return colour, opacity


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """The contrast ratio of two sRGB colours (3,) 0..255: 1 (none) to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def find(frame: np.ndarray) -> float:
    """How surely `frame`, perhaps re-encoded or resized but not cut, bears the sign: 0..1, above THRESHOLD it does."""
    height, width = frame.shape[:2]
    base = _wanted_size(width, height)
    sizes = {base * scale for scale in _SCALES} | {float(place(width, height)[0])}
    return max((_match(frame, size) for size in sizes if 6.0 <= size <= min(width, height)), default=0.0)


def masks(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Coverage 0..1 (size, size) float32 of the plate and of the sign."""
    from PIL import Image

    drawn = _drawing(size * _OVERSAMPLE)
    ground, sign = (image.resize((size, size), Image.Resampling.BOX) for image in drawn)
    return np.asarray(ground, np.float32) / 255.0, np.asarray(sign, np.float32) / 255.0


def _wanted_size(width: int, height: int) -> float:
    """5 % of the height; more for wide pictures, that are shown smaller, and never much of the shorter side."""
    return min(max(0.05 * height, 0.045 * width), 0.12 * min(width, height))


def _mix(size: int, colour: np.ndarray, opacity: float) -> tuple[np.ndarray, np.ndarray]:
    """`keep` and `add` (size, size, 3): frame * keep + add, cut to whole numbers, is the frame under plate and sign."""
    ground, sign = masks(size)
    ground, sign = ground[..., None] * opacity, sign[..., None] * _SIGN_OPACITY
    keep = (1.0 - ground) * (1.0 - sign)
    add = colour * ground * (1.0 - sign) + _LIGHT * sign
    return keep.astype(np.float32), (add + 0.5).astype(np.float32)


def _luminance(colour: np.ndarray) -> float:
    level = np.asarray(colour, float) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _drawing(side: int):
    """Plate and sign as two PIL images of `side` pixels."""
    from PIL import Image, ImageChops, ImageDraw

    def card(*box: float, radius: float, width: float | None = None):
        image = Image.new("L", (side, side))
        fill, outline, line = (255, None, 0) if width is None else (None, 255, max(1, round(width * side)))
        edges = [edge * side for edge in box]
        ImageDraw.Draw(image).rounded_rectangle(edges, radius * side, fill=fill, outline=outline, width=line)
        return image

    behind = card(0.24, 0.20, 0.76, 0.80, radius=0.10, width=0.075)
    behind = behind.rotate(-14, resample=Image.Resampling.BICUBIC, center=(0.45 * side, 0.85 * side))
    behind = ImageChops.subtract(behind, card(0.0, 0.0, 0.70, 1.0, radius=0.0))
    front = card(0.15, 0.185, 0.63, 0.815, radius=0.09)
    _triangle(ImageDraw.Draw(front), side)
    return card(0.0, 0.0, 1.0 - 1.0 / side, 1.0 - 1.0 / side, radius=0.24), ImageChops.lighter(behind, front)


def _triangle(draw: ImageDraw.ImageDraw, side: int) -> None:
    """Cuts a play triangle with round corners out of the photograph."""
    turns = np.array([0.0, 2.0, -2.0]) * np.pi / 3.0
    corners = [(side * (0.375 + 0.13 * np.cos(turn)), side * (0.5 + 0.13 * np.sin(turn))) for turn in turns]
    round_ = 0.028 * side
    draw.polygon(corners, fill=0)
    draw.line([*corners, corners[0]], fill=0, width=round(2 * round_))
    for x, y in corners:
        draw.ellipse([x - round_, y - round_, x + round_, y + round_], fill=0)


def _match(frame: np.ndarray, size: float) -> float:
    """The best normalised correlation with a sign of `size` pixels, within a few pixels of its place."""
    room = size * _SLACK / _GRID
    height, width = frame.shape[:2]
    left, bottom = 0.35 * size - room, height - 0.35 * size + room
    side = size + 2 * room
    corner = _corner(frame, (left, bottom - side, left + side, bottom), _GRID + 2 * _SLACK)
    windows = np.lib.stride_tricks.sliding_window_view(corner, (_GRID, _GRID)).reshape(-1, _GRID, _GRID)
    wanted, weight = _pattern()
    parts = windows[:, weight]
    parts = parts - parts.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(parts, axis=1)
    return float(np.max(np.clip(parts @ wanted / np.maximum(spread, 1e-6), 0.0, 1.0)))


@cache
def _pattern() -> tuple[np.ndarray, np.ndarray]:
    """The sign on its plate at the finder's scale, of mean 0 and norm 1, and where the plate is (_GRID, _GRID)."""
    ground, sign = masks(_GRID)
    weight = ground > 0.9
    wanted = sign[weight] - sign[weight].mean()
    return wanted / np.linalg.norm(wanted), weight


def _corner(frame: np.ndarray, box: tuple[float, float, float, float], side: int) -> np.ndarray:
    """The grey part `box` (left, top, right, bottom) of `frame`, kept inside it, at `side` x `side`."""
    from PIL import Image

    height, width = frame.shape[:2]
    left, top, right, bottom = max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height)
    row, column = int(top), int(left)
    part = np.ascontiguousarray(frame[row : int(np.ceil(bottom)), column : int(np.ceil(right))])
    inside = left - column, top - row, right - column, bottom - row
    grey = Image.fromarray(part).convert("L").resize((side, side), Image.Resampling.BILINEAR, box=inside)
    return np.asarray(grey, np.float32)
