"""What a person should know about a clip: choices without effect, and faces whose movement will hardly be visible.

Part of the pipeline. A note is one plain sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from animate.core.options import Options
from animate.core.types import DrivenLandmarks, Motion, Portrait
from animate.motion import landmarks, openings

SMALL = 40  # pixels of a face's height below which movement is hardly visible
ASIDE = 60.0  # degrees of roll from which a face lies on its side
CLOSED = 0.09  # eye widths between the lids below which an eye counts as closed
BLINKING = 0.5  # lid fraction of a movement that is a blink

_STRENGTHS = ("head", "expression", "gaze")
_PUBLISHED = ("mode", "adapt")
_OF_VIDEOS = ("driver_face", "start", "end", "sound")


def without_effect(
    options: Options, *, published: bool, videos: int, gestures: int, lips: bool = True
) -> tuple[str, ...]:
    """A note on the choices that change nothing here.

    Args:
        options: all choices; only those that are not at their default are named.
        published: the clip is made by a published model.
        videos: how many faces follow a video.
        gestures: how many follow a gesture.
        lips: some movement parts the lips.
    """
    idle: list[tuple[Sequence[str], str]] = []
    if not published:
        idle.append((_PUBLISHED, "for the published models only"))
    elif videos and not gestures:
        idle.append(((*_STRENGTHS, "mouth"), "a published model follows a video as it is"))
    if not lips:
        idle.append((("mouth",), "no lips part in this movement"))
    if not videos:
        idle.append((_OF_VIDEOS, "for driving videos only"))
    if options.box:
        idle.append((("finder",), "the face was given by hand"))
    changed = options.changed()
    return tuple(
        f"{_listed(named)} had no effect: {reason}"
        for names, reason in idle
        if (named := [name for name in names if name in changed])
    )


def of_size(width: int, height: int) -> tuple[str, ...]:
    """A note on a clip in which the invisible mark cannot be read."""
    from animate.provenance.watermark.detect import is_readable

    if is_readable(width, height):
        return ()
    return (f"{width} x {height} pixels are too few for the invisible mark to be read from the clip",)


def of_faces(portraits: Mapping[int, Portrait], motions: Mapping[int, Motion]) -> tuple[str, ...]:
    """Notes on the faces that move, by their numbers, and on what their movements will do to them."""
    notes = [note for number, portrait in portraits.items() for note in _small(number, portrait, len(portraits))]
    notes += _reversed(portraits)
    rolls = [abs(roll(portrait)) for portrait in portraits.values()]
    if rolls and min(rolls) > ASIDE:
        way = "is upside down" if min(rolls) > 180 - ASIDE / 2 else "lie on their side"
        subject = "the scan" if way.startswith("is") else "the faces"
        notes.append(f"{subject} {way}; turn the scan upright")
    for number, portrait in portraits.items():
        if number in motions and _blinks(motions[number]) and _closed(portrait):
            face = face_name(number, len(portraits))
            notes.append(f"the eyes of {face} are closed in the photograph; they stay closed")
    return tuple(notes)


def _reversed(portraits: Mapping[int, Portrait]) -> list[str]:
    from animate.photo.check import negative

    photo = next(iter(portraits.values())).photo
    note = negative(photo.pixels, [landmarks.five(one.keypoints.points)[:, :2] for one in portraits.values()])
    return [note] if note and note not in photo.notes else []


def of_sides(cast: Mapping[int, Portrait], moving: Sequence[DrivenLandmarks]) -> tuple[str, ...]:
    """A note on every face, by its number, of which a turn shows more than the photograph does."""
    from animate.pipeline.mirrored_side import needed

    return tuple(
        f"{face_name(number, len(cast))} turns back from the side: "
        "what the photograph hides of it is the mirror image of its other side"
        for (number, portrait), driven in zip(cast.items(), moving, strict=True)
        if needed(portrait.keypoints.points, driven.points)
    )


def _small(number: int, portrait: Portrait, count: int) -> Iterable[str]:
    pixels = height(portrait)
    if pixels < SMALL:
        face = face_name(number, count)
        yield f"{face} is only {pixels:.0f} pixels high in the clip; its movement will hardly be visible"


def height(portrait: Portrait) -> float:
    """Pixels from forehead to chin, along the face."""
    points = portrait.keypoints.points[:, :2]
    eyes = landmarks.five(portrait.keypoints.points)[:2, :2]
    along = (eyes[1] - eyes[0]) / max(float(np.linalg.norm(eyes[1] - eyes[0])), 1e-6)
    return float(np.ptp(points @ np.array([-along[1], along[0]])))


def roll(portrait: Portrait) -> float:
    """Degrees by which the eyes are turned from level, -180 to 180."""
    x, y = np.subtract(*landmarks.five(portrait.keypoints.points)[1::-1, :2])
    return float(np.degrees(np.arctan2(y, x)))


def _closed(portrait: Portrait) -> bool:
    return bool((openings.eye_opening(portrait.keypoints.points) < CLOSED).all())


def _blinks(motion: Motion) -> bool:
    return bool((motion.lids > BLINKING).any())


def face_name(number: int, count: int) -> str:
    """How a note calls a face of `count`."""
    return "the face" if count == 1 else f"face {number}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
