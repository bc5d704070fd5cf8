"""Does the head go as far as its driver's, and does everything behind people stand still?

Conventions: pictures are (H, W, 3) uint8 RGB; meshes are (478, 3) in their pixels, NaN where there is no face; a way is
that of the middle of a mesh since a first one, in heights of that face.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation
from skimage.transform import resize

from animate import api
from animate.core.errors import TrainingDataMissing
from animate.core.protocols import MattePredictor
from animate.core.types import Keypoints, Photo
from animate.evaluate.models import bundled, track
from animate.media.read import open_video
from animate.motion import landmarks
from animate.pipeline.mattes import matte
from animate.pipeline.portraits import portrait_of

CHANGED = 24  # of 255, mean over the colours: a pixel that differs by more has moved
SOMEBODY = 0.1  # opacity from which on a pixel is not background
MARGIN = 0.012  # of the longer side: people are widened by it before the background is counted
FRAMES = 32  # frames of a folder's clip that are measured
SOURCE, DRIVING, PUBLISHED = "source.png", "driving.mp4", "published-output.mp4"


def matte_of(picture: np.ndarray, meshes: Sequence[np.ndarray], network: MattePredictor | None) -> np.ndarray:
    """How far pixels (H, W) belong to the people with these meshes, 0..1; meshes without a face are passed over."""
    photo = Photo(picture)
    known = [portrait_of(photo, Keypoints(mesh)) for mesh in meshes if np.isfinite(mesh).all()]
    return matte(photo, known, network) if known else np.zeros(picture.shape[:2], np.float32)


def changed_share(photo: np.ndarray, frame: np.ndarray, *mattes: np.ndarray) -> float:
    """Share of the background that moved between a photograph and a frame.

    Args:
        photo: the photograph.
        frame: a picture of the same size.
        mattes: (H, W) 0..1 each; what is outside all of them, widened a little, is background.

    Returns:
        0..1; NaN without any background.
    """
    somebody = np.max(mattes, axis=0) > SOMEBODY
    background = ~binary_dilation(somebody, iterations=max(2, round(MARGIN * max(photo.shape))))
    if not background.any():
        return float("nan")
    difference = np.abs(frame.astype(np.float32) - photo).mean(-1)
    return float((difference > CHANGED)[background].mean())


def stillness(
    photo: np.ndarray,
    frames: np.ndarray,
    rest: Sequence[np.ndarray],
    tracked: np.ndarray,
    network: MattePredictor | None,
) -> dict[str, float]:
    """Percent of the background that moved, in the median and in the worst frame.

    People are sought around the mesh of a frame and where they are at rest: a shoulder may be far from the head.

    Args:
        photo: the photograph.
        frames: (T, H, W, 3).
        rest: meshes of everybody in the photograph, first of all who moves.
        tracked: (T, 478, 3), the mesh of who moves.
        network: the matte network; None takes the shape of a head upon shoulders.
    """
    whole = matte_of(photo, rest, network)
    shares = []
    for frame, mesh in zip(frames, tracked, strict=True):
        shares.append(changed_share(photo, frame, whole, matte_of(frame, [mesh, *rest], network)))
    return {"moved_median": 100 * float(np.median(shares)), "moved_worst": 100 * float(np.max(shares))}


def ways(meshes: np.ndarray) -> np.ndarray:
    """How far a head went since the first of T meshes: (T, 2), right and down, in heights of the first face."""
    face = np.asarray(meshes)[:, : landmarks.SURFACE, :2]
    return (face.mean(1) - face[0].mean(0)) / np.ptp(face[0, :, 1])


def reach(own: np.ndarray, driver: np.ndarray) -> dict[str, float]:
    """How far a head went, and how faithfully.

    Args:
        own: (T, 2) ways of a head, NaN where it was lost.
        driver: (T, 2) the ways that it should have gone.

    Returns:
        reach: mean length of its ways over that of the driver's.
        follow: correlation of the two, both directions together, -1..1.
        Each is NaN where a head did not move at all.
    """
    both = np.isfinite(own).all(1) & np.isfinite(driver).all(1)
    own, driver = own[both], driver[both]
    lengths = [float(np.linalg.norm(way, axis=1).mean()) if len(way) else 0.0 for way in (own, driver)]
    a, b = (way - way.mean(0) if len(way) else way for way in (own, driver))
    spread = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return {
        "reach": lengths[0] / lengths[1] if lengths[1] else float("nan"),
        "follow": float((a * b).sum()) / spread if spread else float("nan"),
    }


def measure(
    photo: np.ndarray, frames: np.ndarray, rest: Sequence[np.ndarray], driver: np.ndarray, *, from_rest: bool = False
) -> dict[str, float]:
    """Stillness, reach and follow of frames of a photograph whose first face was moved.

    Args:
        photo: the photograph.
        frames: (T, H, W, 3), what was made of it.
        rest: meshes of everybody in the photograph, first of all who moves.
        driver: (T, 2) ways of the driver, (T + 1, 2) with the one at rest.
        from_rest: ways begin in the photograph, not in the first frame.
    """
    tracked = track(frames)
    own = ways(np.concatenate([rest[:1], tracked]) if from_rest else tracked)
    return stillness(photo, frames, rest, tracked, bundled().matte) | reach(own, driver)


def bench(folder: str | Path) -> dict[str, dict[str, float]]:
    """Stillness, reach and follow of the product, and of a published output if one is there, at the source's size.

    Args:
        folder: holds source.png, driving.mp4 and, if there is one, published-output.mp4: another program's frames for
            the first frames of the driving video.

    Raises:
        TrainingDataMissing: without source or driving video.
    """
    folder = Path(folder)
    missing = [name for name in (SOURCE, DRIVING) if not (folder / name).is_file()]
    if missing:
        raise TrainingDataMissing(f"{folder} has no {missing[0]}", hint=f"a folder with {SOURCE} and {DRIVING}")
    photo = api.read_photo(folder / SOURCE)
    driver = ways(track(np.stack(list(islice(open_video(folder / DRIVING, threads=1), FRAMES)))))
    portraits = api.find_faces(photo, model=bundled())
    outputs = {"keepsake": list(islice(api.clip(photo, folder / DRIVING, model=bundled()).frames(), len(driver)))}
    if (folder / PUBLISHED).is_file():
        frames = islice(open_video(folder / PUBLISHED, threads=1), len(driver))
        outputs["published"] = [_sized(frame, photo.pixels.shape) for frame in frames]
    rest = [portrait.keypoints.points for portrait in portraits]
    return {
        name: measure(photo.pixels, np.stack(frames), rest, driver[: len(frames)]) for name, frames in outputs.items()
    }


def _sized(frame: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return (resize(frame, shape, order=1, anti_aliasing=False) * 255).round().astype(np.uint8)
