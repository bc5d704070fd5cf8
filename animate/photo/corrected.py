"""A photograph turned by quarters, or made positive, as a person asks for it after the check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from animate.core.types import Edit, Photo

_TURNS = {1: "a quarter to the left", 2: "by half", 3: "a quarter to the right"}


def corrected(photo: Photo, *, turn: int = 0, inverted: bool = False) -> Photo:
    """`photo` turned by `turn` quarters to the left, with its colours inverted if asked; edits and notes say so."""
    if turn % 4:
        pixels = np.ascontiguousarray(np.rot90(photo.pixels, turn % 4))
        photo = _edited(photo, pixels, Edit("orientation", f"it was turned {_TURNS[turn % 4]}", {"quarters": turn % 4}))
    if inverted:
        photo = _edited(photo, 255 - photo.pixels, Edit("inverted", "the negative was made positive"))
    return photo


def _edited(photo: Photo, pixels: np.ndarray, edit: Edit) -> Photo:
    kept = tuple(note for note in photo.notes if "negative" not in note) if edit.kind == "inverted" else photo.notes
    return replace(photo, pixels=pixels, edits=(*photo.edits, edit), notes=(*kept, edit.description))
