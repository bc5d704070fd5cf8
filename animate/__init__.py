"""Keepsake: the people in an old photograph move. The verbs and values; importing this imports no torch.

    clip = animate.animate("grandma.jpg", "blink")
    path = animate.save(clip, "grandma.mp4")
"""

from __future__ import annotations

from importlib import import_module, metadata

_HOMES = {
    "animate.pipeline": ("load", "read_photo", "find_faces", "animate", "save", "verify", "record", "gestures", "Model"),
    "animate.options": ("Options",),
    "animate.values": ("Photo", "Face", "Crop", "Portrait", "Keypoints", "Motion", "Driver", "Clip", "Record", "Verdict"),
    "animate.errors": ("KeepsakeError",),
}
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
