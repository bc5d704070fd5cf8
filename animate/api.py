"""One photograph from start to end: load, read, find faces, animate, save. The only file that knows all rooms.

A Clip renders itself when it is played, so `animate` returns at once and `save` does the work, frame by frame.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from animate.core import memory, weights
from animate.core.errors import OptionError, OutputError, WeightsMissing
from animate.core.options import Options
from animate.core.types import Clip, DrivenLandmarks, Driver, Motion, Photo, Portrait, Provenance, Verdict
from animate.faces import centerface, detect
from animate.fomm import animate as vox
from animate.fomm.driving import DrivingClip, driving_clip, render_driving_clip
from animate.pipeline import neural
from animate.pipeline import portraits as looking
from animate.pipeline.driving import gesture_driver, gesture_names, video_driver
from animate.pipeline.face_selection import assign_gestures, how_many
from animate.pipeline.render import RenderJob

LONGEST = 3840  # pixels of a clip's longer side unless the person says less

ProgressCallback = Callable[[int, int], None]  # done, total; may raise Cancelled


@dataclass(frozen=True, eq=False)
class Model:
    """Loaded networks: `keypoints` finds the mesh, `motion` (MotionNetworks) refines the movement and paints, or
    `fomm` is the published model; `id` names the exact weights."""

    name: str
    id: str
    keypoints: object
    fomm: object | None = None
    motion: object | None = None


def load(name: str = "keepsake", *, device: str | None = None) -> Model:
    """The model called `name`; raises WeightsMissing for a name or file that is not there, WeightsDamaged for a broken file."""
    from animate.model.nets.landmark_network import load_landmark_network
    from animate.model.parallel import single_threaded

    if name not in ("keepsake", *vox.NAMES) or device not in (None, "cpu"):
        raise WeightsMissing(
            f"there is no model {name!r} for {device or 'cpu'}", hint="the bundled model is 'keepsake', on 'cpu'"
        )
    keypoints = weights.path("keypoints")
    single_threaded()
    if name in vox.NAMES:
        from animate.fomm.model import load_fomm

        return Model(
            name, weights.digest(name)[:12], load_landmark_network(keypoints), fomm=load_fomm(weights.path(name))
        )
    from animate.model.nets.motion_networks import load_networks
    from animate.model.precision import preferred_dtype

    motion = load_networks(weights.path("motion"), dtype=preferred_dtype())
    return Model(name, weights.digest("keypoints", "motion")[:12], load_landmark_network(keypoints), motion=motion)


def read_photo(source: str | Path | bytes | np.ndarray) -> Photo:
    """A photograph, upright, as sRGB; raises PhotoError with a hint."""
    from animate.photo.read import read_photo as read

    return read(source)


def find_faces(
    photo: Photo, *, finder: str = "centerface", box: str = "", most: int | None = None, model: Model | None = None
) -> tuple[Portrait, ...]:
    """Every face, or the `most` largest, largest first, or the one in `box` ("x,y,w,h"); raises NoFace with a hint."""
    return looking.find_faces(photo, (model or load()).keypoints, finder=finder, box=box, most=most)


def gestures() -> tuple[tuple[str, str, str, float], ...]:
    """(name, title, description, seconds) of every bundled gesture, the gentlest first."""
    from animate.motion.gesture_file import list_gestures

    return list_gestures()


def animate(
    photo: Photo | str | Path,
    driver: str | Path | Driver = "breath",
    *,
    more: Sequence = (),
    model: Model | None = None,
    options: Options = Options(),
    portraits: Sequence[Portrait] | None = None,
    on_frame: ProgressCallback | None = None,
) -> Clip:
    """The clip of a photograph moved by a gesture, a card file, a video or a Driver.

    `more` photographs of the same person are not used yet and must be empty. `portraits` are
    the faces of a photograph that was searched before, all of them, so that they are not sought again.
    `on_frame(done, total)` follows the reading of a driving video. Raises PhotoError, DriverError, OptionError or WeightsError, each with a hint.
    """
    if more:
        raise OptionError("several photographs of one person cannot be used yet", hint="give one photograph")
    model = model or load(options.model)
    detect.use_threads(options.threads)
    photo = photo if isinstance(photo, Photo) else read_photo(photo)
    photo, scale = _at_size(photo, options.size or LONGEST)
    portraits = tuple(looking.rescaled(portrait, photo, scale) for portrait in portraits or ()) or find_faces(
        photo, finder=options.finder, box=_scaled_box(options.box, scale), most=how_many(options.faces), model=model
    )
    drivers = _drivers(driver, assign_gestures(options.faces, "", len(portraits)), model, on_frame)
    centerface.release()
    memory.trim()
    if model.fomm:
        return _published(photo, portraits, drivers, model, options, on_frame)
    motions = _in_time({number: made.motion for number, made in drivers.items()}, options)
    mouths = {number: options.mouth if model.motion and made.video else 0.0 for number, made in drivers.items()}
    parts = [
        (portraits[number - 1], _driven(portraits[number - 1], motion, options, mouths[number]))
        for number, motion in motions.items()
    ]
    about = replace(
        _record(photo, model, drivers, options), invented=round(neural.synthesized_share(photo, parts, model.motion), 1)
    )
    scene = RenderJob(photo, parts, options.threads, model.motion)
    return Clip(photo.width, photo.height, next(iter(motions.values())).fps, len(parts[0][1]), scene, about, photo)


def save(
    clip: Clip, path: str | Path, *, quality: int = 18, threads: int = 0, on_frame: ProgressCallback | None = None
) -> Path:
    """Write `clip` as .mp4, .gif or .webp: marked, silent, complete or not at all; raises OutputError.

    Every frame carries the icon and the invisible mark, the file a signed manifest, and a citation slip lies beside it.
    `on_frame(done, total)` is called after each frame and may raise Cancelled; nothing is left behind then.
    """
    from animate.media.write import check_target, write_clip
    from animate.pipeline import marks as marking

    path = Path(path)
    check_target(path)
    marks = marking.ProvenanceMarks(clip)
    written = write_clip(
        path,
        marks.frames(),
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        count=marks.count,
        quality=quality,
        threads=threads,
        on_frame=on_frame,
        finish=marks.sign,
    )
    marks.cite(written)
    return written


def save_synthesis_map(clip: Clip, path: str | Path) -> Path:
    """Write a picture of what is painted rather than moved: the photograph in grey, the painted share, the largest of any
    frame, in one strong colour over it. Raises OutputError, or OptionError for a clip of a published model."""
    from animate.photo.preview import write_png

    if not isinstance(clip.render, RenderJob):
        raise OptionError(
            "the published models do not tell which part is painted", hint="use the model keepsake for such a picture"
        )
    scene = clip.render
    return write_png(
        path, neural.synthesis_picture(scene.photo, scene.cast, scene.networks, scene.threads or os.cpu_count() or 1)
    )


def verify(path: str | Path, *, photo: str | Path | None = None) -> Verdict:
    """What a clip says about itself, and whether it was made from `photo`; raises UnreadableVideo if there is no such file."""
    from animate.media.read import open_video
    from animate.provenance.verify import verify as look

    return look(
        path, lambda file: open_video(file, max_seconds=24 * 3600.0), photo=read_photo(photo) if photo else None
    )


def record_gesture(
    video: str | Path, out: str | Path, *, model: Model | None = None, on_frame: ProgressCallback | None = None
) -> Path:
    """A motion card from a video of a face: from rest to rest, smoothed; raises DriverError or OutputError."""
    from animate.motion import gesture_file, smooth

    out = Path(out)
    if out.suffix != gesture_file.SUFFIX:
        raise OutputError(
            f"{out.name} does not end in {gesture_file.SUFFIX}", hint=f"name it {out.stem}{gesture_file.SUFFIX}"
        )
    driver = video_driver(video, (model or load()).keypoints, on_frame=on_frame)
    motion = smooth.ease_in_out(driver.motion)
    try:
        gesture_file.save_gesture(
            out,
            motion,
            name=out.stem,
            title=out.stem.replace("-", " ").capitalize(),
            credit=f"recorded from {Path(video).name}",
        )
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}", hint="choose another folder") from error
    return out


def _drivers(
    driver: str | Path | Driver, roles: dict[int, str], model: Model, on_frame: ProgressCallback | None
) -> dict[int, Driver | DrivingClip]:
    """A Driver for each face number, or a Film where the published model follows a video; a face without a gesture of
    its own, or with the word "driver", takes `driver`."""
    made: dict[str | Driver, Driver | DrivingClip] = {}
    follow = driving_clip if model.fomm else video_driver

    def get(wanted: str | Path | Driver) -> Driver | DrivingClip:
        if isinstance(wanted, Driver) and not model.fomm:
            return wanted
        key = wanted if isinstance(wanted, Driver) else str(wanted)
        if key not in made:
            known = key in gesture_names() or (isinstance(key, str) and Path(key).suffix == ".card")
            made[key] = gesture_driver(wanted) if known else follow(wanted, model.keypoints, on_frame=on_frame)
        return made[key]

    return {number: get(driver if role in ("", "driver") else role) for number, role in roles.items()}


def _in_time(motions: dict[int, Motion], options: Options) -> dict[int, Motion]:
    """All motions at one rate and length, each face starting a little after the one before."""
    from animate.motion import smooth

    fps = options.fps or max(motion.fps for motion in motions.values())
    ready = {}
    for place, (number, motion) in enumerate(motions.items()):
        motion = smooth.resample(motion, fps) if motion.fps != fps else motion
        if options.seconds:
            motion = smooth.fit_duration(motion, options.seconds)
        ready[number] = smooth.pad(motion, round(place * options.stagger * fps), 0)
    longest = max(len(motion) for motion in ready.values())
    return {number: smooth.pad(motion, 0, longest - len(motion)) for number, motion in ready.items()}


def _driven(portrait: Portrait, motion: Motion, options: Options, mouth: float = 0.0) -> DrivenLandmarks:
    from animate.motion.retarget import retarget, retarget_shading

    source = portrait.keypoints.points
    points = retarget(
        source, motion, head=options.head, expression=options.expression, gaze=options.gaze, open_mouth=mouth
    )
    return DrivenLandmarks(points, retarget_shading(source, motion, strength=options.expression))


def _published(
    photo: Photo,
    portraits: Sequence[Portrait],
    drivers: dict[int, Driver | DrivingClip],
    model: Model,
    options: Options,
    on_frame: ProgressCallback | None,
) -> Clip:
    """The clip that the published model makes; gestures are rendered once, small, by ours."""
    from animate.motion import smooth

    parts = []
    for number, made in drivers.items():
        portrait = portraits[number - 1]
        if isinstance(made, Driver):
            motion = smooth.resample(made.motion, options.fps or made.motion.fps)
            side = vox.side_of(model.fomm)
            made = render_driving_clip(
                photo,
                portrait,
                _driven(portrait, motion, options).points,
                motion.fps,
                side=side,
                threads=options.threads,
            )
        parts.append((portrait, made))
    play = vox.FommRenderer(
        photo,
        model.fomm,
        parts,
        mode=options.mode,
        adapt=options.adapt == "yes",
        fps=options.fps,
        seconds=options.seconds,
        stagger=options.stagger,
        threads=options.threads,
        on_frame=on_frame,
    )
    about = replace(_record(photo, model, drivers, options), invented=round(play.invented, 1))
    return Clip(photo.width, photo.height, play.fps, len(play), play.frames, about, photo)


def _record(photo: Photo, model: Model, drivers: dict[int, Driver | DrivingClip], options: Options) -> Provenance:
    notes = photo.notes + tuple(dict.fromkeys(note for driver in drivers.values() for note in driver.notes))
    return Provenance(
        program=f"keepsake {metadata.version('keepsake')}",
        model=f"{model.name} {model.id}",
        photo=photo.name,
        photo_sha256=photo.sha256,
        photo_size=(photo.width, photo.height),
        gestures={number: driver.name for number, driver in drivers.items()},
        options={**asdict(options), "model": model.name},
        notes=notes,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        extra={name: getattr(options, name) for name in ("title", "names", "source", "consent", "slate")},
    )


def _at_size(photo: Photo, longest: int) -> tuple[Photo, float]:
    """The photograph shrunk to the clip's longest side, and the scale; never enlarged."""
    from animate.photo.resize import shrink

    small = shrink(photo, longest)
    return small, small.width / photo.width


def _scaled_box(box: str, scale: float) -> str:
    return ",".join(str(float(part) * scale) for part in looking.numbers(box)) if box and scale != 1 else box
