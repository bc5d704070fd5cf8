"""One held-out clip played again from its first frame: by us and by the baselines, each frame against the real one.

Conventions: frames (T, H, W, 3) uint8; points (T, 478, 3) in their pixels. A method is photo, source points, driven points -> frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from skimage.transform import PiecewiseAffineTransform, warp

from animate.evaluate import metrics
from animate.motion import anchors
from animate.stage import Stage
from animate.looking import portrait_of
from animate.values import Keypoints, Photo

Method = Callable[[np.ndarray, np.ndarray, np.ndarray], Iterable[np.ndarray]]
Teach = Callable[[np.ndarray], np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Take:
    """What one clip is measured on: its first frame as photo, some later frames as driver and truth, points of all."""

    name: str
    photo: np.ndarray
    source: np.ndarray
    truth: np.ndarray
    driven: np.ndarray


def still(photo: np.ndarray, source: np.ndarray, driven: np.ndarray) -> Iterable[np.ndarray]:
    """Baseline (a): the photograph, unmoved."""
    return (photo for _ in driven)


def piecewise_affine(photo: np.ndarray, source: np.ndarray, driven: np.ndarray) -> Iterable[np.ndarray]:
    """Baseline (b): scikit-image's piecewise-affine warp of the same points; the picture's border is held."""
    height, width = photo.shape[:2]
    xs, ys = np.linspace(0, width - 1, 5), np.linspace(0, height - 1, 5)
    border = np.array([(x, y) for x in xs for y in ys if x in (0, width - 1) or y in (0, height - 1)])
    skin = [*range(0, anchors.SURFACE, 2)]  # every other point: triangles of the full mesh fold over more easily
    for points in driven:
        move = PiecewiseAffineTransform.from_estimate(np.vstack([points[skin, :2], border]), np.vstack([source[skin, :2], border]))
        yield (warp(photo, move, order=1, mode="edge") * 255).round().astype(np.uint8)


def first_order(photo: np.ndarray, source: np.ndarray, driven: np.ndarray) -> Iterable[np.ndarray]:
    """Baseline (c), and ours while no networks refine it: first-order motion, pasted at native size."""
    scan = Photo(photo)
    return Stage(scan, [(portrait_of(scan, Keypoints(source)), driven)]).frames()


METHODS: dict[str, Method] = {"still photo": still, "piecewise affine": piecewise_affine, "first order": first_order}


def measure(take: Take, method: Method, teach: Teach | None) -> dict[str, float]:
    """Means over the frames of a take: L1, PSNR, SSIM, L1 over face and openings, sharpness, AKD (nan without a teacher)."""
    rows = [_frame(output, truth, points, teach)
            for output, truth, points in zip(method(take.photo, take.source, take.driven), take.truth, take.driven, strict=True)]
    return {name: float(np.nanmean([row[name] for row in rows])) if any(row[name] == row[name] for row in rows) else float("nan") for name in rows[0]}


def _frame(output: np.ndarray, truth: np.ndarray, points: np.ndarray, teach: Teach | None) -> dict[str, float]:
    face, openings = metrics.face_region(points, truth.shape), metrics.openings_region(points, truth.shape)
    row = {"l1": metrics.l1(output, truth), "psnr": metrics.psnr(output, truth), "ssim": metrics.ssim(output, truth),
           "face_l1": metrics.l1(output, truth, face), "openings_l1": metrics.l1(output, truth, openings) if openings.any() else float("nan"),
           "sharpness": metrics.sharpness(output, truth, face), "akd": float("nan")}
    if teach is not None:
        ours, real = teach(output), teach(truth)
        if ours is not None and real is not None:
            row["akd"] = metrics.akd(ours, real)
    return row
