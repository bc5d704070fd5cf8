"""A clip from portraits and their movements. Part of the pipeline: it joins motion, rendering and saving."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from animate.core import memory
from animate.core.options import Options, text
from animate.core.protocols import MattePredictor, MotionPredictor
from animate.core.types import Clip, DrivenLandmarks, Driver, Motion, Photo, Portrait, Provenance, Soundtrack
from animate.pipeline import further, mattes, notes, saving
from animate.pipeline.mattes import Separated
from animate.pipeline.settings import settings
from animate.pipeline.sources import FaceSources, FurtherFace
from animate.pipeline.timing import align


def animated_clip(
    photo: Photo,
    cast: Mapping[int, Portrait],
    drivers: Mapping[int, Driver],
    networks: MotionPredictor | None,
    model: str,
    options: Options,
    *,
    matte: MattePredictor | None = None,
    bystanders: Sequence[Portrait] = (),
    more: Sequence[FurtherFace] = (),
    separated: Separated | None = None,
) -> Clip:
    """The clip that the bundled model makes of a photograph.

    Args:
        photo: the photograph at the clip's size.
        cast: the faces that move, by number, in its pixels.
        drivers: what each of them follows.
        networks: refine the movement and paint; None moves pixels only.
        model: name and id of the weights, for the record.
        options: every other choice.
        matte: separates people from the background; None expects them in the shape of a head upon shoulders.
        bystanders: faces that were found and do not move.
        more: further photographs of the first of those who move.
        separated: who owns which pixel, if that is known already.
    """
    from animate.pipeline.face_parts import face_parts
    from animate.pipeline.render import RenderJob
    from animate.pipeline.synthesis import synthesized_share

    suited, remarks = _suited(cast, drivers)
    motions = align(suited, fps=options.fps, seconds=options.seconds, stagger=options.stagger)
    mouths = {number: options.mouth * made.mouth if networks else 0.0 for number, made in drivers.items()}
    moving = [
        (cast[number], driven(cast[number], motion, options, mouths[number])) for number, motion in motions.items()
    ]
    sides = notes.of_sides({number: cast[number] for number in motions}, [points for _, points in moving])
    remarks = (*_read(drivers), *remarks, *notes.of_faces(cast, motions), *sides, *_without_effect(drivers, options))
    about = provenance(photo, {number: made.name for number, made in drivers.items()}, model, options, remarks)
    sources, about = _further(photo, moving[0], more, options, about)
    everybody = [*(portrait for portrait, _ in moving), *bystanders]
    with ThreadPoolExecutor(1) as beside:
        layers = beside.submit(_separated, photo, everybody, matte, separated)
        parts = face_parts(photo, moving, networks, teeth=options.teeth, sources=sources)
        about = replace(about, synthesized=round(synthesized_share(parts), 1))
    job = RenderJob(photo, moving, options.threads, parts, layers.result())
    memory.trim()
    clip = clip_of(photo, next(iter(motions.values())).fps, len(moving[0][1]), job, about, options)
    return replace(clip, sound=_soundtrack(drivers, options))


def _separated(
    photo: Photo, everybody: Sequence[Portrait], matte: MattePredictor | None, known: Separated | None
) -> Separated:
    """As `mattes.separated`, in a thread of its own, unless it is known."""
    with settings(1):
        return known or mattes.separated(photo, everybody, matte)


def _further(
    photo: Photo,
    part: tuple[Portrait, DrivenLandmarks],
    more: Sequence[FurtherFace],
    options: Options,
    about: Provenance,
) -> tuple[dict[int, FaceSources], Provenance]:
    """What further photographs give to the first of those who move, and the record of that."""
    if not more:
        return {}, about
    sources = FaceSources(photo, *part, more, teeth=options.teeth)
    given = further.record(sources)
    told = further.notes(sources, [one.percent for one in given])
    return {0: sources}, replace(about, more=given, notes=(*about.notes, *told))


def driven(portrait: Portrait, motion: Motion, options: Options, mouth: float = 0.0) -> DrivenLandmarks:
    """A face that follows a motion, as strongly as the options set; `mouth` is how far its lips may part, 0..1, where
    no hair hides them."""
    from animate.motion.retarget import retarget, retarget_shading
    from animate.motion.suit import room
    from animate.pipeline.mouths import parting

    source = portrait.keypoints.points
    head = options.head * room(source, portrait.photo.width, portrait.photo.height)
    mouth *= parting(portrait) if mouth else 1.0
    points = retarget(source, motion, head=head, expression=options.expression, gaze=options.gaze, open_mouth=mouth)
    return DrivenLandmarks(points, retarget_shading(source, motion, strength=options.expression))


def provenance(
    photo: Photo, movements: Mapping[int, str], model: str, options: Options, remarks: Sequence[str]
) -> Provenance:
    """The record of what was done; what a person typed for the slip stands in `extra` only.

    Args:
        photo: the photograph at the clip's size.
        movements: the name of each face's movement, by the face's number.
        model: name and id of the weights.
        options: every choice.
        remarks: notes on the clip, after those on the photograph.
    """
    from animate.provenance.record import OPTIONS

    recorded = {name: getattr(options, name) for name in OPTIONS}
    return Provenance(
        program=f"keepsake {metadata.version('keepsake')}",
        model=model,
        photo=photo.name,
        photo_sha256=photo.sha256,
        photo_size=(photo.width, photo.height),
        gestures=dict(movements),
        options=recorded | {"model": model.partition(" ")[0], "box": text(options.box)},
        notes=tuple(dict.fromkeys((*photo.notes, *remarks, *notes.of_size(photo.width, photo.height)))),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        extra={name: str(value) for name, value in options.group("slip").items()} | {"end_card": options.end_card},
        edits=photo.edits,
    )


def clip_of(
    photo: Photo,
    fps: float,
    count: int,
    render: Callable[[], Iterator[np.ndarray]],
    about: Provenance,
    options: Options,
) -> Clip:
    """A Clip that saves itself with its own options."""
    return Clip(
        photo.width,
        photo.height,
        fps,
        count,
        render,
        about,
        photo,
        quality=options.quality,
        threads=options.threads,
        writer=saving.save,
    )


def _videos(drivers: Mapping[int, Driver]) -> list[Path]:
    return list(dict.fromkeys(made.video for made in drivers.values() if made.video))


def _soundtrack(drivers: Mapping[int, Driver], options: Options) -> Soundtrack | None:
    """The sound of the first driving video that has any, if it is wanted."""
    from animate.media.sound import has_sound

    videos = [path for path in _videos(drivers) if options.sound == "keep" and has_sound(path)]
    return Soundtrack(videos[0], options.start, options.end or None) if videos else None


def _silenced(drivers: Mapping[int, Driver], options: Options) -> tuple[str, ...]:
    """A note on sound that is left out, or that is wanted and not there."""
    from animate.media.sound import has_sound

    loud = [path.name for path in _videos(drivers) if has_sound(path)]
    if options.sound == "keep":
        return () if loud or not _videos(drivers) else ("the driving video has no sound",)
    return (f"the sound of {' and '.join(loud)} was left out",) if loud else ()


def _suited(cast: Mapping[int, Portrait], drivers: Mapping[int, Driver]) -> tuple[dict[int, Motion], tuple[str, ...]]:
    """Each face's motion, gestures mirrored or bounded to suit the way its head is turned, and notes on that."""
    from animate.motion.suit import SURE, room, suit, yaw

    motions, remarks = {}, []
    for number, made in drivers.items():
        portrait = cast[number]
        points = portrait.keypoints.points
        turned = yaw(points)
        sure = portrait.keypoints.presence >= SURE
        motion, mirrored = (made.motion, False) if made.video else suit(made.motion, turned, sure=sure)
        motions[number] = motion
        who = f"face {number}" if len(drivers) > 1 else "the face"
        if mirrored:
            remarks.append(f"the movement of {who} is mirrored, as the head is turned to the {_side(turned)}")
        if room(points, portrait.photo.width, portrait.photo.height) < 0.9:
            remarks.append(f"{who} is cut by the photograph's border, so its head moves less")
    return motions, tuple(remarks)


def _side(yaw: float) -> str:
    return "left" if yaw > 0 else "right"


def _read(drivers: Mapping[int, Driver]) -> Iterator[str]:
    """What was found while the movements were read."""
    return (note for made in drivers.values() for note in made.notes)


def _without_effect(drivers: Mapping[int, Driver], options: Options) -> tuple[str, ...]:
    """Notes on choices that change nothing, and on sound."""
    videos = sum(made.video is not None for made in drivers.values())
    lips = any(made.mouth for made in drivers.values())
    idle = notes.without_effect(options, published=False, videos=videos, gestures=len(drivers) - videos, lips=lips)
    return (*idle, *_silenced(drivers, options))
