"""Detections of faces, many at a time: boxes, scores and five points as arrays, moved and merged together.

Boxes are (left, top, right, bottom), pixel centres at integers. The five points keep the face's own order (eye, eye,
nose tip, mouth corner, mouth corner, as a viewer sees the face upright), also when the face is turned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Detections:
    """N detections: boxes (N, 4), scores (N,) 0..1, points (N, 5, 2), all float64."""

    boxes: np.ndarray
    scores: np.ndarray
    points: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, which) -> Detections:
        """The detections that a list or array of indices, a slice or a mask names."""
        if isinstance(which, list):
            which = np.array(which, dtype=int)  # an empty list names nothing
        return Detections(self.boxes[which], self.scores[which], self.points[which])

    def moved(self, matrix: np.ndarray) -> Detections:
        """The detections moved by a matrix (2, 3); a turned box is the box around the turned ellipse inside it."""
        linear = matrix[:, :2]
        middle = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2 @ linear.T + matrix[:, 2]
        half = np.sqrt(((self.boxes[:, 2:] - self.boxes[:, :2]) / 2) ** 2 @ (linear.T**2))
        return Detections(np.hstack([middle - half, middle + half]), self.scores, self.points @ linear.T + matrix[:, 2])


def join(parts: Iterable[Detections]) -> Detections:
    """All detections of several passes, in one."""
    parts = [Detections(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 5, 2))), *parts]
    return Detections(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("boxes", "scores", "points"))
    )


def merge(
    detections: Detections, *, after: Detections | None = None, overlap: float = 0.35, inside: float = 0.7
) -> Detections:
    """One detection a face, best score first, and none of the faces that `after` already holds.

    A detection falls to a better one if their boxes share more than `overlap` of their union, or `inside` of the
    smaller box (greedy non-maximum suppression).
    """
    detections = detections[np.argsort(-detections.scores, kind="stable")]
    held = [] if after is None else list(after.boxes)
    chosen = []
    for index, box in enumerate(detections.boxes):
        if not held or not _same(box, np.array(held), overlap, inside).any():
            chosen.append(index)
            held.append(box)
    return detections[chosen]


def _same(box: np.ndarray, others: np.ndarray, overlap: float, inside: float) -> np.ndarray:
    """Which of the boxes (N, 4) show the face of `box` (4,)."""
    shared = np.prod(np.clip(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None), axis=1)
    area, areas = np.prod(box[2:] - box[:2]), np.prod(others[:, 2:] - others[:, :2], axis=1)
    return (shared > overlap * (area + areas - shared)) | (shared > inside * np.minimum(area, areas))
