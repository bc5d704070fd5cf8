"""What the pipeline asks of networks, so that it can be tested without them and names no torch class.

Pictures are RGB uint8. N is a number of pictures, T of frames, n the side of a square picture in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from animate.core.types import Keypoints

ProgressCallback = Callable[[int, int], None]  # done, total; may raise Cancelled


class LandmarkPredictor(Protocol):
    """Finds the 478 points of the face in an upright crop."""

    def predict(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, 478, 3) in pixels of `crops` (N, n, n, 3), and the presence (N,), 0..1, of a face in each."""
        ...


class MattePredictor(Protocol):
    """Separates people from the background."""

    def predict(self, crops: np.ndarray) -> np.ndarray:
        """How likely (N, n, n) float32 in 0..1 pixels of `crops` (N, n, n, 3) belong to people."""
        ...


class Upscaler(Protocol):
    """Makes a picture larger and sharper; `name` says which network it is."""

    name: str

    def enlarge(self, pixels: np.ndarray, *, threads: int, on_tile: ProgressCallback | None = None) -> np.ndarray:
        """`pixels` (h, w, 3) several times as large, on `threads` cores (0: all); `on_tile` is called with (done,
        total) and may raise Cancelled."""
        ...


class MotionPredictor(Protocol):
    """Refines a first-order motion and paints what it cannot move, in a crop of `size` pixels a side."""

    size: int
    network: Any  # its `shape.span` is the side of the crop in eye distances

    def encode(self, photo: np.ndarray, points: np.ndarray) -> Any:
        """What the networks know of a crop (n, n, 3) with its points (478, 3) in pixels of it."""
        ...

    @staticmethod
    def nodes(size: int, cell: int) -> np.ndarray:
        """Places of the middles of cells of `cell` pixels along a side."""
        ...

    def frames(self, source: Any, driven: np.ndarray, flow: np.ndarray, shading: Any = None) -> Any:
        """Residual flow, tone, colour and what is kept, for driven points (T, 478, 3) and their flow."""
        ...

    def painted(self, keep: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Percent (T,) of the face that is painted, by what is kept (T, n, n)."""
        ...


class FommPredictor(Protocol):
    """The published First Order Motion Model."""

    side_step: int

    def detect(self, pictures: Iterable[np.ndarray]) -> Iterator[Keypoints]:
        """Ten keypoints with Jacobians of each picture (n, n, 3)."""
        ...

    def still(self, picture: np.ndarray) -> Any:
        """A picture (n, n, 3) that is to be moved, with its keypoints."""
        ...

    def frames(self, still: Any, driven: Sequence[Keypoints]) -> Iterator[Any]:
        """Picture, motion and what is kept of `still`, moved to each of the driven keypoints."""
        ...
