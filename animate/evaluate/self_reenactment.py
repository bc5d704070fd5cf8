"""One held-out clip played again from its first frame: by us and by the baselines, each frame against the real one.

Conventions: frames (T, H, W, 3) uint8; points (T, 478, 3) in their pixels. To render is photo, source points,
DrivenLandmarks -> frames. Baselines follow the points as they were found; ours also what a driving video shows beyond
them, as the product does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from skimage.transform import PiecewiseAffineTransform, warp

from animate.core.types import DrivenLandmarks, Keypoints, Photo
from animate.evaluate import metrics, models
from animate.evaluate.ablate import PARTS, Without
from animate.motion import landmarks
from animate.pipeline import photometric, portraits
from animate.pipeline.render import Renderer
from animate.train import distil

Render = Callable[[np.ndarray, np.ndarray, DrivenLandmarks], Iterable[np.ndarray]]
Teach = Callable[[np.ndarray], np.ndarray | None]


class Method(NamedTuple):
    """A way to move a photograph, and whether it uses a driving video's pixels beyond its points."""

    render: Render
    uses_pixels: bool = False


@dataclass(frozen=True, eq=False)
class StillCase:
    """A photograph and the points of its face."""

    name: str
    photo: np.ndarray
    source: np.ndarray


@dataclass(frozen=True, eq=False)
class ClipCase(StillCase):
    """What one clip is measured on: its first frame as photo, some later frames as driver and truth, points of all."""

    truth: np.ndarray
    driven: np.ndarray
    refined: DrivenLandmarks  # the same points refined by the frames, and their shading

    def driven_for(self, uses_pixels: bool) -> DrivenLandmarks:
        """The movement as a method gets it."""
        return self.refined if uses_pixels else DrivenLandmarks(self.driven)


def clip_cases(data: Path, *, most: int = 0, frames: int = 10) -> list[ClipCase]:
    """A case for each real held-out clip (`most` of them, 0 for all): its first frame as the photograph, up to `frames`
    later ones spread over it."""
    cases = []
    for row in clip_rows(data, most):
        points = tracked(data, row)
        chosen = np.unique(np.linspace(0, len(points) - 1, frames + 1).round().astype(int))
        if np.isfinite(points[chosen]).all():
            cases.append(clip_case(data, row, chosen))
    return cases


def clip_rows(data: Path, most: int = 0) -> list[distil.Row]:
    """The real held-out clips, or `most` of them spread over all."""
    rows = [row for row in distil.rows(data) if row.split == "val" and row.kind == "video" and not row.synthetic]
    return rows[:: max(1, len(rows) // most)][:most] if most else rows


@cache
def tracked(data: Path, row: distil.Row) -> np.ndarray:
    """The meshes (T, 478, 3) of a clip; NaN without a face."""
    return models.track(distil.pictures(data, row))


def clip_case(data: Path, row: distil.Row, chosen: np.ndarray) -> ClipCase:
    """The case of a clip in which frame `chosen[0]` is the photograph, and the others are driver and truth."""
    pictures, points = distil.pictures(data, row)[chosen], tracked(data, row)[chosen]
    refined = DrivenLandmarks(*(part[1:] for part in photometric.refine(pictures, points, 0)))
    return ClipCase(row.name, pictures[0], points[0], pictures[1:], points[1:], refined)


def still_cases(data: Path, *, most: int = 0) -> list[StillCase]:
    """The held-out photographs (the first `most`, 0 for all) in which the product finds a face."""
    rows = [row for row in distil.rows(data) if row.split == "val" and row.kind != "video" and not row.synthetic]
    pictures = {row.name: distil.pictures(data, row)[0] for row in rows[: most or None]}
    return [
        StillCase(name, picture, points)
        for name, picture in pictures.items()
        if (points := models.find_landmarks(picture)) is not None
    ]


def follow(pictures: np.ndarray) -> list[np.ndarray | None]:
    """Our meshes of a clip, as the product follows a driver."""
    return [points if np.isfinite(points).all() else None for points in models.track(pictures)]


def still(photo: np.ndarray, source: np.ndarray, driven: DrivenLandmarks) -> Iterable[np.ndarray]:
    """Baseline (a): the photograph, unmoved."""
    return (photo for _ in driven.points)


def piecewise_affine(photo: np.ndarray, source: np.ndarray, driven: DrivenLandmarks) -> Iterable[np.ndarray]:
    """Baseline (b): scikit-image's piecewise-affine warp of the same points; the picture's border is held."""
    height, width = photo.shape[:2]
    xs, ys = np.linspace(0, width - 1, 5), np.linspace(0, height - 1, 5)
    border = np.array([(x, y) for x in xs for y in ys if x in (0, width - 1) or y in (0, height - 1)])
    skin = [*range(0, landmarks.SURFACE, 2)]  # every other point: triangles of the full mesh fold over more easily
    for points in driven.points:
        move = PiecewiseAffineTransform.from_estimate(
            np.vstack([points[skin, :2], border]), np.vstack([source[skin, :2], border])
        )
        yield (warp(photo, move, order=1, mode="edge") * 255).round().astype(np.uint8)


def first_order(photo: np.ndarray, source: np.ndarray, driven: DrivenLandmarks) -> Iterable[np.ndarray]:
    """Baseline (c): layers in first-order motion at native size; no network changes or paints anything."""
    return render_with(None)(photo, source, driven)


def render_with(networks) -> Render:
    """Ours: layers in first-order motion, lit and painted by `networks`; none leaves the motion alone."""

    def method(photo: np.ndarray, source: np.ndarray, driven: DrivenLandmarks) -> Iterable[np.ndarray]:
        scan = Photo(photo)
        cast = [(portraits.portrait_of(scan, Keypoints(source)), driven)]
        return Renderer(scan, cast, networks=networks, matte=models.bundled().matte).frames()

    return method


BASELINES = {
    "still photo": Method(still),
    "piecewise affine": Method(piecewise_affine),
    "first order": Method(first_order),
}


def methods(*, ablate: bool = False) -> dict[str, Method]:
    """The baselines and ours; with `ablate` also ours without each of its parts."""
    networks = models.bundled().motion
    ours = {"keepsake": Method(render_with(networks), uses_pixels=True)}
    if ablate:
        ours["without the driver's pixels"] = Method(render_with(networks))
        ours |= {f"without {part}": Method(render_with(Without(networks, part)), uses_pixels=True) for part in PARTS}
    return BASELINES | ours


def measure(case: ClipCase, method: Method, teach: Teach | None) -> dict[str, float]:
    """Means over the frames of a case: L1, PSNR, SSIM, L1 over face and openings, sharpness, AKD (nan without
    a teacher).
    """
    outputs = method.render(case.photo, case.source, case.driven_for(method.uses_pixels))
    return metrics.means(
        [
            _frame(output, truth, points, teach)
            for output, truth, points in zip(outputs, case.truth, case.driven, strict=True)
        ]
    )


def _frame(output: np.ndarray, truth: np.ndarray, points: np.ndarray, teach: Teach | None) -> dict[str, float]:
    face, openings = metrics.face_region(points, truth.shape), metrics.openings_region(points, truth.shape)
    return {
        "l1": metrics.l1(output, truth),
        "psnr": metrics.psnr(output, truth),
        "ssim": metrics.ssim(output, truth),
        "face_l1": metrics.l1(output, truth, face),
        "openings_l1": metrics.l1(output, truth, openings) if openings.any() else float("nan"),
        "sharpness": metrics.sharpness(output, truth, face),
        "akd": akd(output, truth, teach),
    }


def akd(output: np.ndarray, truth: np.ndarray, teach: Teach | None) -> float:
    """Average keypoint distance by the other detector; NaN without one, or where it finds no face."""
    ours, real = (teach(output), teach(truth)) if teach else (None, None)
    return float("nan") if ours is None or real is None else metrics.akd(ours, real)
