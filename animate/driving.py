"""Where movement comes from: a bundled card, a card file, or a person's video followed frame by frame.

Part of the pipeline: it joins media, faces, model and motion.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from animate import witness
from animate.errors import NoFaceInDriver
from animate.values import Driver

LONGEST = 640  # pixels of a driving frame's longer side: a face of a third of it is enough


def names() -> tuple[str, ...]:
    """The bundled gestures' names."""
    from animate.motion.cards import list_cards

    return tuple(name for name, *_ in list_cards())


def card_driver(name: str | Path) -> Driver:
    """The movement of a bundled gesture or of a card file; raises BadCard."""
    from animate.motion.cards import read_card

    card = read_card(name)
    return Driver(card.name, card.motion)


def video_driver(path: str | Path, network, *, on_frame: Callable[[int, int], None] | None = None) -> Driver:
    """The movement and the light of the largest face in a video, smoothed; raises UnreadableVideo or NoFaceInDriver.

    The video is read twice: for the points of its face, then for what its pictures say beyond them.
    """
    from animate.media.read import open_video
    from animate.motion import neutral, smooth
    from animate.motion.transfer import record

    video = open_video(path, longest=LONGEST)
    first, second = _halves(on_frame)
    points = follow(video, network, total=video.count, on_frame=first)
    seen = np.isfinite(points[:, 0, 0])
    if not seen.any():
        raise NoFaceInDriver(f"no face was found in {Path(path).name}", hint="use a video in which one face is seen from the front")
    notes = list(video.notes)
    if not seen.all():
        notes.append(f"the face was out of sight in {int((~seen).sum())} of {len(seen)} frames of the driver; it rests there")
    rest = neutral.choose(points)
    found, light = witness.follow(video, points, rest, on_frame=second)
    points, light = witness.for_others(points, found, light)
    told = record(points, video.fps, neutral=rest, light=light)
    motion = smooth.at_rest(smooth.smooth(told))
    return Driver(Path(path).name, motion, Path(path), tuple(notes))


def follow(frames, network, *, total: int = 0, on_frame: Callable[[int, int], None] | None = None) -> np.ndarray:
    """The mesh of one face over frames, (T, 478, 3) in their pixels; NaN where it is out of sight."""
    from animate.faces.find import find
    from animate.faces.track import Track
    from animate.motion import anchors

    def mesh(crop: np.ndarray) -> tuple[np.ndarray, float]:
        points, presence = network.predict(crop[None])
        return points[0], float(presence[0])

    track = Track(find, mesh, lambda points: anchors.five(points)[:, :2])
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
