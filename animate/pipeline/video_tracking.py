"""One pass over a driving video: the mesh of its face, its shots, its camera, and close-ups for a second reading.

Part of the pipeline: it joins media, faces, model and motion. Points are pixels of the video's frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from animate.core.protocols import LandmarkPredictor
from animate.motion import landmarks

if TYPE_CHECKING:
    from animate.faces.tracker import Tracker

Report = Callable[[int, int], None]  # frames done, frames in all


@dataclass(eq=False)
class Recording:
    """What T frames of a video show of one face.

    points   (T, 478, 3), NaN where the face is out of sight
    starts   index of the first frame of every shot, and of every spell after the face came back elsewhere
    cuts     how many hard cuts there are
    camera   (T, 2, 3) the camera's motion since the first frame of a shot
    known    (T,) bool, whether the background shows the camera's newest step
    colours  (T, 478, 3) uint8 around each point, 0 where the face is out of sight
    closeups the face's crop of each frame, encoded, None where it is out of sight
    people   the most faces of like size that were found in one frame
    """

    points: np.ndarray
    starts: list[int]
    cuts: int
    camera: np.ndarray
    known: np.ndarray
    colours: np.ndarray
    closeups: list[bytes | None] = field(repr=False)
    people: int = 1

    def shots(self) -> list[slice]:
        """The frames of every shot."""
        ends = [*self.starts[1:], len(self.points)]
        return [slice(start, end) for start, end in zip(self.starts, ends, strict=True)]


def record(frames: Iterable[np.ndarray], network, *, rank: int = 0, total: int = 0, on_frame: Report | None = None):
    """Follows one face through a video.

    Args:
        frames: (H, W, 3) uint8 RGB.
        network: the keypoint network.
        rank: which face from the start of every shot on; 0 is the largest.
        total: how many frames there will be, as far as is known.
        on_frame: called with frames done and the total.

    Returns:
        A Recording.
    """
    from animate.faces.background import CameraMotion
    from animate.media.shots import mark_shots

    tracker, camera = face_tracker(network, rank=rank), CameraMotion()
    points, motions, colours, closeups, starts, cuts = [], [], [], [], [], 0
    for index, (frame, first) in enumerate(mark_shots(frames)):
        keypoints = tracker.follow(frame, cut=first)
        own = None if keypoints is None else keypoints.points
        if first or tracker.jumped:
            starts.append(index)
            cuts += first and index > 0
            camera.start()
        motions.append(camera.follow(frame, own))
        points.append(np.full((landmarks.COUNT, 3), np.nan, np.float32) if own is None else own)
        closeup, colour = _closeup(frame, own)
        closeups.append(closeup)
        colours.append(colour)
        if on_frame:
            on_frame(len(points), max(total, len(points)))
    moved, known = (np.array(part) for part in zip(*motions, strict=True))
    return Recording(np.stack(points), starts, cuts, moved, known, np.stack(colours), closeups, people=tracker.people)


def face_tracker(network: LandmarkPredictor, *, rank: int = 0) -> Tracker:
    """A Tracker with this program's detector and keypoint network."""
    from animate.faces.detect import detect
    from animate.faces.tracker import Tracker

    def mesh(crop: np.ndarray) -> tuple[np.ndarray, float]:
        points, presence = network.predict(crop[None])
        return points[0], float(presence[0])

    return Tracker(detect, mesh, lambda points: landmarks.five(points)[:, :2], rank=rank)


def _closeup(frame: np.ndarray, points: np.ndarray | None) -> tuple[bytes | None, np.ndarray]:
    """The face's crop, encoded, and the colours (478, 3) uint8 around its points."""
    from animate.faces.closeup import encode
    from animate.faces.crop import cut
    from animate.faces.optical_flow import colours
    from animate.pipeline.photometric import SIZE, SPAN, crop_of

    if points is None:
        return None, np.zeros((landmarks.COUNT, 3), np.uint8)
    crop = crop_of(points)
    picture = cut(frame, crop)
    around = colours(picture, crop.into(points)[:, :2], unit=SIZE / SPAN, around=0.06)
    return encode(picture), around.clip(0, 255).astype(np.uint8)
