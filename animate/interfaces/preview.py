"""A movement on one face, small and quick: the face and a little around it, without the networks that paint.

Conventions: boxes and points as in Portrait; a preview is a Clip like any other, but of a cut of the photograph.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from animate.core.options import Options
from animate.core.types import Clip, Photo, Portrait

if TYPE_CHECKING:
    from animate.api import Model

SIDE = 160  # pixels
FPS = 12
AROUND = 2.3  # side of the cut, in sides of the face's box


def close_up(photo: Photo, portrait: Portrait, side: int = SIDE) -> tuple[Photo, Portrait]:
    """The square around a face as a photograph of its own with no side over `side` pixels, and the face in it."""
    from animate.photo.resize import shrink
    from animate.pipeline.portraits import rescaled

    x, y, width, height = portrait.face.box
    half = max(width, height) * AROUND / 2
    left, right = (int(min(max(x + width / 2 + sign * half, 0), photo.width)) for sign in (-1, 1))
    top, bottom = (int(min(max(y + height / 2 + sign * half, 0), photo.height)) for sign in (-1, 1))
    cut = replace(photo, pixels=photo.pixels[top:bottom, left:right].copy(), notes=())
    small = shrink(cut, side)
    return small, rescaled(portrait, small, small.width / cut.width, origin=(left, top))


def preview_clip(photo: Photo, portrait: Portrait, gesture: str, model: Model, *, side: int = SIDE) -> Clip:
    """One movement on one face, with no side over `side` pixels."""
    from animate import api

    small, face = close_up(photo, portrait, side)
    options = Options(fps=float(FPS), threads=1)
    return api.clip(small, gesture, model=replace(model, motion=None), options=options, portraits=[face])
