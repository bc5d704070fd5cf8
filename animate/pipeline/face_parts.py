"""What is laid over the moved pixels of a driven face: the networks' corrections, a mouth, other photographs' parts.

Part of the pipeline. They are made once for a clip, as both its record and its frames need them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from animate.core.protocols import MotionPredictor
from animate.core.types import DrivenLandmarks, Photo, Portrait
from animate.pipeline.mouths import DrivenMouth
from animate.pipeline.neural import FaceNetworks
from animate.pipeline.sources import FaceSources


@dataclass(frozen=True, eq=False)
class FaceParts:
    """The parts of one driven face; `networks` is None where pixels are only moved."""

    driven: DrivenLandmarks
    networks: FaceNetworks | None
    mouth: DrivenMouth
    sources: FaceSources | None = None


def face_parts(
    photo: Photo,
    cast: Sequence[tuple[Portrait, DrivenLandmarks]],
    networks: MotionPredictor | None,
    *,
    teeth: float = 1.0,
    sources: Mapping[int, FaceSources] = MappingProxyType({}),
) -> tuple[FaceParts, ...]:
    """The parts of everyone who moves.

    Args:
        photo: the photograph.
        cast: who moves, and how.
        networks: MotionNetworks, which change the light and paint what cannot be moved; None moves pixels only.
        teeth: how much of the teeth is drawn where lips part, 0..1.
        sources: further photographs of those who move, by their place in `cast`.
    """
    return tuple(
        FaceParts(
            driven,
            FaceNetworks(photo, portrait, driven, networks) if networks else None,
            DrivenMouth(photo, portrait, driven, teeth, lit=networks is not None),
            sources.get(k),
        )
        for k, (portrait, driven) in enumerate(cast)
    )
