"""What costs much is worked out for some frames only, and mixed for those between them that hardly differ.

Part of the pipeline. Several threads may ask at once, for frames about in order: as many results are kept as they need.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

KEPT = 4  # results that are kept for the frames to come, besides one for each thread that asks


class Interpolable(Protocol):
    """A result that can be mixed with another."""

    def mixed(self, other: Self, share: float) -> Self:
        """`share` of the other, the rest of this one."""
        ...


Result = TypeVar("Result", bound=Interpolable)


@dataclass
class _Step(Generic[Result]):
    lock: Lock = field(default_factory=Lock)
    result: Result | None = None


class KeyframeCache(Generic[Result]):
    """Results at the frames `indices` (sorted), each computed once when it is first needed, and mixtures in between."""

    def __init__(self, indices: np.ndarray, compute: Callable[[int], Result]):
        self.indices, self._compute, self._lock = indices, compute, Lock()
        self._known: OrderedDict[int, _Step[Result]] = OrderedDict()
        self._askers: set[int] = set()

    def at(self, index: int) -> Result:
        """The result for a frame."""
        after = int(np.searchsorted(self.indices, index))
        second = int(self.indices[after])
        if second == index:
            return self._at_step(second)
        first = int(self.indices[after - 1])
        return self._at_step(first).mixed(self._at_step(second), (index - first) / (second - first))

    def _at_step(self, index: int) -> Result:
        with self._lock:
            self._askers.add(get_ident())
            step = self._known.setdefault(index, _Step())
            self._known.move_to_end(index)
            while len(self._known) > KEPT + len(self._askers):
                self._known.popitem(last=False)
        with step.lock:  # whoever asks for the same one waits; after a failure the next one tries
            if step.result is None:
                step.result = self._compute(index)
            return step.result


def keyframes(points: np.ndarray, least: float) -> np.ndarray:
    """The frames of points (T, N, 2 or 3) at which some point has gone farther than `least` since the one before them,
    and the first and the last."""
    found = [0]
    for index, now in enumerate(points):
        if np.linalg.norm((now - points[found[-1]])[:, :2], axis=-1).max() > least:
            found.append(index)
    return np.unique([*found, len(points) - 1])
