"""What is meant by a movement: a bundled gesture, a gesture file, or a video. Part of the pipeline."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from animate.core.errors import DriverError, UnknownGesture, UnreadableVideo
from animate.core.options import Faces
from animate.core.types import Driver
from animate.pipeline.driving import gesture_driver, gesture_names

Followed = Any  # a Driver, or the DrivingClip of a published model
Follow = Callable[[str | Path | Driver], Followed]

GESTURE_FILE = ".card"
_GIVEN = ("", "driver")  # roles that stand for the movement given for all faces
_STILL = (
    "one photograph is animated at a time, by the name of a gesture, such as smile, or by a video of a face; "
    "further photographs of the same person are given apart from it"
)


def gesture_named(driver: str | Path) -> str | Path | None:
    """The bundled gesture or the gesture file that `driver` names, or None for a video.

    A text is a gesture's name, in any case, or a file; a Path is a file.

    Raises:
        UnknownGesture: for a text that is neither, with the gestures that sound like it.
        DriverError: for an address on the web or a still picture.
    """
    name = str(driver)
    if "://" in name or name.startswith(("http:/", "https:/")):
        raise DriverError(f"{name} is an address on the web", hint="save the video to a file first; nothing is fetched")
    path = Path(name)
    if isinstance(driver, str) and name.strip().lower() in gesture_names():
        return name.strip().lower()
    if path.suffix.lower() == GESTURE_FILE:
        return path
    if os.path.isfile(path):
        if _still_picture(path):
            raise DriverError(f"{path.name} is a photograph, not a movement", hint=_STILL)
        return None
    if isinstance(driver, Path) or path.suffix or len(path.parts) > 1:
        return None
    raise UnknownGesture(f"there is no gesture called {name!r}", hint=_suggestion(name))


def check(driver: str | Path | Driver, faces: Faces) -> None:
    """Raises what `gesture_named` does for the movement of all faces or of any, before anything is read."""
    roles = [*faces.values()] if isinstance(faces, Mapping) else [""]
    for wanted in dict.fromkeys(driver if role in _GIVEN else role for role in roles):
        if not isinstance(wanted, Driver):
            gesture_named(wanted)


def drivers(
    driver: str | Path | Driver, roles: Mapping[int, str], follow: Follow, *, turned: bool = True
) -> dict[int, Driver | Followed]:
    """What each face follows.

    Args:
        driver: the movement of faces without one of their own.
        roles: each face's own, by number; "" and "driver" stand for `driver`.
        follow: reads a video.
        turned: a Driver serves as it is; else its video is read again.
    """
    made: dict[str | Path | Driver, Driver | Followed] = {}

    def get(wanted: str | Path | Driver) -> Driver | Followed:
        if isinstance(wanted, Driver) and turned:
            return wanted
        if wanted not in made:
            gesture = None if isinstance(wanted, Driver) else gesture_named(wanted)
            made[wanted] = gesture_driver(gesture) if gesture else follow(wanted)
        return made[wanted]

    return {number: get(driver if role in _GIVEN else role) for number, role in roles.items()}


def _still_picture(path: Path) -> bool:
    """Whether a file is a picture in which nothing moves."""
    from animate.core.file_type import detect_file
    from animate.media.animated_image import STILL
    from animate.media.read import open_sample

    try:
        found = detect_file(path)
    except OSError:
        return False
    if found is None or found.family != "picture":
        return False
    try:
        open_sample(path)
    except UnreadableVideo as error:  # or an animation that is damaged or too large
        return STILL in str(error)
    return False


def _suggestion(name: str) -> str:
    names = gesture_names()
    near = difflib.get_close_matches(name.strip().lower(), names, n=3, cutoff=0.5)
    near += [known for known in names if name.strip().lower() in known and known not in near]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}gestures: {', '.join(names)}"
