"""The four marks of a clip, put on while it is saved: icon, invisible mark, signed manifest, citation slip.

Part of the pipeline. There is no way to save a clip without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from animate.core import memory
from animate.core.types import Clip


class ProvenanceMarks:
    """The marks of one clip: `frames()` carry two of them, `sign` signs the file, `cite` writes the slip beside it."""

    def __init__(self, clip: Clip):
        from animate.provenance import end_card, seal

        self.clip, self.id = clip, seal.identity(clip.provenance)
        self.lacks: tuple[str, ...] = ()  # what the file's format cannot hold, in plain words
        language = clip.provenance.extra.get("slate", "")
        self.end = list(end_card.closing(clip.width, clip.height, clip.fps, language=language)) if language else []
        self.count = len(clip) + len(self.end)

    def frames(self) -> Iterator[np.ndarray]:
        """The clip's frames and the closing words, each with icon and invisible mark: (height, width, 3) uint8."""
        from animate.provenance.badge import Badge
        from animate.provenance.watermark.embed import Watermark

        width, height = self.clip.width, self.clip.height
        icon = Badge(width, height)
        mark = Watermark(width, height, self.id, reference=self._still())
        memory.trim()
        for frame in chain(self.clip.frames(), self.end):
            yield icon.stamp(mark.stamp(frame), in_place=True)

    def _still(self) -> np.ndarray:
        """The photograph as the clip shows it: the first frame, which is the photograph itself where it is known."""
        photo = self.clip.photo
        if photo is not None and (photo.width, photo.height) == (self.clip.width, self.clip.height):
            return photo.pixels
        return next(self.clip.frames())

    def sign(self, file: Path) -> None:
        """Label and sign the finished file, last of all."""
        from animate.provenance.seal import sign

        self.lacks = sign(file, self.clip.provenance, photo=self.clip.photo.pixels if self.clip.photo else None)

    def cite(self, file: Path) -> None:
        """The citation slip, as .json and as .txt beside the clip."""
        from animate.provenance import citation
        from animate.provenance.c2pa import manifest

        record = replace(self.clip.provenance, notes=(*self.clip.provenance.notes, *self.lacks))
        citation.write(file, record, self.id.hex(), manifest.content_type(file))
