"""The steps of a clip that need a loaded Model: whose faces, whose movement, what is prepared, what is layered.

Conventions: as in `api`, which calls them in their order; `options` are a person's choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from animate.core import memory
from animate.core.options import Options, scaled
from animate.core.protocols import ProgressCallback
from animate.core.types import Clip, Photo, Portrait
from animate.fomm.load import Model

if TYPE_CHECKING:
    from animate.pipeline.framing import Framing
    from animate.pipeline.movement import Follow
    from animate.pipeline.preparation import Preparation


def sought(
    photo: Photo, scale: float, known: Sequence[Portrait] | None, model: Model, options: Options
) -> Sequence[Portrait]:
    """The faces of a photograph: those known already, at its `scale`, or those that are found; raises NoFace."""
    from animate.pipeline import portraits
    from animate.pipeline.face_selection import how_many

    if known:
        return [portraits.rescaled(portrait, photo, scale) for portrait in known]
    box, most = options.box and scaled(options.box, scale), how_many(options.faces)
    return portraits.find_faces(photo, model.keypoints, finder=options.finder, box=box, most=most)


def preparation(
    photo: Photo, moving: tuple[int, ...], model: Model, options: Options, on_tile: ProgressCallback | None
) -> Preparation:
    """How the photograph is prepared before it is animated; raises MissingExtra."""
    from animate.pipeline.preparation import Preparation

    upscaler = model.upscaler if options.enhance else None
    return Preparation(photo, moving, options.enhance, options.repair, upscaler, options.threads, on_tile)


def follow(model: Model, options: Options, on_frame: ProgressCallback | None) -> Follow:
    """What turns a video into a movement or, for a published model, into a clip whose face is followed."""
    from animate.fomm.driving import driving_clip
    from animate.pipeline.driving import video_driver

    read: Any = driving_clip if model.fomm else video_driver
    return lambda video: read(
        video,
        model.keypoints,
        face=options.driver_face,
        start=options.start,
        end=options.end or None,
        threads=options.threads,
        on_frame=on_frame,
    )


def animated(
    framing: Framing,
    drivers: Mapping[int, Any],
    model: Model,
    options: Options,
    others: Sequence[Photo],
    on_frame: ProgressCallback | None,
) -> Clip:
    """The clip that the model makes of what is framed; `others` show the first person who moves too."""
    from animate.faces import centerface

    cast = {number: framing.portraits[number] for number in drivers}
    centerface.release()
    memory.trim()
    if not model.fomm:
        return layered(framing, cast, drivers, model, options, others)
    from animate.fomm.clip import published_clip

    name = f"{model.name} {model.id}"
    return published_clip(framing.photo, cast, drivers, model.fomm, name, options, on_frame=on_frame)


def layered(
    framing: Framing,
    cast: Mapping[int, Portrait],
    drivers: Mapping[int, Any],
    model: Model,
    options: Options,
    others: Sequence[Photo],
) -> Clip:
    """The clip that the bundled model makes of what is framed; `others` show the first person of `cast` too."""
    from animate.pipeline import further
    from animate.pipeline.clips import animated_clip
    from animate.pipeline.portraits import neighbours

    still = [portrait for number, portrait in framing.portraits.items() if number not in cast]
    still += neighbours(framing.photo, tuple(framing.portraits.values()), model.keypoints)
    first = next(iter(cast.values()))
    more = further.faces(first, others, model.keypoints, finder=options.finder, insisted=options.more_anyway)
    nets = model.motion, f"{model.name} {model.id}", options
    return animated_clip(framing.photo, cast, drivers, *nets, matte=model.matte, bystanders=still, more=more)
