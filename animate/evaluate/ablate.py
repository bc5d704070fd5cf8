"""The motion networks with a part switched off, to measure what each part contributes.

Conventions: those of model/nets/motion_networks.py. Without stands in for MotionNetworks wherever frames are rendered.
"""

from __future__ import annotations

import numpy as np

PARTS = ("shading", "residual", "tone", "lids", "painting")


class Without:
    """`networks` without the part called `part`: without the driver's shading, residual flow, all
    change of shading, synthesized lids, or all that is painted, lids among it."""

    def __init__(self, networks, part: str):
        if part not in PARTS:
            raise ValueError(f"there is no part {part!r}; there are " + ", ".join(PARTS))
        self._networks, self._part = networks, part

    def __getattr__(self, name: str):
        return getattr(self._networks, name)

    def frames(self, source, driven: np.ndarray, flow: np.ndarray, shading=None):
        """The frames of the networks with one part left out; colour and keep still know of it."""
        result = self._networks.frames(
            source, driven, flow, None if self._part == "shading" else shading, lids=self._part != "lids"
        )
        if self._part == "painting":
            return result._replace(keep=np.ones_like(result.keep))
        if self._part in ("shading", "lids"):
            return result
        return result._replace(**{self._part: np.zeros_like(getattr(result, self._part))})
