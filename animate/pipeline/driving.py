"""Where movement comes from: a bundled gesture, a gesture file, or a person's video followed frame by frame.

Part of the pipeline: it joins media, faces, model and motion.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from animate.core.errors import NoFaceInDriver
from animate.core.protocols import LandmarkPredictor, ProgressCallback
from animate.core.types import Driver, Motion
from animate.pipeline import driving_notes
from animate.pipeline.video_tracking import Recording, face_tracker, record

LONGEST = 640  # pixels of a driving frame's longer side: a face of a third of it is enough
CAMERA_KNOWN = 0.8  # part of a shot's frames in which the background must show how the camera moves
SHORTEST = 0.5  # seconds in sight that a shot's movement needs; less stays at rest


def gesture_names() -> tuple[str, ...]:
    """The bundled gestures' names."""
    from animate.motion.gesture_file import list_gestures

    return tuple(name for name, *_ in list_gestures())


def gesture_driver(name: str | Path) -> Driver:
    """The movement of a bundled gesture or of a card file; raises BadCard."""
    from animate.motion.gesture_file import read_gesture

    card = read_gesture(name)
    return Driver(card.name, card.motion, mouth=card.mouth)


def video_driver(
    path: str | Path,
    network: LandmarkPredictor,
    *,
    face: int = 0,
    start: float = 0.0,
    end: float | None = None,
    threads: int = 0,
    on_frame: ProgressCallback | None = None,
) -> Driver:
    """The movement and the light of one face in a video, every shot from its own rest, smoothed and calmed.

    Args:
        path: the video.
        network: the keypoint network.
        face: which face, counted by size at the start of every shot; 0 and 1 are the largest.
        start, end: seconds of the part to use; None for the video's own end.
        threads: decoder and computing threads; 0 takes all cores.
        on_frame: called with steps done and steps in all.

    Returns:
        A Driver with notes on the video and on what was done about its faults.

    Raises:
        UnreadableVideo: the file is no video.
        NoFaceInDriver: no face is in it, or fewer than `face`.
    """
    from animate.pipeline.reading_size import open_driver

    rank = max(face - 1, 0)
    video, small = open_driver(path, rank=rank, start=start, end=end, threads=threads, longest=LONGEST)
    first, second = _halves(on_frame)
    recording = record(video, network, rank=rank, total=video.count, threads=threads, on_frame=first)
    tracked = np.isfinite(recording.points[:, 0, 0])
    if not tracked.any():
        hint = driving_notes.FEWER_HINT if face > 1 else driving_notes.NO_FACE_HINT
        raise NoFaceInDriver(driving_notes.no_face(Path(path).name, face, small), hint=hint)
    motion, covered, limited = _motion(recording, video.fps, threads, second)
    notes = driving_notes.notes(recording, face=face, covered=covered, limited=limited, small=small)
    return Driver(Path(path).name, motion, Path(path), (*video.notes, *notes))


def track_landmarks(
    frames: Iterable[np.ndarray],
    network: LandmarkPredictor,
    *,
    total: int = 0,
    on_frame: ProgressCallback | None = None,
) -> np.ndarray:
    """The mesh of one face over frames, (T, 478, 3) in their pixels; NaN where it is out of sight."""
    tracker, found = face_tracker(network), []
    for frame in frames:
        keypoints = tracker.follow(frame)
        found.append(np.full((478, 3), np.nan, np.float32) if keypoints is None else keypoints.points)
        if on_frame:
            on_frame(len(found), max(total, len(found)))
    return np.stack(found)


def _motion(
    recording: Recording, fps: float, threads: int, on_frame: ProgressCallback | None
) -> tuple[Motion, int, float]:
    """The movement of all shots, how many of their frames have something before the face, and how far the head went."""
    from animate.motion import smooth

    parts, covered, farthest = [], 0, 0.0
    for shot in recording.shots():
        report = None if on_frame is None else _later(on_frame, shot.start, len(recording.points))
        if np.isfinite(recording.points[shot, 0, 0]).sum() < max(2, SHORTEST * fps):
            parts.append(smooth.still(shot.stop - shot.start, fps))
            continue
        part, hidden, way = _shot_motion(recording, shot, fps, threads, report)
        parts.append(part)
        covered, farthest = covered + hidden, max(farthest, way)
    return smooth.join(parts), covered, farthest


def _shot_motion(
    recording: Recording, shot: slice, fps: float, threads: int, on_frame: ProgressCallback | None
) -> tuple[Motion, int, float]:
    """The movement of one shot relative to its own rest: at rest where it begins, ends, and where the face is gone."""
    from animate.motion import neutral_frame, regions, smooth, stabilize
    from animate.motion.retarget import extract_motion
    from animate.pipeline import coverage, photometric

    points, closeups = recording.points[shot], recording.closeups[shot]
    free = coverage.uncovered(recording.colours[shot], points)
    rest = neutral_frame.neutral_index(_bare(points, free))
    found, shading = photometric.refine_closeups(closeups, points, rest, threads=threads, on_frame=on_frame)
    points, shading = photometric.damped(points, found, shading)
    if recording.known[shot].mean() > CAMERA_KNOWN:
        points = _steady(points, recording.camera[shot])
    motion = smooth.smooth(extract_motion(points, fps, neutral=rest, shading=shading))
    motion = regions.rest_regions(motion, **{name: coverage.eased(values, fps) for name, values in free.items()})
    seen = np.isfinite(points[:, 0, 0])
    way = float(np.percentile(np.linalg.norm(motion.translation[seen], axis=1), 95)) if seen.any() else 0.0
    hidden = int((np.minimum(free["mouth"], free["eyes"]) < 0.5).sum())
    return smooth.rest_out_of_sight(stabilize.stabilize(motion), seen), hidden, way


def _bare(points: np.ndarray, free: dict[str, np.ndarray]) -> np.ndarray:
    """Points (T, 478, 3) with frames in which something covers the face made NaN, unless that leaves none."""
    whole = np.minimum(free["mouth"], free["eyes"])[:, None, None] > 0.5
    bare = np.where(whole, points, np.nan)
    return bare if np.isfinite(bare).any() else points


def _steady(points: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Points (T, 478, 3) as a camera that stands still would have filmed them."""
    from animate.faces.background import without

    return np.stack([without(*one) for one in zip(points, camera, strict=True)])


def _later(on_frame: ProgressCallback, start: int, total: int) -> ProgressCallback:
    """A report for a part of `total` frames that begins at `start`."""
    return lambda done, _: on_frame(start + done, total)


def _halves(on_frame: ProgressCallback | None) -> tuple[ProgressCallback | None, ...]:
    """Two reports for the halves of one piece of work."""
    if on_frame is None:
        return None, None
    return tuple(lambda done, total, half=half: on_frame(done + half * total, 2 * total) for half in (0, 1))
