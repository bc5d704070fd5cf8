"""The published First Order Motion Model moves a photograph: its ten keypoints follow the frames of a driving clip.

Part of the pipeline: it joins faces, model, motion and compose. Keypoints are of kind FOMM.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from animate.compose import layers as paste
from animate.compose import mask
from animate.core.numerics import smoothstep
from animate.core.options import Options
from animate.core.protocols import ProgressCallback
from animate.core.types import FOMM, Keypoints, Photo, Portrait
from animate.faces import crop as crops
from animate.faces import face_alignment
from animate.fomm import relative
from animate.fomm.driving import DrivingClip, crop_of

SEARCHED = 12  # frames in which face-alignment detects landmarks
SAMPLE = 8  # frames in which the painted share is measured
EASE = 0.4  # seconds in which relative movement leaves the photograph and returns to it


def import_weights(file: Path, place: Path, name: str, config: Path | None = None) -> tuple[str, ...]:
    """Writes the networks of a published checkpoint to `place`, as `name`, and says what was found; raises
    WeightsDamaged, and leaves nothing then."""
    from animate.fomm.checkpoint import import_checkpoint, save

    imported = import_checkpoint(file, config)
    save(imported, place, name=name)
    return imported.found


def best_frame(picture: np.ndarray, mesh: np.ndarray, driving: DrivingClip) -> int:
    """The frame of `driving` posed most like the face in `picture`: by face-alignment's landmarks in up to SEARCHED
    frames where its weights are there (they are slow), else by our mesh (478, 3) in every frame.
    """
    if face_alignment.ready() and len(own := face_alignment.detect(picture)):
        points = np.full((len(driving.meshes), 5, 2), np.nan)
        chosen = set(np.linspace(0, len(points) - 1, SEARCHED).round().astype(int).tolist())
        for number, frame in enumerate(driving.frames()):
            if number in chosen and np.isfinite(driving.meshes[number]).all():
                found = face_alignment.detect(crops.cut(frame, crop_of(driving.meshes[number], len(picture))))
                if len(found):
                    points[number] = found.points[0]
        if np.isfinite(points).any():
            return relative.best_frame(own.points[0], points)
    return relative.best_frame(mesh, driving.meshes)


class FommFace:
    """One face, its place in the scan, and how its keypoints move in a driving clip."""

    def __init__(self, photo: Photo, portrait: Portrait, model):
        from animate.fomm.fullres import FommFullRes

        mesh, side = portrait.keypoints.points, side_of(model)
        crop = crop_of(mesh, side)
        points, nodes = crop.into(mesh), np.arange(side)
        self.mesh, self.model = mesh, model
        self.still = model.still(crops.cut(photo.pixels, crop))
        self.layer = paste.layer(points, crop, photo.pixels.shape)
        reach = mask.reach(points, nodes, nodes[:, None], size=side)
        place = crop.matrix, self.layer.rectangle, self.layer.spans
        self.fullres = FommFullRes(photo.pixels, model, self.still, *place, reach)

    def follow(
        self, driving: DrivingClip, *, relatively: bool, adapt: bool, on_frame: ProgressCallback | None = None
    ) -> list[Keypoints]:
        """This face's keypoints in each frame of `driving`, relative to its frame most like the photograph; the first
        and the last, if moved relatively, are the photograph's own."""
        best = best_frame(self.still.picture, self.mesh, driving)
        crop = crop_of(driving.meshes[best], side_of(self.model))

        def pictures() -> Iterator[np.ndarray]:
            for number, frame in enumerate(driving.frames(), 1):
                yield crops.cut(frame, crop)
                if on_frame:
                    on_frame(number, max(number, len(driving.meshes)))

        seen = tuple(self.model.detect(pictures()))
        own = self.still.keypoints
        driven = relative.transfer(own, seen, start=min(best, len(seen) - 1), relative=relatively, adapt_scale=adapt)
        shares = _ease(len(driven), driving.fps) if relatively else np.ones(len(driven))
        return [_between(own, one, share) for one, share in zip(driven, shares, strict=True)]

    def painted(self, driven: Sequence[Keypoints]) -> float:
        """Which share (0..1) of the face is painted rather than moved, by `SAMPLE` frames."""
        some = [driven[k] for k in np.linspace(0, len(driven) - 1, min(SAMPLE, len(driven))).round().astype(int)]
        shares = [
            0.0
            if one is self.still.keypoints
            else self.fullres.layers(frame)[2].sum() / max(self.fullres.reach.sum(), 1)
            for one, frame in zip(some, self.model.frames(self.still, some), strict=True)
        ]
        return float(np.mean(shares))

    def patches(self, driven: Sequence[Keypoints]) -> Iterator[np.ndarray]:
        """The picture of the layer in each frame; where nothing has moved it is the scan's, bit for bit."""
        for one, frame in zip(driven, self.model.frames(self.still, driven), strict=True):
            yield self.fullres.pixels if one is self.still.keypoints else self.fullres.picture(frame)


class FommRenderer:
    """Renders `frames()` of a photograph in which each portrait follows its driving clip."""

    def __init__(
        self,
        photo: Photo,
        model,
        cast: Sequence[tuple[Portrait, DrivingClip]],
        options: Options = Options(),
        *,
        on_frame: ProgressCallback | None = None,
    ):
        from animate.model.parallel import torch_threads

        self.photo, self.threads = photo, options.threads or os.cpu_count() or 1
        self.fps = options.fps or max(driving.fps for _, driving in cast)
        how = {"relatively": options.mode == "relative", "adapt": options.adapt, "on_frame": on_frame}
        with torch_threads(self.threads):
            self.faces = [FommFace(photo, portrait, model) for portrait, _ in cast]
            driven = [face.follow(driving, **how) for face, (_, driving) in zip(self.faces, cast, strict=True)]
        rates = [driving.fps for _, driving in cast]
        timed = [fit_rate(one, fps, self.fps, options.seconds) for one, fps in zip(driven, rates, strict=True)]
        timed = [[one[0]] * round(place * options.stagger * self.fps) + one for place, one in enumerate(timed)]
        self.driven = [one + [one[-1]] * (max(map(len, timed)) - len(one)) for one in timed]
        with torch_threads(self.threads):
            shares = [face.painted(one) for face, one in zip(self.faces, self.driven, strict=True)]
        self.synthesized = 100 * max(shares)  # percent of the face that is painted most

    def __len__(self) -> int:
        return len(self.driven[0])

    def frames(self) -> Iterator[np.ndarray]:
        """A fresh stream of frames (H, W, 3) uint8; outside the faces' masks each equals the photograph bit for bit."""
        from animate.model.parallel import computed_within, torch_threads

        layers = [face.layer for face in self.faces]
        streams = [face.patches(driven) for face, driven in zip(self.faces, self.driven, strict=True)]
        for patches in computed_within(lambda: torch_threads(self.threads), zip(*streams, strict=True)):
            yield paste.compose(self.photo.pixels, layers, patches)


def side_of(model) -> int:
    """The side of the crops that `model` moves: that of the published training, or the nearest one below that fits."""
    from animate.fomm.model import SIZE

    return max(SIZE // model.side_step, 1) * model.side_step


def _ease(count: int, fps: float) -> np.ndarray:
    """How much of each frame's movement counts: 0 in the first and the last, 1 between."""
    frames = np.arange(count)
    part = np.clip(np.minimum(frames, count - 1 - frames) / max(min(EASE * fps, (count - 1) / 2), 1), 0, 1)
    return smoothstep(part)


def _between(a: Keypoints, b: Keypoints, share: float) -> Keypoints:
    """`a` itself at 0, `b` itself at 1, in straight lines between."""
    if a is b or share in (0, 1):
        return b if share == 1 else a
    parts = [
        None if x is None or y is None else (x + (y - x) * share).astype(np.float32)
        for x, y in ((a.points, b.points), (a.jacobians, b.jacobians))
    ]
    return Keypoints(parts[0], FOMM, b.presence, parts[1])


def fit_rate(driven: list[Keypoints], fps: float, wanted: float, seconds: float) -> list[Keypoints]:
    """The same movement at `wanted` frames a second; over `seconds`, if any, as many rounds as fit best."""
    rounds = max(round(seconds * fps / len(driven)), 1)
    driven = driven + driven[1:] * (rounds - 1)
    if fps == wanted and not seconds:
        return driven
    count = max(round(seconds * wanted), 2) if seconds else round((len(driven) - 1) / fps * wanted) + 1
    times = np.linspace(0, len(driven) - 1, count)
    return [_between(driven[int(t)], driven[min(int(t) + 1, len(driven) - 1)], float(t % 1)) for t in times]
