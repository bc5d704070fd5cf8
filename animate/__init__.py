"""Keepsake: the people in an old photograph move. The public verbs and values; importing this imports no torch.

clip = animate.clip("grandma.jpg", "smile")
path = clip.save("grandma.mp4")
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, which takes longer to import than all of this

if TYPE_CHECKING:
    from animate.api import (
        Model,
        animate,
        check,
        clip,
        find_faces,
        gestures,
        load,
        prepare,
        read_photo,
        record_gesture,
        save,
        save_synthesis_map,
        verify,
    )
    from animate.core.errors import (
        BadGestureFile,
        Cancelled,
        DriverError,
        KeepsakeError,
        KeypointsMixed,
        MissingExtra,
        NoFace,
        NoFaceInDriver,
        OptionError,
        OutputError,
        PhotoError,
        PhotoTooLarge,
        PhotoTooSmall,
        TrainingDataMissing,
        UnknownGesture,
        UnreadablePhoto,
        UnreadableVideo,
        WeightsDamaged,
        WeightsError,
        WeightsMissing,
    )
    from animate.core.options import Options
    from animate.core.types import (
        Clip,
        Crop,
        Driver,
        Edit,
        Face,
        Keypoints,
        Motion,
        Photo,
        Portrait,
        Provenance,
        Verdict,
    )

    __version__: str

__all__ = [
    "BadGestureFile",
    "Cancelled",
    "Clip",
    "Crop",
    "Driver",
    "DriverError",
    "Edit",
    "Face",
    "KeepsakeError",
    "Keypoints",
    "KeypointsMixed",
    "MissingExtra",
    "Model",
    "Motion",
    "NoFace",
    "NoFaceInDriver",
    "OptionError",
    "Options",
    "OutputError",
    "Photo",
    "PhotoError",
    "PhotoTooLarge",
    "PhotoTooSmall",
    "Portrait",
    "Provenance",
    "TrainingDataMissing",
    "UnknownGesture",
    "UnreadablePhoto",
    "UnreadableVideo",
    "Verdict",
    "WeightsDamaged",
    "WeightsError",
    "WeightsMissing",
    "__version__",
    "animate",
    "check",
    "clip",
    "find_faces",
    "gestures",
    "load",
    "prepare",
    "read_photo",
    "record_gesture",
    "save",
    "save_synthesis_map",
    "verify",
]

_VALUES = (
    "Clip",
    "Crop",
    "Driver",
    "Edit",
    "Face",
    "Keypoints",
    "Motion",
    "Photo",
    "Portrait",
    "Provenance",
    "Verdict",
)


def __getattr__(name: str) -> object:
    """Load a verb or a value when it is first asked for (PEP 562)."""
    if name == "__version__":
        from importlib import metadata

        return metadata.version("keepsake")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_home(name)), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _home(name: str) -> str:
    if name == "Options":
        return "animate.core.options"
    if name in _VALUES:
        return "animate.core.types"
    return "animate.api" if name == "Model" or name.islower() else "animate.core.errors"
