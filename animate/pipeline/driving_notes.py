"""Notes on a driving video: its cuts, its faces, their occlusion, and what was done about it."""

from __future__ import annotations

import numpy as np

from animate.pipeline.video_tracking import Recording

NO_FACE_HINT = "use a video in which one face is seen from the front and from near"
FEWER_HINT = "faces are counted by size from 1 on; leave the number of the face out to follow the largest"
FAR = 0.4  # outer-eye distances from which a head's way is limited noticeably


def no_face(name: str, face: int, small: float) -> str:
    """Why nothing could be followed: `small` is the height of the largest face in pixels of the video, 0 if none."""
    if face > 1:
        return f"fewer than {face} faces were found in {name}"
    if small:
        return f"the face in {name} is only {small:.0f} pixels high, too small to be followed"
    return f"no face was found in {name}"


def notes(recording: Recording, *, face: int, covered: int, limited: float, small: float) -> list[str]:
    """The notes on one recording.

    Args:
        recording: what was followed.
        face: which face was chosen, 0 for the largest.
        covered: frames with something before a part of the face.
        limited: the head's way in outer-eye distances before it was limited.
        small: height of the face in pixels of the video if that is little, or 0.
    """
    count, outside = len(recording.points), recording.outside
    gone = int((~np.isfinite(recording.points[:, 0, 0])).sum()) - outside
    remarks = []
    if recording.cuts:
        remarks.append(f"the video has {_number(recording.cuts, 'cut')}; each part starts from rest")
    if gone:
        remarks.append(
            f"the face was out of sight in {gone} of {count} frames of the video; the portrait eases to rest there"
        )
    if outside:
        remarks.append(
            f"a part of the face lay outside of the picture in {outside} of {count} frames of the video; "
            "the portrait eases to rest there"
        )
    if recording.people > 1:
        which = f"face {face}, counted by size," if face > 1 else "the largest"
        remarks.append(f"the video shows {recording.people} people; {which} is followed")
    if covered:
        remarks.append(f"a part of the face was covered in {_number(covered, 'frame')}; that part rests there")
    if limited > FAR:
        remarks.append("the head moves farther in the video than a photograph bears; its way was limited")
    if small:
        remarks.append(f"the face is only {small:.0f} pixels high in the video; film from nearer for a finer movement")
    return remarks


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
