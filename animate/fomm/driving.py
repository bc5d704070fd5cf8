"""What the published First Order Motion Model follows: a video of a face, or a gesture rendered on the
photograph's own.

Part of the pipeline: it joins media, faces, motion and the stage. Meshes are (T, 478, 3) in pixels of the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate.core.errors import KeypointsMixed, NoFaceInDriver, OptionError
from animate.core.protocols import LandmarkPredictor, ProgressCallback
from animate.core.types import Crop, DrivenLandmarks, Driver, Keypoints, Photo, Portrait
from animate.faces import crop as crops
from animate.motion import landmarks
from animate.pipeline import driving
from animate.pipeline.portraits import portrait_of
from animate.pipeline.render import Renderer

SPAN = 4.2  # side of the crop in eye distances: a face as large as in VoxCeleb, 55 % of the height
WIDE = 6.0  # the same of the picture on which a gesture is rendered: the crop and something around it


@dataclass(frozen=True, eq=False)
class DrivingClip:
    """Frames that can be read again, the mesh of the face in each, NaN where it is out of sight."""

    name: str
    frames: Callable[[], Iterator[np.ndarray]]
    meshes: np.ndarray
    fps: float
    notes: tuple[str, ...] = ()


def driving_clip(
    source: str | Path | Driver,
    network: LandmarkPredictor,
    *,
    face: int = 0,
    start: float = 0.0,
    end: float | None = None,
    threads: int = 0,
    on_frame: ProgressCallback | None = None,
) -> DrivingClip:
    """A video with the largest face in it followed.

    Args:
        source: the video, or a Driver that was taken from one.
        network: finds the mesh.
        face: 0 or 1, the largest; others cannot be followed here.
        start, end: seconds of the part to use; None is its end.
        threads: decoder threads; 0 takes all cores.
        on_frame: called with (done, total) while the video is read.

    Raises:
        UnreadableVideo, NoFaceInDriver: for a video that cannot be used.
        KeypointsMixed: for movement of which there is no video.
        OptionError: for another face.
    """
    from animate.media.read import open_video

    path = source.video if isinstance(source, Driver) else Path(source)
    if path is None:
        raise KeypointsMixed(
            f"the movement {source.name!r} is one of 478 points, and the models vox and vox-adv move ten of their own",
            hint="give the video that it was taken from or the name of a gesture, or use the model keepsake",
        )
    if face > 1:
        raise OptionError(
            "a published model follows the largest face of a video", hint="cut the video to one face, or use keepsake"
        )
    video = open_video(path, longest=driving.LONGEST, threads=threads, start=start, end=end)
    meshes = driving.track_landmarks(video, network, total=video.count, on_frame=on_frame)
    if not np.isfinite(meshes).any():
        raise NoFaceInDriver(
            f"no face was found in {path.name}", hint="use a video in which one face is seen from the front"
        )
    return DrivingClip(path.name, lambda: iter(video), meshes, video.fps, tuple(video.notes))


def render_driving_clip(
    photo: Photo, portrait: Portrait, driven: np.ndarray, fps: float, *, side: int, threads: int = 0
) -> DrivingClip:
    """The photograph's own face following `driven` (T, 478, 3) scan pixels, rendered small by the default model: its
    crops are `side` pixels."""
    points = portrait.keypoints.points
    crop = crop_of(points, round(side * WIDE / SPAN), WIDE)
    small = Photo(crops.cut(photo.pixels, crop))
    renderer = Renderer(
        small, [(portrait_of(small, Keypoints(crop.into(points))), DrivenLandmarks(crop.into(driven)))], threads=threads
    )
    return DrivingClip("", renderer.frames, crop.into(driven), fps)


def crop_of(mesh: np.ndarray, side: int, span: float = SPAN) -> Crop:
    """The upright square of `span` eye distances around a face's mesh (478, 3), `side` pixels wide."""
    return crops.crop_from_five(landmarks.five(mesh)[:, :2], size=side, span=span)
