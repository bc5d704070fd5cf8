"""Where movement comes from: a bundled card, a card file, or a person's video followed frame by frame.

Part of the pipeline: it joins media, faces, model and motion.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from animate.core.errors import NoFaceInDriver
from animate.core.types import Driver
from animate.pipeline import photometric

LONGEST = 640  # pixels of a driving frame's longer side: a face of a third of it is enough


def gesture_names() -> tuple[str, ...]:
    """The bundled gestures' names."""
    from animate.motion.gesture_file import list_gestures

    return tuple(name for name, *_ in list_gestures())


def gesture_driver(name: str | Path) -> Driver:
    """The movement of a bundled gesture or of a card file; raises BadCard."""
    from animate.motion.gesture_file import read_gesture

    card = read_gesture(name)
    return Driver(card.name, card.motion)


def video_driver(path: str | Path, network, *, on_frame: Callable[[int, int], None] | None = None) -> Driver:
    """The movement and the light of the largest face in a video, smoothed; raises UnreadableVideo or NoFaceInDriver.

    The video is read twice: for the points of its face, then for what its pictures say beyond them.
    """
    from animate.media.read import open_video
    from animate.motion import neutral_frame, smooth
    from animate.motion.retarget import extract_motion

    video = open_video(path, longest=LONGEST)
    first, second = _halves(on_frame)
    points = track_landmarks(video, network, total=video.count, on_frame=first)
    seen = np.isfinite(points[:, 0, 0])
    if not seen.any():
        raise NoFaceInDriver(
            f"no face was found in {Path(path).name}", hint="use a video in which one face is seen from the front"
        )
    notes = list(video.notes)
    if not seen.all():
        notes.append(
            f"the face was out of sight in {int((~seen).sum())} of {len(seen)} frames of the driver; it rests there"
        )
    rest = neutral_frame.neutral_index(points)
    found, shading = photometric.refine(video, points, rest, on_frame=second)
    points, shading = photometric.damped(points, found, shading)
    told = extract_motion(points, video.fps, neutral=rest, shading=shading)
    motion = smooth.ease_in_out(smooth.smooth(told))
    return Driver(Path(path).name, motion, Path(path), tuple(notes))


def track_landmarks(
    frames, network, *, total: int = 0, on_frame: Callable[[int, int], None] | None = None
) -> np.ndarray:
    """The mesh of one face over frames, (T, 478, 3) in their pixels; NaN where it is out of sight."""
    from animate.faces.detect import detect
    from animate.faces.tracker import Tracker
    from animate.motion import landmarks

    def mesh(crop: np.ndarray) -> tuple[np.ndarray, float]:
        points, presence = network.predict(crop[None])
        return points[0], float(presence[0])

    track = Tracker(detect, mesh, lambda points: landmarks.five(points)[:, :2])
    found = []
    for frame in frames:
        keypoints = track.follow(frame)
        found.append(np.full((478, 3), np.nan, np.float32) if keypoints is None else keypoints.points)
        if on_frame:
            on_frame(len(found), max(total, len(found)))
    return np.stack(found)


def _halves(on_frame: Callable[[int, int], None] | None) -> tuple[Callable[[int, int], None] | None, ...]:
    """Two reports for the halves of one piece of work."""
    if on_frame is None:
        return None, None
    return tuple(lambda done, total, half=half: on_frame(done + half * total, 2 * total) for half in (0, 1))
