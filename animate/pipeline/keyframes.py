"""What costs much is worked out for some frames only, and mixed for those between them that hardly differ.

Part of the pipeline. Several threads may ask at once, for frames about in order.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

import numpy as np

KEPT = 6  # results that are kept for the frames to come


class Interpolable(Protocol):
    """What two moments have between them."""

    def mixed(self, other: Interpolable, share: float) -> Interpolable: ...


@dataclass
class _Step:
    lock: Lock = field(default_factory=Lock)
    result: Interpolable | None = None


class KeyframeCache:
    """Results at the frames `indices` (sorted), each computed once when it is first needed, and mixtures in between."""

    def __init__(self, indices: np.ndarray, compute: Callable[[int], Interpolable]):
        self.indices, self._compute, self._lock = indices, compute, Lock()
        self._known: OrderedDict[int, _Step] = OrderedDict()

    def at(self, index: int) -> Interpolable:
        """The result for a frame."""
        after = int(np.searchsorted(self.indices, index))
        second = int(self.indices[after])
        if second == index:
            return self._at_step(second)
        first = int(self.indices[after - 1])
        return self._at_step(first).mixed(self._at_step(second), (index - first) / (second - first))

    def _at_step(self, index: int) -> Interpolable:
        with self._lock:
            step = self._known.setdefault(index, _Step())
            self._known.move_to_end(index)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        with step.lock:  # whoever asks for the same one waits; if the look fails, the next tries itself
            if step.result is None:
                step.result = self._compute(index)
            return step.result


def keyframes(points: np.ndarray, least: float) -> np.ndarray:
    """The frames of points (T, N, 2 or 3) at which some point has gone farther than `least` since the one before them; also the first
    and the last."""
    found = [0]
    for index, now in enumerate(points):
        if np.linalg.norm((now - points[found[-1]])[:, :2], axis=-1).max() > least:
            found.append(index)
    return np.unique([*found, len(points) - 1])
