"""The motion and the shading of one person in one frame, by spans of the person's rectangle.

Part of the pipeline: it joins model and layers. A span is (left, top, right, bottom), counted from the rectangle's
corner, right and bottom excluded; places are pixels of the person's layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from animate.core.numerics import Rectangle
from animate.layers import resample
from animate.pipeline.blocks import inside

if TYPE_CHECKING:
    from animate.model.warp.fullres import PersonWarp
    from animate.pipeline.mirrored_side import Mixture


class FrameMotion:
    """The motion and the change of light of one person in one frame, by spans of its rectangle."""

    def __init__(
        self, warp: PersonWarp, cell: int, flow: np.ndarray, tone: np.ndarray | None, mixture: Mixture | None = None
    ):
        """One frame.

        Args:
            warp: of the person.
            cell: scan pixels between the nodes of the coarse grid.
            flow: displacements at the nodes of the person's lattice.
            tone: (3, rows, columns) change of colour there, or None.
            mixture: what the mirrored other side of the head adds, or None.
        """
        self.mixture = mixture
        self.known = warp.coarse_motion(flow)  # (2, rows, columns)
        rows, columns = (cell * np.arange(count, dtype=np.float32) for count in self.known.shape[1:])
        self._grid = np.stack([self.known[0] + columns, self.known[1] + rows[:, None]], -1)  # places
        self._cell = cell
        self._exact = warp.motion(flow)
        (x, y), (left, top, right, bottom) = warp.rectangle[:2], warp.fine
        self._known = left - x, top - y, right - x, bottom - y  # the span in which the motion is known exactly
        self._tone = None if tone is None else np.ascontiguousarray(warp.light(tone).transpose(1, 2, 0))

    def smooth(self, span: Rectangle) -> np.ndarray:
        """Places (h, w, 2) of the layer that a span shows, where the motion is smooth."""
        return resample.spread(self._grid, self._cell, span)

    def fine(self, span: Rectangle) -> np.ndarray:
        """The same where it is not; smooth all the same where no face ever is."""
        if not inside(span, self._known):
            return self.smooth(span)
        left, top, right, bottom = span
        x, y, *_ = self._known
        return resample.places(self._exact(slice(top - y, bottom - y), slice(left - x, right - x)).numpy(), span)

    def seen(self, span: Rectangle, *, close: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Places (h, w, 2) of the layer that a span shows, and its change of colour: fine and lit `close` to the face,
        elsewhere smooth and as it is."""
        return (self.fine(span), self.light(span)) if close else (self.smooth(span), None)

    def light(self, span: Rectangle) -> np.ndarray | None:
        """The change of colour (h, w, 3) of a span; None where there is none."""
        return None if self._tone is None else resample.spread(self._tone, self._cell, span)
