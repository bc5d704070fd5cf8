"""The four marks of a clip, put on while it is saved: icon, invisible mark, signed manifest, citation slip.

Part of the pipeline. There is no way to save a clip without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from animate.values import Clip


class Marks:
    """The marks of one clip: `frames()` carry two of them, `seal` signs the file, `slip` lies beside it."""

    def __init__(self, clip: Clip):
        from animate.provenance import seal, slate

        self.clip, self.id = clip, seal.identity(clip.record)
        self.lacks: tuple[str, ...] = ()  # what the file's format cannot hold, in plain words
        language = clip.record.extra.get("slate", "")
        self.end = list(slate.closing(clip.width, clip.height, clip.fps, language=language)) if language else []
        self.count = len(clip) + len(self.end)

    def frames(self) -> Iterator[np.ndarray]:
        """The clip's frames and the closing words, each with icon and invisible mark: (height, width, 3) uint8."""
        from animate.provenance.icon import Icon
        from animate.provenance.invisible import Mark

        stream = self.clip.frames()
        first = next(stream)
        icon = Icon(self.clip.width, self.clip.height)
        mark = Mark(self.clip.width, self.clip.height, self.id, reference=first)
        yield icon.stamp(mark.stamp(first), in_place=True)
        for frame in stream:
            yield icon.stamp(mark.stamp(frame), in_place=True)
        for frame in self.end:
            yield icon.stamp(mark.stamp(frame), in_place=True)

    def seal(self, file: Path) -> None:
        """Label and sign the finished file, last of all."""
        from animate.provenance.seal import seal

        self.lacks = seal(file, self.clip.record, photo=self.clip.photo.pixels if self.clip.photo else None)

    def slip(self, file: Path) -> None:
        """The citation slip, as .json and as .txt beside the clip."""
        from animate.provenance import manifest, slip

        record = replace(self.clip.record, notes=(*self.clip.record.notes, *self.lacks))
        slip.write(file, record, self.id.hex(), manifest.content_type(file))
