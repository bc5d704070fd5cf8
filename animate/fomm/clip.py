"""A clip that a published model makes: its faces follow videos, or gestures rendered small by the bundled model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from animate.core.options import Options
from animate.core.protocols import FommPredictor, ProgressCallback
from animate.core.types import Clip, Driver, Photo, Portrait
from animate.fomm.animate import FommRenderer, side_of
from animate.fomm.driving import DrivingClip, render_driving_clip
from animate.motion import smooth
from animate.pipeline import notes
from animate.pipeline.clips import clip_of, driven, provenance


def published_clip(
    photo: Photo,
    cast: Mapping[int, Portrait],
    drivers: Mapping[int, Driver | DrivingClip],
    fomm: FommPredictor,
    model: str,
    options: Options,
    *,
    on_frame: ProgressCallback | None = None,
) -> Clip:
    """As `pipeline.clips.animated_clip`, by a published model; faces that follow a video have a DrivingClip."""
    parts = [
        (cast[number], _rendered(photo, cast[number], made, fomm, options) if isinstance(made, Driver) else made)
        for number, made in drivers.items()
    ]
    renderer = FommRenderer(photo, fomm, parts, options, on_frame=on_frame)
    gestures = {number: made.motion for number, made in drivers.items() if isinstance(made, Driver)}
    remarks = [note for made in drivers.values() for note in made.notes]
    remarks += notes.of_faces(cast, gestures)
    remarks += notes.without_effect(
        options, published=True, videos=len(drivers) - len(gestures), gestures=len(gestures)
    )
    about = provenance(photo, {number: made.name for number, made in drivers.items()}, model, options, remarks)
    about = replace(about, synthesized=round(renderer.synthesized, 1))
    return clip_of(photo, renderer.fps, len(renderer), renderer.frames, about, options)


def _rendered(photo: Photo, portrait: Portrait, made: Driver, fomm: FommPredictor, options: Options) -> DrivingClip:
    motion = smooth.resample(made.motion, options.fps or made.motion.fps)
    points = driven(portrait, motion, options).points
    return render_driving_clip(photo, portrait, points, motion.fps, side=side_of(fomm), threads=options.threads)
