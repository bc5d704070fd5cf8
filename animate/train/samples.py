"""Training samples for the motion networks: pictures of one person, recoloured and aged, with first-order flow.

Conventions: pictures are (3, n, n) in 0..1, points pixels of the sample; a window is a turned square of the
256 px picture.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch

from animate.core.geometry import SHADING_POINTS
from animate.core.numerics import luminance
from animate.core.types import Crop
from animate.faces.crop import cut
from animate.model.nets.blocks import smooth_up
from animate.model.nets.face_masks import EYES, LIPS, MOUTH, Contours, draw
from animate.model.nets.motion_networks import MotionNetworks
from animate.model.warp.dense_motion import FirstOrder
from animate.model.warp.relight import ShadingField
from animate.model.warp.sampling import NodeGrid
from animate.motion import disocclusion, landmarks
from animate.pipeline.neural import mesh_topology
from animate.pipeline.photometric import FaceCloseUp
from animate.train import augment, pairs
from animate.train.data import Pictures

WIDE = 0.35  # of its width: how far an open eye's lids are apart
TIGHT = 0.2  # of what is usual in a clip: eyes less open than this are closed for good
CLOSED = 0.7  # part of the samples in which closed lids are closed to the last
OUTLINES = Contours(
    landmarks.LIDS, landmarks.INNER_LIPS, landmarks.OUTER_LIPS, landmarks.BROWS, landmarks.OVAL, landmarks.IRISES
)


@dataclass(frozen=True, eq=False)
class Samples:
    """S photos and B frames of the same people; `which` (B,) is the photo of each frame."""

    photo: torch.Tensor  # (S, 3, n, n)
    print: torch.Tensor  # (S, 3, n, n), the photo as an aged print shows it
    target: torch.Tensor  # (B, 3, n, n)
    flow: torch.Tensor  # (B, 2, n, n) pixels
    structure: torch.Tensor  # (S, 6, n/2, n/2) of the photo
    driven: torch.Tensor  # (B, 6, n/2, n/2)
    focus: torch.Tensor  # (B, 1, n/2, n/2) in 0..1: eyes, be they closed, and mouth
    rest: torch.Tensor  # (S, 478, 3), points of the photo
    points: torch.Tensor  # (B, 478, 3) of the target
    shading: torch.Tensor  # (B, 1, n/4, n/4), the driver's shading; 0 where the target's pixels are not used
    allowed: torch.Tensor  # (B, 1, n, n) in 0..1: where painting is shown at run time
    which: torch.Tensor  # (B,) int64

    def to(self, device: str) -> Samples:
        """The same on another device."""
        return Samples(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


class SampleMaker:
    """Makes scenes of `size` pixels from pictures and their points."""

    def __init__(
        self,
        pictures: Pictures,
        size: int,
        *,
        points: np.ndarray | None = None,
        jitter: float = 0.25,
        refined: float = 0.6,
    ):
        """`points` (N, 478, 3) are taken instead of the teacher's; `jitter` is the standard deviation of
        their noise in pixels of the sample; of `refined` of the samples the driver's own pixels refine the
        points, as with a driving video.
        """
        self.pictures, self.size, self.jitter, self.refined = pictures, size, jitter, refined
        self.points = pictures.points if points is None else points
        self.closed = pairs.opening(pictures) < TIGHT
        self.surface = mesh_topology()
        cells = MotionNetworks.nodes(size, 2)
        self.lattice = NodeGrid(cells, cells)

    def scenes(
        self,
        groups: list[tuple[int, np.ndarray]],
        rng: np.random.Generator | None = None,
        span: tuple[float, float] = (3.5, 5.0),
    ) -> Samples:
        """One scene of each (photo, drivers); with `rng` in a random window of `span` eye distances, tone and wear."""
        parts = [self._scene(photo, drivers, rng, span) for photo, drivers in groups]
        photos, prints, targets, flows, before, after, shading, allowed = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        which = torch.tensor([number for number, part in enumerate(parts) for _ in part[2]])
        half = {"outlines": OUTLINES, "size": self.size, "count": self.size // 2}
        structure, driven, wide = (
            draw(torch.from_numpy(points), **half) for points in (before, after, open_lids(after))
        )
        focus = wide[:, [EYES, MOUTH, LIPS]].amax(1, keepdim=True)
        pictures = (torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255 for x in (photos, prints, targets))
        flow = smooth_up(torch.from_numpy(flows).permute(0, 3, 1, 2).contiguous(), 2)
        return Samples(
            *pictures, flow, structure, driven, focus, *map(torch.from_numpy, (before, after, shading, allowed)), which
        )

    def _scene(self, photo: int, drivers: np.ndarray, rng, span) -> tuple[np.ndarray, ...]:
        """A photo and its drivers, in windows that go along with the face, as the crop of the networks does."""
        chosen = np.array([photo, *drivers], int)
        crop = self._whole() if rng is None else self._window(rng, self.points[photo], span)
        points = crop.into(self.points[chosen])
        shifts = np.rint((points - points[0])[:, list(landmarks.RIGID), :2].mean(1))  # (1 + K, 2)
        points = points - np.pad(shifts, ((0, 0), (0, 1)))[:, None].astype(np.float32)
        windows = [Crop(crop.matrix - np.column_stack([0 * crop.matrix[:, :2], shift]), self.size) for shift in shifts]
        frames = np.stack(
            [cut(np.asarray(self.pictures.frames[i]), window) for i, window in zip(chosen, windows, strict=True)]
        )  # (1 + K, n, n, 3)
        if rng is not None:
            if rng.random() < 0.5:
                frames = np.ascontiguousarray(frames[:, :, ::-1])
                points = points[:, landmarks.MIRROR] * np.float32([-1, 1, 1]) + np.float32([self.size - 1, 0, 0])
            frames = recoloured(rng, frames)
            points = points + rng.normal(0, self.jitter, points.shape).astype(np.float32)
        shading = np.zeros((len(drivers), 1, self.size // 4, self.size // 4), np.float32)
        if self.refined and (rng is None or rng.random() < self.refined):
            points[1:], shading = self._refined(frames, points)
        if rng is not None and rng.random() < CLOSED:
            points[1:] = close_lids(points[1:], self.closed[drivers])
        aged_print = frames[:1] if rng is None else aged(rng, frames[0])[None]
        still, driven = points[0], points[1:]
        allowed = self.allowed(still, driven)
        return frames[:1], aged_print, frames[1:], self.flow(still, driven), points[:1], driven, shading, allowed

    def _refined(self, frames: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The drivers' points (K, 478, 3) refined on their frames, and shading (K, 1, n/4, n/4), as at run time."""
        span = self.size / _unit(points[0])
        closeup = FaceCloseUp(frames[0], points[0], span=span)
        driven, shading = (
            np.stack(column) for column in zip(*map(closeup.measure, frames[1:], points[1:]), strict=True)
        )
        relight = ShadingField(points[0], self.surface, size=self.size, span=span, count=SHADING_POINTS)
        return driven, relight(landmarks.shading_points(driven), shading).numpy()

    def flow(self, source: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """First-order displacement (K, n/2, n/2, 2) in pixels, as FaceNetworks gives it to the networks."""
        motion = FirstOrder(source, self.lattice, self.surface, size=self.size, span=self.size / _unit(source))
        return motion.flow(driven)

    def allowed(self, source: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Where painting is shown at run time: around eyes and mouths that go beyond the photograph, (K, 1, n, n)."""
        pixels = np.arange(self.size, dtype=np.float32)
        needs = disocclusion.inpaint_demand(source, driven)
        return np.stack(
            [
                disocclusion.inpaint_mask(need, points, pixels, pixels)[None]
                for need, points in zip(needs, driven, strict=True)
            ]
        )

    def _whole(self) -> Crop:
        scale = self.size / 256
        return Crop(np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]]), self.size)

    def _window(self, rng: np.random.Generator, points: np.ndarray, span: tuple[float, float]) -> Crop:
        """A square of about `span` eye distances around the face, turned a little, inside the picture where it fits."""
        eyes = landmarks.five(points)[:2]
        scale = self.size / (rng.uniform(*span) * float(np.linalg.norm(eyes[1] - eyes[0])))
        scale = max(scale, self.size / 256 * 0.9)
        angle = np.deg2rad(np.clip(rng.normal(0, 6), -15, 15))
        linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        half = self.size / scale / 2
        middle = (points[:, :2].min(0) + points[:, :2].max(0)) / 2 + rng.normal(0, 0.08, 2) * half
        middle = np.clip(middle, min(half, 128), max(255 - half, 127))
        return Crop(np.column_stack([linear, (self.size - 1) / 2 - linear @ middle]), self.size)


def close_lids(points: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """Points (K, 478, 3) with the lids of those that are `closed` (K,) touching, as a gesture closes them."""
    points = points.copy()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[np.ix_(closed, upper)] = points[np.ix_(closed, lower)]
    return points


def open_lids(points: np.ndarray) -> np.ndarray:
    """Points (K, 478, 3) with lids at least as far apart as those of an open eye: where an open eye is visible."""
    points = points.copy()
    for upper, lower, corners in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, landmarks.EYE_CORNERS, strict=True):
        upper, lower, (outer, inner) = list(upper), list(lower), corners
        axis = points[:, inner, :2] - points[:, outer, :2]
        down = np.stack([-axis[:, 1], axis[:, 0]], -1)[:, None] * (1 if corners is landmarks.EYE_CORNERS[0] else -1)
        arch = WIDE * np.sin(np.linspace(0, np.pi, len(upper) + 2))[1:-1, None]
        gap = ((points[:, lower, :2] - points[:, upper, :2]) * down).sum(-1, keepdims=True) / np.square(down).sum(
            -1, keepdims=True
        )
        more = down * np.maximum(arch - gap, 0) / 2
        points[:, upper, :2] -= more
        points[:, lower, :2] += more
    return points


def recoloured(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    """Frames (K, n, n, 3) uint8 in another tone or print, all in the same: a quarter of them grey or in two tones."""
    steps = np.arange(256, dtype=np.float32)[:, None] / 255
    curve = steps ** np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08)) + rng.normal(0, 0.03)
    drained = rng.random() < 0.25
    if drained and rng.random() < 0.6:
        dark, shading = rng.uniform((0, 0, 0), (0.25, 0.2, 0.16)), rng.uniform((0.8, 0.72, 0.6), (1, 0.97, 0.92))
        curve = dark + curve * (shading - dark)
    else:
        curve = curve * np.exp(rng.normal(0, 0.0 if drained else 0.03, 3))
    table = (np.clip(curve, 0, 1) * 255).round().astype(np.uint8)  # (256, 3)
    if drained:
        return table[luminance(frames).round().astype(np.uint8)]
    return np.stack([table[:, c][frames[..., c]] for c in range(3)], -1)


def aged(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """A third of the time with mild grain, blur, scratches or JPEG, as (n, n, 3) uint8; brightness and tone stay."""
    if rng.random() > 0.35:
        return picture
    x = picture.astype(np.float32)
    for chance, wear in ((0.5, augment.grain), (0.3, augment.soften), (0.25, augment.scratch), (0.3, augment.compress)):
        if rng.random() < chance:
            x = x + 0.6 * (wear(rng, x) - x)
    return np.clip(x, 0, 255).astype(np.uint8)


def _unit(points: np.ndarray) -> float:
    """Distance of the eyes of points (478, 3)."""
    return float(np.linalg.norm(np.subtract(*landmarks.five(points)[:2])))
