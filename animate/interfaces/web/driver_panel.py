"""A video of one's own as the movement: dropped or filmed in place, the part to use, which of its faces.

Conventions: `assets/driver.js` makes it live.
"""

from __future__ import annotations

from html import escape

from animate.core.errors import OptionError
from animate.core.options import choices
from animate.interfaces.web.photo_view import drop_zone, turn, url
from animate.interfaces.web.work import Driving

KINDS = "video/*,.gif,.webp,.mkv,.avi,.mov,.mp4,.webm"
LONGEST = 20  # seconds that are filmed at most


def html(driving: Driving | None, *, failure: str = "") -> str:
    """The place for the video, or the video with its choices."""
    if driving is None:
        camera = "<button type='button' class='quiet' data-do='camera'>Film yourself with the camera</button>"
        zone = drop_zone("Drop a video of one face here,<br>or click to choose one", KINDS, failure=failure)
        live = f"<div class='camera' data-longest='{LONGEST}' hidden></div>"
        return f"<div class='driver-panel'>{zone}<p class='below'>{camera}</p>{live}</div>"
    known = {name for name, *_ in choices()}
    video = f"<video src='{escape(url(driving.path))}' controls muted playsinline preload='metadata'></video>"
    wrong = f"<p class='failure' role='alert'>{escape(failure)}</p>" if failure else ""
    parts = (_trim(driving) if "start" in known else "") + (_faces(driving) if "driver_face" in known else "")
    away = "<button type='button' class='quiet' data-do='away'>Take another video</button>"
    return f"<div class='driver-panel' {turn()}>{video}{wrong}{parts}<p class='below'>{away}</p></div>"


def _trim(driving: Driving) -> str:
    ends = (("start", "From second", driving.start), ("end", "to second (0: the end)", driving.end))
    return "<p class='trim'>" + " ".join(
        f"<label>{label} <input type='number' min='0' step='0.1' value='{value:g}' data-part='{name}'></label>"
        for name, label, value in ends
    ) + "</p>"  # fmt: skip


def _faces(driving: Driving) -> str:
    names = ("the largest face", "the second largest", "the third largest")
    listed = "".join(
        f"<option value='{number}'{' selected' if number == driving.face else ''}>{name}</option>"
        for number, name in enumerate(names, 1)
    )
    return f"<p class='trim'><label>Follow <select data-part='face'>{listed}</select></label></p>"


def changed(driving: Driving, sent: dict) -> Driving:
    """The video with the part and face that the page sent; raises OptionError for anything that is not a number."""
    try:
        start, end, face = float(sent.get("start", 0)), float(sent.get("end", 0)), int(sent.get("face", 1))
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError("that is not a time", hint="write seconds, such as 1.5") from error
    if not (0 <= start < 86_400 and 0 <= end < 86_400 and 1 <= face <= 99) or (end and end <= start):
        raise OptionError("that part of the video is empty", hint="the end lies after the beginning")
    return Driving(driving.path, start, end, face)
