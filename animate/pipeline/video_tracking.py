"""One pass over a driving video: the mesh of its face, its shots, its camera, and close-ups for a second reading.

Part of the pipeline: it joins media, faces, model and motion. Points are pixels of the video's frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from animate.core.protocols import LandmarkPredictor, ProgressCallback
from animate.motion import landmarks

if TYPE_CHECKING:
    from animate.faces.tracker import Tracker

AROUND = 0.05  # outer-eye distances around a point over which its colour is taken
CUT_OFF = 0.12  # share of a face's points outside the frame from which on it counts as out of sight
BEHIND = 4  # frames by which that may lag behind the mesh


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
    outside  in how many frames the face was left out because a part of it lies outside of the picture
    """

    points: np.ndarray
    starts: list[int]
    cuts: int
    camera: np.ndarray
    known: np.ndarray
    colours: np.ndarray
    closeups: list[bytes | None] = field(repr=False)
    people: int = 1
    outside: int = 0

    def shots(self) -> list[slice]:
        """The frames of every shot."""
        ends = [*self.starts[1:], len(self.points)]
        return [slice(start, end) for start, end in zip(self.starts, ends, strict=True)]


def record(
    frames: Iterable[np.ndarray],
    network: LandmarkPredictor,
    *,
    rank: int = 0,
    total: int = 0,
    threads: int = 0,
    on_frame: ProgressCallback | None = None,
) -> Recording:
    """Follows one face through a video.

    Args:
        frames: (H, W, 3) uint8 RGB.
        network: the keypoint network.
        rank: which face from the start of every shot on; 0 is the largest.
        total: how many frames there will be, as far as is known.
        threads: 1 measures all in the calling thread; else what does not hang on the mesh has one of its own.
        on_frame: called with frames done and the total.

    Returns:
        A Recording.
    """
    from animate.media.shots import mark_shots

    tracker, surroundings = face_tracker(network, rank=rank), _Surroundings()
    points, starts, cuts, outside = [], [], 0, 0
    with _beside(surroundings.measure, threads) as measure:
        for index, (frame, first) in enumerate(mark_shots(frames)):
            keypoints = tracker.follow(frame, cut=first)
            cut_off = keypoints is not None and _cut_off(keypoints.points, frame)
            own = None if keypoints is None or cut_off else keypoints.points
            outside += cut_off
            if first or tracker.jumped:
                starts.append(index)
                cuts += first and index > 0
            measure(frame, own, first or tracker.jumped)
            points.append(np.full((landmarks.COUNT, 3), np.nan, np.float32) if own is None else own)
            if on_frame:
                on_frame(len(points), max(total, len(points)))
    found = surroundings.recording(np.stack(points), starts, cuts)
    return replace(found, people=tracker.people, outside=outside)


def _cut_off(points: np.ndarray, frame: np.ndarray) -> bool:
    """Whether so much of a face (478, 3) lies outside the frame that the rest of it is a guess."""
    place, size = points[: landmarks.SURFACE, :2], np.array(frame.shape[1::-1])
    outside = ((place < 0) | (place > size - 1)).any(1)
    return bool(outside.mean() > CUT_OFF)


def face_tracker(network: LandmarkPredictor, *, rank: int = 0) -> Tracker:
    """A Tracker with this program's detector and keypoint network."""
    from animate.faces.detect import detect
    from animate.faces.tracker import Tracker

    def mesh(crop: np.ndarray) -> tuple[np.ndarray, float]:
        points, presence = network.predict(crop[None])
        return points[0], float(presence[0])

    return Tracker(detect, mesh, lambda points: landmarks.five(points)[:, :2], rank=rank)


@contextmanager
def _beside(work: Callable[..., None], threads: int) -> Iterator[Callable[..., None]]:
    """A way to have `work` done in order beside the calling thread, a few calls behind; done when the context ends."""
    if threads == 1:
        yield work
        return
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[None]] = deque()

        def later(*arguments: object) -> None:
            waiting.append(pool.submit(work, *arguments))
            if len(waiting) > BEHIND:
                waiting.popleft().result()

        try:
            yield later
            for one in waiting:
                one.result()
        finally:
            pool.shutdown(cancel_futures=True)


class _Surroundings:
    """What is measured of each frame besides its points: the camera, colours, and a close-up to keep."""

    def __init__(self) -> None:
        from animate.faces.background import CameraMotion

        self._camera = CameraMotion()
        self._motions: list[tuple[np.ndarray, bool]] = []
        self._colours: list[np.ndarray] = []
        self._closeups: list[bytes | None] = []

    def measure(self, frame: np.ndarray, points: np.ndarray | None, start: bool) -> None:
        """Takes the next frame; `start` begins a shot."""
        from animate.faces.closeup import encode
        from animate.faces.crop import cut
        from animate.faces.optical_flow import colours, grey
        from animate.pipeline.photometric import crop_of

        if start:
            self._camera.start()
        plain = grey(frame)
        self._motions.append(self._camera.follow(plain, points))
        if points is None:
            self._colours.append(np.zeros((landmarks.COUNT, 3), np.uint8))
            self._closeups.append(None)
            return
        around = AROUND * float(landmarks.eye_distance(points))
        self._colours.append(colours(frame, points[:, :2], around=around))
        self._closeups.append(encode(cut(plain, crop_of(points))))

    def recording(self, points: np.ndarray, starts: list[int], cuts: int) -> Recording:
        """The Recording of all frames so far."""
        camera, known = (np.array(part) for part in zip(*self._motions, strict=True))
        return Recording(points, starts, cuts, camera, known, np.stack(self._colours), self._closeups)
