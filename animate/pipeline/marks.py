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
    """The marks of one clip: `frames()` carry two of them, `sign` signs the file, `cite` writes the slips beside it."""

    def __init__(self, clip: Clip):
        from animate.provenance import end_card, seal

        self.clip, self.id = clip, seal.identity(clip.provenance)
        self.lacks: tuple[str, ...] = ()  # what the file's format cannot hold, in plain sentences
        language = clip.provenance.extra.get("end_card", "")
        self.end = list(end_card.closing(clip.width, clip.height, clip.fps, language=language)) if language else []
        self.count = len(clip) + len(self.end)

    def frames(self) -> Iterator[np.ndarray]:
        """The clip's frames and the end card, each with icon and invisible mark: (height, width, 3) uint8 RGB."""
        from animate.provenance.badge import Badge
        from animate.provenance.watermark.embed import Watermark

        width, height = self.clip.width, self.clip.height
        icon = Badge(width, height)
        mark = Watermark(width, height, self.id, reference=self._still())
        memory.trim()
        for frame in chain(self.clip.frames(), self.end):
            yield icon.stamp(mark.stamp(frame), in_place=True)

    def sign(self, file: Path) -> None:
        """Labels and signs the finished file; nothing may change it afterwards."""
        from animate.provenance.seal import sign

        self.lacks = sign(file, self.clip.provenance, photo=self.clip.photo.pixels if self.clip.photo else None)

    def cite(self, file: Path) -> None:
        """Writes the slips beside the signed file, over older ones; they are about a clip of that name and content."""
        from animate.provenance import citation
        from animate.provenance.c2pa import manifest

        record = replace(self.clip.provenance, notes=(*self.clip.provenance.notes, *self.lacks))
        kind = manifest.content_type(file)
        citation.write(file, citation.content(file.name, citation.sha256(file), record, self.id.hex(), kind))

    def _still(self) -> np.ndarray:
        """The photograph as the clip shows it: the first frame, which is the photograph itself where it is known."""
        photo = self.clip.photo
        if photo is not None and (photo.width, photo.height) == (self.clip.width, self.clip.height):
            return photo.pixels
        return next(self.clip.frames())
