"""Keepsake: the people in an old photograph move. The public verbs and values; importing this imports no torch.

clip = animate.clip("grandma.jpg", "smile")
path = clip.save("grandma.mp4")
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animate.api import (
        Model,
        animate,
        find_faces,
        gestures,
        load,
        read_photo,
        record_gesture,
        save,
        save_synthesis_map,
        verify,
    )
    from animate.core.errors import KeepsakeError
    from animate.core.options import Options
    from animate.core.types import (
        Clip,
        Crop,
        Driver,
        Face,
        Keypoints,
        Motion,
        Photo,
        Portrait,
        Provenance,
        Verdict,
    )

    __version__: str

_HOMES = {
    "animate.api": (
        "load", "read_photo", "find_faces", "animate", "save", "save_synthesis_map", "verify", "record_gesture",
        "gestures", "Model",
    ),
    "animate.core.options": ("Options",),
    "animate.core.types": (
        "Photo", "Face", "Crop", "Portrait", "Keypoints", "Motion", "Driver", "Clip", "Provenance", "Verdict",
    ),
    "animate.core.errors": ("KeepsakeError",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*_HOME_OF, "__version__"]


def __getattr__(name: str) -> object:
    """Load a verb or a value when it is first asked for (PEP 562)."""
    if name == "__version__":
        return metadata.version("keepsake")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
