"""Key frames: expensive results are computed for a few frames and interpolated between them.

Part of the pipeline. Several threads may ask at once, for frames about in order; as many results are kept as they need.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

REST = 4  # frames without a key frame, after which the last of them is one
KEPT = 4  # results kept for later frames, besides one for each calling thread


class Interpolable(Protocol):
    """A result that can be interpolated with another."""

    def interpolated(self, other: Self, share: float) -> Self:
        """`share` of the other, the rest of this one."""
        ...


Result = TypeVar("Result", bound=Interpolable)


@dataclass
class _Step(Generic[Result]):
    lock: Lock = field(default_factory=Lock)
    result: Result | None = None


class KeyframeCache(Generic[Result]):
    """Results at the sorted frames `indices`, each computed when first needed, and interpolated in between."""

    def __init__(self, indices: np.ndarray, compute: Callable[[int], Result]):
        self.indices, self._compute, self._lock = indices, compute, Lock()
        self._known: OrderedDict[int, _Step[Result]] = OrderedDict()
        self._threads: set[int] = set()

    def at(self, index: int) -> Result:
        """The result for a frame."""
        after = int(np.searchsorted(self.indices, index))
        second = int(self.indices[after])
        if second == index:
            return self._at_step(second)
        first = int(self.indices[after - 1])
        return self._at_step(first).interpolated(self._at_step(second), (index - first) / (second - first))

    def _at_step(self, index: int) -> Result:
        step = self._step(index)
        if not step.lock.acquire(blocking=False):  # another thread computes it: meanwhile the one after it is computed
            self._compute_ahead(index)
            step.lock.acquire()
        try:  # after a failure the next one who asks tries again
            return self._result(step, index)
        finally:
            step.lock.release()

    def _compute_ahead(self, index: int) -> None:
        place = int(np.searchsorted(self.indices, index)) + 1
        if place < len(self.indices):
            following = int(self.indices[place])
            step = self._step(following)
            if step.lock.acquire(blocking=False):
                try:
                    self._result(step, following)
                finally:
                    step.lock.release()

    def _result(self, step: _Step[Result], index: int) -> Result:
        if step.result is None:
            step.result = self._compute(index)
        return step.result

    def _step(self, index: int) -> _Step[Result]:
        with self._lock:
            self._threads.add(get_ident())
            step = self._known.setdefault(index, _Step())
            self._known.move_to_end(index)
            while len(self._known) > KEPT + len(self._threads):
                self._known.popitem(last=False)
        return step


def keyframes(points: np.ndarray, least: float) -> np.ndarray:
    """The key frames of a movement.

    Args:
        points: (T, N, 2 or 3).
        least: pixels that any point moves between two key frames, at least.

    Returns:
        Sorted indices, the first and the last frame among them.
    """

    def moved(index: int, since: int) -> bool:
        return bool(np.linalg.norm((points[index] - points[since])[:, :2], axis=-1).max() > least)

    chosen = [0]
    for index in range(len(points)):
        if moved(index, chosen[-1]):
            if index - chosen[-1] > REST or moved(index, index - 1):
                chosen.append(index - 1)  # what begins after a rest, a blink for instance, does not show before
            chosen.append(index)
    return np.unique([*chosen, len(points) - 1])
