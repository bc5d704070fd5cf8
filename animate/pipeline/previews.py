"""Every movement on one face, small and quick: the face and a little around it, without the networks that paint.

Part of the pipeline. Boxes and points as in Portrait; a preview is a Clip like any other, but of a cut of the
photograph. What all movements share - the cut, who owns which pixel of it - is made once.
"""

from __future__ import annotations

from dataclasses import replace

from animate.core.options import Options
from animate.core.protocols import LandmarkPredictor, MattePredictor
from animate.core.types import Clip, Photo, Portrait
from animate.pipeline import mattes, portraits
from animate.pipeline.clips import animated_clip
from animate.pipeline.driving import gesture_driver
from animate.pipeline.settings import settings

SIDE = 160  # pixels
FPS = 12
AROUND = 2.3  # side of the cut, in sides of the face's box


class Previews:
    """Every movement on one face of a photograph."""

    def __init__(
        self,
        photo: Photo,
        portrait: Portrait,
        keypoints: LandmarkPredictor,
        matte: MattePredictor | None,
        model: str,
        threads: int = 1,
    ):
        """Prepare what all movements share.

        Args:
            photo: the photograph.
            portrait: the face.
            keypoints: finds the meshes of the faces beside it.
            matte: separates people from their surroundings.
            model: name and id of the weights, for the record.
            threads: frames that are rendered side by side; 0 takes all cores.
        """
        self.photo, self.face = close_up(photo, portrait)
        self._model, self._threads = model, threads
        with settings(1):
            others = portraits.neighbours(self.photo, (self.face,), keypoints)
            self._separated = mattes.separated(self.photo, (self.face, *others), matte)

    def clip(self, gesture: str) -> Clip:
        """One movement on the face; no side is over SIDE pixels."""
        options = Options(fps=float(FPS), threads=self._threads)
        with settings(1):
            driver = gesture_driver(gesture)
            return animated_clip(
                self.photo, {1: self.face}, {1: driver}, None, self._model, options, separated=self._separated
            )


def close_up(photo: Photo, portrait: Portrait, side: int = SIDE) -> tuple[Photo, Portrait]:
    """The square around a face as a photograph of its own with no side over `side` pixels, and the face in it."""
    from animate.photo.resize import shrink

    x, y, width, height = portrait.face.box
    half = max(width, height) * AROUND / 2
    left, right = (int(min(max(x + width / 2 + sign * half, 0), photo.width)) for sign in (-1, 1))
    top, bottom = (int(min(max(y + height / 2 + sign * half, 0), photo.height)) for sign in (-1, 1))
    cut = replace(photo, pixels=photo.pixels[top:bottom, left:right].copy(), notes=())
    small = shrink(cut, side)
    return small, portraits.rescaled(portrait, small, small.width / cut.width, origin=(left, top))
