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

from animate import api
from animate.core.errors import NoFace
from animate.core.types import DrivenLandmarks, Keypoints, Photo
from animate.evaluate import metrics
from animate.evaluate.ablate import PARTS, Without
from animate.motion import landmarks
from animate.pipeline import photometric, portraits
from animate.pipeline.driving import track_landmarks as follow_face
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
    """One Take a real held-out clip (the first `most`, 0 for all), with up to `frames` later frames spread over it."""
    rows = [row for row in distil.rows(data) if row.split == "val" and row.kind == "video" and not row.synthetic]
    cases = []
    for row in rows[:: max(1, len(rows) // most)][:most] if most else rows:
        pictures = distil.pictures(data, row)
        chosen = np.unique(np.linspace(0, len(pictures) - 1, frames + 1).round().astype(int))
        points = follow(pictures)
        if all(points[index] is not None for index in chosen):
            driven = np.stack([points[index] for index in chosen])
            refined = DrivenLandmarks(*(part[1:] for part in photometric.refine(pictures[chosen], driven, 0)))
            cases.append(ClipCase(row.name, pictures[0], points[0], pictures[chosen[1:]], driven[1:], refined))
    return cases


def still_cases(data: Path, *, most: int = 0) -> list[StillCase]:
    """The held-out photographs (the first `most`, 0 for all) in which the product finds a face."""
    rows = [row for row in distil.rows(data) if row.split == "val" and row.kind != "video" and not row.synthetic]
    pictures = {row.name: distil.pictures(data, row)[0] for row in rows[: most or None]}
    return [
        StillCase(name, picture, points)
        for name, picture in pictures.items()
        if (points := find_landmarks(picture)) is not None
    ]


def find_landmarks(picture: np.ndarray) -> np.ndarray | None:
    """Our mesh of the largest face in a still, as the product sees it."""
    try:
        return api.find_faces(Photo(picture), model=_model())[0].keypoints.points
    except NoFace:
        return None


def follow(pictures: np.ndarray) -> list[np.ndarray | None]:
    """Our meshes of a clip, as the product follows a driver."""
    return [None if np.isnan(points).any() else points for points in follow_face(pictures, _model().keypoints)]


@cache
def _model() -> api.Model:
    return api.load()


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
    """Baseline (c): first-order motion without the networks, pasted at native size."""
    return render_with(None)(photo, source, driven)


def render_with(networks) -> Render:
    """Ours: first-order motion, refined and painted by `networks`."""

    def method(photo: np.ndarray, source: np.ndarray, driven: DrivenLandmarks) -> Iterable[np.ndarray]:
        scan = Photo(photo)
        return Renderer(scan, [(portraits.portrait_of(scan, Keypoints(source)), driven)], networks=networks).frames()

    return method


BASELINES = {
    "still photo": Method(still),
    "piecewise affine": Method(piecewise_affine),
    "first order": Method(first_order),
}


def methods(*, ablate: bool = False) -> dict[str, Method]:
    """The baselines and ours; with `ablate` also ours without each of its parts."""
    networks = _model().motion
    ours = {"keepsake": Method(render_with(networks), uses_pixels=True)}
    if ablate:
        ours["without refinement"] = Method(render_with(networks))
        ours |= {f"without {part}": Method(render_with(Without(networks, part)), uses_pixels=True) for part in PARTS}
    return BASELINES | ours


def measure(case: ClipCase, method: Method, teach: Teach | None) -> dict[str, float]:
    """Means over the frames of a take: L1, PSNR, SSIM, L1 over face and openings, sharpness, AKD (nan without
    a teacher).
    """
    outputs = method.render(case.photo, case.source, case.driven_for(method.uses_pixels))
    rows = [
        _frame(output, truth, points, teach)
        for output, truth, points in zip(outputs, case.truth, case.driven, strict=True)
    ]
    return {
        name: float(np.nanmean([row[name] for row in rows]))
        if any(row[name] == row[name] for row in rows)
        else float("nan")
        for name in rows[0]
    }


def _frame(output: np.ndarray, truth: np.ndarray, points: np.ndarray, teach: Teach | None) -> dict[str, float]:
    face, openings = metrics.face_region(points, truth.shape), metrics.openings_region(points, truth.shape)
    row = {
        "l1": metrics.l1(output, truth),
        "psnr": metrics.psnr(output, truth),
        "ssim": metrics.ssim(output, truth),
        "face_l1": metrics.l1(output, truth, face),
        "openings_l1": metrics.l1(output, truth, openings) if openings.any() else float("nan"),
        "sharpness": metrics.sharpness(output, truth, face),
        "akd": float("nan"),
    }
    if teach is not None:
        ours, real = teach(output), teach(truth)
        if ours is not None and real is not None:
            row["akd"] = metrics.akd(ours, real)
    return row
