"""What the program answers about its work, as one JSON object: the same at the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from animate.core.types import Clip, Photo, Portrait


def clip(photo: str, made: Clip, path: str, took: float) -> dict[str, Any]:
    """About a clip: its file, what it was made of, seconds it plays and took, percent of the face that is painted."""
    about = made.provenance
    return {
        "clip": path,
        "photo": photo,
        "width": made.width,
        "height": made.height,
        "frames": made.count,
        "fps": made.fps,
        "seconds": round(made.count / made.fps, 3),
        "took": round(took, 2),
        "gestures": {str(number): name for number, name in about.gestures.items()},
        "synthesized": about.synthesized,
        "more": [{"photo": one.name, "sha256": one.sha256, "percent": one.percent} for one in about.more],
        "notes": list(about.notes),
    }


def faces(name: str, photo: Photo, portraits: Sequence[Portrait]) -> dict[str, Any]:
    """About a photograph's faces, the largest first: number, box (x, y, width, height) in pixels, score 0..1."""
    found = [portrait.face for portrait in portraits]
    listed = [
        {"number": number, "box": [round(side) for side in face.box], "score": round(float(face.score), 3)}
        for number, face in enumerate(found, 1)
    ]
    return {"photo": name, "width": photo.width, "height": photo.height, "faces": listed, "notes": list(photo.notes)}


def gestures() -> dict[str, Any]:
    """The bundled gestures: name, title, description, seconds."""
    from animate import api

    keys = ("name", "title", "description", "seconds")
    return {"gestures": [dict(zip(keys, gesture, strict=True)) for gesture in api.gestures()]}
