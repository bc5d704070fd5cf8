"""The motion networks with a part switched off, to see what each part is worth.

Conventions: those of model/networks.py. A Part stands in for MotionNetworks wherever they are asked for frames.
"""

from __future__ import annotations

import numpy as np

PARTS = ("light", "residual", "tone", "lids", "painting")


class Without:
    """`networks` without the part called `part`: the driver's light not seen, no residual flow, no change
    of light at all, no lids drawn, or nothing painted, lids among it."""

    def __init__(self, networks, part: str):
        if part not in PARTS:
            raise ValueError(f"there is no part {part!r}; there are " + ", ".join(PARTS))
        self._networks, self._part = networks, part

    def __getattr__(self, name: str):
        return getattr(self._networks, name)

    def frames(self, source, driven: np.ndarray, flow: np.ndarray, shading=None):
        """The frames of the networks with one part left out; colour and keep still know of it."""
        frames_ = self._networks.frames(
            source, driven, flow, None if self._part == "light" else shading, lids=self._part != "lids"
        )
        if self._part == "painting":
            return frames_._replace(keep=np.ones_like(frames_.keep))
        if self._part in ("light", "lids"):
            return frames_
        return frames_._replace(**{self._part: np.zeros_like(getattr(frames_, self._part))})
