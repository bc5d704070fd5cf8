"""The motion networks with a part switched off, to measure what each part contributes.

Conventions: those of model/nets/motion_networks.py. Without stands in for MotionNetworks wherever frames are rendered.
"""

from __future__ import annotations

import numpy as np

PARTS = ("light", "tone", "lids", "painting")


class Without:
    """`networks` without the part called `part`: the driver's light, all change of tone, synthesized lids, or all that
    is painted, lids among it."""

    def __init__(self, networks, part: str):
        if part not in PARTS:
            raise ValueError(f"there is no part {part!r}; there are " + ", ".join(PARTS))
        self._networks, self._part = networks, part

    def __getattr__(self, name: str):
        return getattr(self._networks, name)

    def frames(self, source, driven: np.ndarray, flow: np.ndarray, shading=None):
        """The frames of the networks with one part left out; colour and keep still know of it."""
        result = self._networks.frames(
            source, driven, flow, None if self._part == "light" else shading, lids=self._part != "lids"
        )
        if self._part == "painting":
            return result._replace(keep=np.ones_like(result.keep))
        return result._replace(tone=np.zeros_like(result.tone)) if self._part == "tone" else result
