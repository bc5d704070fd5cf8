"""Who moves and how: a gesture for each face of a photograph, by what was chosen for `faces`."""

from __future__ import annotations

from collections.abc import Mapping

from animate.core.errors import OptionError
from animate.core.options import Faces


def assign_gestures(faces: Faces, default: str, count: int) -> dict[int, str]:
    """A gesture for each face that moves.

    Args:
        faces: "all", how many of the largest, or {number: gesture}; numbers count from 1, the largest.
        default: the gesture of faces without one of their own.
        count: how many faces were found.

    Raises:
        OptionError: for a face that was not found.
    """
    if isinstance(faces, Mapping):
        for number in faces:
            if number > count:
                raise OptionError(
                    f"there is no face {number}; {count} found", hint="the list of faces shows their numbers"
                )
        return dict(faces)
    wanted = count if isinstance(faces, str) else min(faces, count)
    return dict.fromkeys(range(1, wanted + 1), default)


def how_many(faces: Faces) -> int | None:
    """How many of the largest faces are selected; None where all have to be known."""
    return faces if isinstance(faces, int) else None
