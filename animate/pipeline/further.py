"""Further photographs of one person: read, the face found and held against the first, what each gave put into words.

Part of the pipeline: it joins photo, portraits and likeness. Further photographs count from 1, in the order in which
they were given. Notes name them by number only: they enter the signed manifest, where no file's name belongs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from animate.core.errors import NoFace, OptionError, PhotoError
from animate.core.options import BUNDLED_MODEL
from animate.core.protocols import LandmarkPredictor
from animate.core.types import FurtherPhoto, Photo, Portrait
from animate.pipeline import portraits, same_person
from animate.pipeline.sources import FaceSources, FurtherFace

MOST = 8
LONGEST = 3840  # pixels of the longer side of one


def check(count: int, model: str = BUNDLED_MODEL) -> None:
    """Raises OptionError for more photographs than are read, or a model that knows no further ones."""
    if count > MOST:
        raise OptionError(
            f"{count} further photographs were given", hint=f"give at most {MOST}, those that differ most"
        )
    if count and model != BUNDLED_MODEL:
        raise OptionError(
            f"{model} takes nothing from further photographs", hint=f"leave them out, or use the model {BUNDLED_MODEL}"
        )


def faces(
    portrait: Portrait, more: Sequence[Photo], network: LandmarkPredictor, *, finder: str, insisted: bool
) -> tuple[FurtherFace, ...]:
    """In each further photograph the face that is most like `portrait`'s.

    Args:
        portrait: the person, in the main photograph.
        more: the further photographs.
        network: confirms faces.
        finder: proposes them.
        insisted: faces that seem to be somebody else's are used all the same.

    Raises:
        PhotoError: for one without a face, or one that seems to show somebody else.
    """
    numbered = enumerate(more, 1)
    return tuple(face(portrait, one, number, network, finder=finder, insisted=insisted) for number, one in numbered)


def face(
    portrait: Portrait, photo: Photo, number: int, network: LandmarkPredictor, *, finder: str, insisted: bool
) -> FurtherFace:
    """The face in further photograph `number` that is most like `portrait`'s; raises as `faces` does."""
    from animate.photo.resize import shrink

    photo = shrink(photo, LONGEST)
    own = same_person.look(portrait.photo.pixels, portrait.keypoints.points)
    shown = _shown(photo, number, network, finder)
    scores = [same_person.score(own, same_person.look(photo.pixels, one.keypoints.points)) for one in shown]
    best = int(np.argmax(scores))
    if scores[best] < same_person.LEAST and not insisted:
        raise PhotoError(
            f"{_named(number, photo)} does not seem to show the person of {portrait.photo.name or 'the first'}",
            hint="leave it out or, if it is the same person, insist on it (more_anyway)",
        )
    return FurtherFace(number, shown[best])


def _shown(photo: Photo, number: int, network: LandmarkPredictor, finder: str) -> tuple[Portrait, ...]:
    try:
        return portraits.find_faces(photo, network, finder=finder)
    except NoFace as error:
        raise PhotoError(
            f"no face was found in {_named(number, photo)}", hint="leave it out, or give one that shows the face larger"
        ) from error


def _named(number: int, photo: Photo) -> str:
    return f"further photograph {number}" + (f" ({photo.name})" if photo.name else "")


def record(sources: FaceSources) -> tuple[FurtherPhoto, ...]:
    """The further photographs for the marks, with what each gave."""
    photos = [face.portrait.photo for face in sources.further]
    return tuple(
        FurtherPhoto(photo.name, photo.sha256, percent)
        for photo, percent in zip(photos, sources.percents(), strict=True)
    )


def notes(sources: FaceSources, percents: Iterable[float]) -> tuple[str, ...]:
    """What each further photograph gave, or why it gave nothing."""
    told = []
    for k, (face, percent) in enumerate(zip(sources.further, percents, strict=True)):
        name = f"further photograph {face.number}"
        if sources.reasons[k]:
            told.append(f"{name} {sources.reasons[k]}")
        elif percent > 0:
            told.append(f"{name} gave {percent:.1f} % of the drawn face: {', '.join(sources.given(k))}")
        else:
            told.append(f"{name} gave nothing: it shows nothing that this movement needs and the photograph lacks")
    return tuple(told)
