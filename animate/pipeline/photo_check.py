"""What a photograph will be good for before it is animated: its faces' size, turn, roll, borders and eyes.

Part of the pipeline. A finding has a kind, by which a door can name its own switch, and two plain sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from animate.core.errors import NoFace
from animate.core.types import Photo, Portrait
from animate.motion import landmarks, openings, suit
from animate.pipeline import notes

SEARCHED = 3840  # pixels of the longer side of a scan that is turned to look for faces
COARSE = 90  # pixels of a face's height below which eyes and teeth have few pixels
TURNED = 30.0  # degrees of yaw from which the far eye is hardly there
CUT = 0.9  # of the head's movement that the border leaves
ONE_WAY = 0.8  # share of the faces that must lie one way before the scan counts as turned

_QUARTERS = {1: "a quarter to the left", 2: "by half", 3: "a quarter to the right"}  # of numpy.rot90, how to turn it
_KINDS = {  # a part of a note of reading -> kind
    "very dark": "dark",
    "faded": "faded",
    "negative": "negative",
    "pages": "pages",
    "cut off": "damaged",
}
_ADVICE = {"pages": "another page can be chosen", "damaged": "scan or copy it again"}


@dataclass(frozen=True)
class Finding:
    """kind: turned, negative, dark, faded, pages, damaged, reading, no face, small, coarse, profile, cut or closed;
    text what is there; advice what helps, or ""; face its number, 0 for the whole photograph; turn how many quarters to
    the left make it upright."""

    kind: str
    text: str
    advice: str = ""
    face: int = 0
    turn: int = 0


def findings(photo: Photo, portraits: Sequence[Portrait]) -> tuple[Finding, ...]:
    """All that a person should know of a photograph and of its faces, numbered from 1 in the order given."""
    found = [*_of_reading(photo.notes), *_of_light(photo, portraits), *_of_turn(portraits)]
    for number, portrait in enumerate(portraits, 1):
        found += _of_face(number, portrait, len(portraits))
    return tuple(found)


def turned_faces(
    photo: Photo, find: Callable[[Photo], Sequence[Portrait]]
) -> tuple[tuple[Portrait, ...], Finding | None]:
    """The faces of a photograph, or of none, with a finding that gives the turn in which there are faces.

    Args:
        photo: the photograph.
        find: gives its faces or raises NoFace.
    """
    from animate.photo.resize import shrink

    try:
        return tuple(find(photo)), None
    except NoFace as error:
        small = shrink(photo, SEARCHED)
        for quarters, turn in _QUARTERS.items():
            try:
                find(replace(small, pixels=np.ascontiguousarray(np.rot90(small.pixels, quarters)), notes=()))
            except NoFace:
                continue
            return (), Finding(
                "turned", "faces appear only when the picture is turned", f"turn the scan {turn}", turn=quarters
            )
        return (), Finding("no face", str(error), "a box around the face can be given by hand")


def _of_reading(remarks: Sequence[str]) -> Iterator[Finding]:
    for note in remarks:
        kind = next((kind for part, kind in _KINDS.items() if part in note), "reading")
        yield Finding(kind, note, _ADVICE.get(kind, ""))


def _of_light(photo: Photo, portraits: Sequence[Portrait]) -> Iterator[Finding]:
    from animate.photo.check import negative

    note = negative(photo.pixels, [landmarks.five(one.keypoints.points)[:, :2] for one in portraits])
    if note and note not in photo.notes:
        yield Finding("negative", note)


def _of_turn(portraits: Sequence[Portrait]) -> Iterator[Finding]:
    quarters = [round(notes.roll(portrait) / 90) % 4 for portrait in portraits]
    for quarter, turn in _QUARTERS.items():
        if quarters and quarters.count(quarter) >= ONE_WAY * len(quarters):
            state = "is upside down" if quarter == 2 else "lies on its side"
            yield Finding(
                "turned", f"the picture {state}, and the clip will be the same", f"turn the scan {turn}", turn=quarter
            )


def _of_face(number: int, portrait: Portrait, count: int) -> Iterator[Finding]:
    face, points, photo = notes.face_name(number, count), portrait.keypoints.points, portrait.photo
    height, turn = notes.height(portrait), suit.yaw(points)
    if height < notes.SMALL:
        yield Finding(
            "small",
            f"{face} is only {height:.0f} pixels high; its movement will hardly be visible",
            "scan the print again at a higher resolution",
            number,
        )
    elif height < COARSE:
        yield Finding(
            "coarse",
            f"{face} is {height:.0f} pixels high; eyes and teeth will be coarse",
            "scan the print again at a higher resolution",
            number,
        )
    if abs(turn) > TURNED:
        side = "left" if turn > 0 else "right"
        yield Finding(
            "profile",
            f"{face} is turned to the {side} by about {abs(turn):.0f} degrees; its far side will be poor",
            "a small movement suits it best",
            number,
        )
    if suit.room(points, photo.width, photo.height) < CUT:
        yield Finding(
            "cut", f"{face} is cut by the picture's border, so its head moves less", "scan it with its border", number
        )
    if (openings.eye_opening(points) < notes.CLOSED).all():
        yield Finding(
            "closed", f"the eyes of {face} are closed; they stay closed", "choose a movement without a blink", number
        )
