"""One photograph from start to end: load, read, find faces, animate, save. The only file that knows all rooms.

A Clip renders itself when it is played, so `clip` returns before the first frame and `save` does the work. No call here
leaves a setting of torch, OpenCV or the process changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from animate.core.options import Box, Options, as_box
from animate.core.protocols import ProgressCallback
from animate.core.types import Clip, Driver, Photo, Portrait, Verdict
from animate.fomm import steps
from animate.fomm.load import Model, load
from animate.pipeline.settings import settings

if TYPE_CHECKING:
    from animate.pipeline.previews import Previews

LONGEST = 3840  # pixels of a clip's longer side unless the person chooses less


def read_photo(source: str | Path | bytes | np.ndarray, *, page: int = 0) -> Photo:
    """A photograph, upright, as sRGB.

    Args:
        source: a file, a file's bytes, or pixels (H, W), (H, W, 3) or (H, W, 4).
        page: which picture of a file with several, from 1; 0 takes the best.

    Raises:
        PhotoError: for anything that is no photograph, with a hint.
    """
    from animate.photo.read import read_photo as read

    return read(source, page=page)


def find_faces(
    photo: Photo,
    *,
    finder: str = "centerface",
    box: Box | None = None,
    most: int | None = None,
    model: Model | None = None,
) -> tuple[Portrait, ...]:
    """Every face of a photograph, the largest first.

    Args:
        photo: the photograph.
        finder: "centerface" or "face-alignment".
        box: (x, y, width, height) around one face in pixels, which is taken without a search.
        most: smaller faces are not sought once so many were found.
        model: None loads the bundled one.

    Raises:
        NoFace: when there is none, with a hint.
    """
    from animate.pipeline import portraits

    with settings():
        network = (model or load()).keypoints
        return portraits.find_faces(photo, network, finder=finder, box=as_box(box), most=most)


def find_person(
    portrait: Portrait,
    photo: Photo,
    *,
    number: int = 1,
    finder: str = "centerface",
    model: Model | None = None,
    insisted: bool = False,
) -> Portrait:
    """The face of a further photograph that is most like `portrait`.

    Args:
        portrait: the person.
        photo: another photograph.
        number: what messages call it.
        finder: "centerface" or "face-alignment".
        model: None loads the bundled one.
        insisted: a face that seems to be somebody else's is taken all the same.

    Raises:
        PhotoError: it shows no face, or seems to show somebody else.
    """
    from animate.pipeline import further

    with settings():
        network = (model or load()).keypoints
        return further.face(portrait, photo, number, network, finder=finder, insisted=insisted).portrait


def gestures() -> tuple[tuple[str, str, str, float], ...]:
    """(name, title, description, seconds) of every bundled gesture, the gentlest first."""
    from animate.motion.gesture_file import list_gestures

    return list_gestures()


def clip(
    photo: Photo | str | Path,
    driver: str | Path | Driver = "classic",
    *,
    model: Model | None = None,
    options: Options = Options(),
    portraits: Sequence[Portrait] | None = None,
    more: Photo | str | Path | Sequence[Photo | str | Path] = (),
    on_frame: ProgressCallback | None = None,
    on_tile: ProgressCallback | None = None,
) -> Clip:
    """The clip of a photograph that is moved.

    Args:
        photo: the photograph or its file.
        driver: the name of a gesture, a gesture file, a video of a face, or a Driver.
        model: None loads the one that `options` names.
        options: every other choice.
        portraits: all faces of the photograph if they are known already, so that they are not sought again.
        more: up to eight further photographs of the first person that moves; teeth, closed lids and the hidden side of
            the face are taken from them where the photograph does not show them.
        on_frame: called with (done, total) while a driving video is read; may raise Cancelled.
        on_tile: called with (done, total) while faces are made sharper; may raise Cancelled.

    Raises:
        PhotoError, DriverError, OptionError, WeightsError, MissingExtra: each with a hint.
    """
    from animate.photo.resize import shrink
    from animate.pipeline import further, movement
    from animate.pipeline.face_selection import assign_gestures
    from animate.pipeline.framing import frame_photo

    movement.check(driver, options.faces)
    more = (more,) if isinstance(more, (Photo, str, Path)) else more
    further.check(len(more), options.model)
    with settings(options.threads):
        model = model or load(options.model)
        scan = photo if isinstance(photo, Photo) else read_photo(photo, page=options.page)
        longest = options.size or LONGEST
        photo = shrink(scan, longest)
        portraits = steps.sought(photo, photo.width / scan.width, portraits, model, options)
        others = [one if isinstance(one, Photo) else read_photo(one) for one in more]
        roles = assign_gestures(options.faces, "", len(portraits))
        finish = steps.preparation(photo, tuple(roles), model, options, on_tile)
        drivers = movement.drivers(driver, roles, steps.follow(model, options, on_frame), turned=model.fomm is None)
        framing = frame_photo(scan, photo, portraits, tuple(roles), frame=options.frame, longest=longest, finish=finish)
        return framing.cut(steps.animated(framing, drivers, model, options, others, on_frame))


def prepare(
    photo: Photo,
    *,
    options: Options = Options(enhance=0.5, repair=True),
    portraits: Sequence[Portrait] | None = None,
    model: Model | None = None,
    on_tile: ProgressCallback | None = None,
) -> Photo:
    """The photograph as `clip` would animate it with these options, to be looked at before; its `edits` tell.

    Args:
        photo: the photograph.
        options: `enhance` and `repair`, which faces, and how many cores.
        portraits: all faces of the photograph if they are known already; none at all is fine for a repair.
        model: None loads the bundled one.
        on_tile: called with (done, total) while faces are made sharper; may raise Cancelled.

    Raises:
        NoFace, OptionError, MissingExtra: each with a hint.
    """
    from animate.pipeline.face_selection import assign_gestures

    with settings(options.threads):
        model = model or load()
        portraits = steps.sought(photo, 1.0, None, model, options) if portraits is None else portraits
        moving = tuple(assign_gestures(options.faces, "", len(portraits)))
        finish = steps.preparation(photo, moving, model, options, on_tile)
        return finish(photo, dict(enumerate(portraits, 1)))


def previews(photo: Photo, portrait: Portrait, *, model: Model | None = None, threads: int = 1) -> Previews:
    """Small clips of one face, to choose a movement by: `previews(...).clip(name)` is what gesture `name` makes of it.

    Args:
        photo: the photograph.
        portrait: the face, as `find_faces` gave it.
        model: None loads the bundled one.
        threads: frames that are rendered side by side; 0 takes all cores.
    """
    from animate.pipeline.previews import Previews

    model = model or load()
    return Previews(photo, portrait, model.keypoints, model.matte, f"{model.name} {model.id}", threads)


animate = clip  # the earlier name of the verb, for this version


def check(path: str | Path, *, overwrite: bool = False, sound: bool = False) -> None:
    """Everything about saving a clip as `path` that can be known before it is made: names, folder, space, signing key.

    Args:
        path: its ending names the format.
        overwrite: a clip and slips that are there may be replaced.
        sound: the clip is to have sound, which only .mp4 holds.

    Raises:
        OutputError, OptionError: with a hint.
    """
    from animate.pipeline import saving

    saving.check(path, overwrite=overwrite, sound=sound)


def save(
    clip: Clip,
    path: str | Path,
    *,
    quality: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    on_frame: ProgressCallback | None = None,
) -> Path:
    """Write a clip as .mp4, .gif or .webp: icon and invisible mark in every frame, signed, a citation slip beside it.

    Args:
        clip: what to write.
        path: its ending names the format.
        quality: H.264 constant rate factor, 0 (finest) to 51; None is the clip's own.
        threads: processor cores, 0 all; None is the clip's own.
        overwrite: a clip and slips that are there are replaced; else they are an error.
        on_frame: called with (done, total) after each frame; may raise Cancelled, and nothing is left behind then.

    Returns:
        The path of the clip.

    Raises:
        OutputError: when it cannot be written there.
    """
    from animate.pipeline import saving

    return saving.save(clip, path, quality=quality, threads=threads, overwrite=overwrite, on_frame=on_frame)


def save_synthesis_map(clip: Clip, path: str | Path) -> Path:
    """Write, as .png, the photograph in grey and in one strong colour over it what is painted in any frame, not moved.

    Raises:
        OptionError: for a clip of a published model.
        OutputError: when it cannot be written there.
    """
    from animate.pipeline import saving

    return saving.save_synthesis_map(clip, path)


def verify(path: str | Path, *, photo: str | Path | None = None) -> Verdict:
    """What a clip or picture says about itself, and whether it was made from `photo`.

    Raises:
        UnreadableVideo: when there is no such file.
    """
    from animate.media.read import open_sample
    from animate.provenance.verify import verify as check_marks

    original = read_photo(photo) if photo else None
    return check_marks(path, open_sample, photo=original)


def record_gesture(
    video: str | Path,
    out: str | Path,
    *,
    model: Model | None = None,
    options: Options = Options(),
    on_frame: ProgressCallback | None = None,
) -> Path:
    """A gesture file from a video of a face: from rest to rest, smoothed.

    Args:
        video: the video.
        out: the file to write, NAME.card.
        model: None loads the bundled one.
        options: which face, from where to where, and how many cores.
        on_frame: called with (done, total) while the video is read; may raise Cancelled.

    Raises:
        DriverError, OutputError: with a hint.
    """
    from animate.pipeline import recording

    recording.check(out)
    with settings(options.threads):
        return recording.write(out, steps.follow(model or load(), options, on_frame)(Path(video)))
