"""Copied patches made one surface: their gradients are kept, their tones meet each other and the known picture.

Conventions: pictures are (h, w, 3) float32, `known` and `hole` (h, w) bool as in patches.py, `sources` (h, w) int flat
indices. Method: Poisson image editing (Perez, Gangnet and Blake, 2003), screened by the copied colours themselves.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

SCREEN = 0.004  # weight of the copied colour beside that of a gradient


def seamless(picture: np.ndarray, known: np.ndarray, hole: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """The picture with its hole filled from `sources`, without steps of tone.

    Least squares over the hole: for each pair of neighbours (u_q - u_p - g_pq)^2, g_pq being the mean of the
    gradients at the sources of both, u fixed where the picture is known; and SCREEN (u_p - copied_p)^2.
    """
    height, width = hole.shape
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(np.count_nonzero(hole))
    count = int(number.max()) + 1
    flat = picture.reshape(-1, 3)
    copied = flat[sources[hole]]
    diagonal = np.full(count, SCREEN)
    right = SCREEN * copied.astype(float)
    pairs = []
    for dy, dx in ((0, 1), (1, 0)):
        one = (slice(0, height - dy), slice(0, width - dx))
        two = (slice(dy, height), slice(dx, width))
        step = dy * width + dx
        use = (hole[one] | hole[two]) & (hole[one] | known[one]) & (hole[two] | known[two])
        p, q = number[one][use], number[two][use]
        at = np.flatnonzero(_whole(use, hole.shape))
        slope = _slope(flat, sources.ravel(), at, step)
        for mine, other, sign, fixed in ((p, q, -1, at + step), (q, p, 1, at)):
            inner = mine >= 0
            np.add.at(diagonal, mine[inner], 1)
            np.add.at(right, mine[inner], sign * slope[inner])
            border = inner & (other < 0)
            np.add.at(right, mine[border], flat[fixed[border]])
        both = (p >= 0) & (q >= 0)
        pairs.append((p[both], q[both]))
    rows, columns = (np.concatenate(part) for part in zip(*pairs, strict=True))
    own = np.arange(count)
    values = np.concatenate([diagonal, np.full(2 * len(rows), -1.0)])
    places = np.concatenate([own, rows, columns]), np.concatenate([own, columns, rows])
    matrix = coo_matrix((values, places), shape=(count, count)).tocsc()
    factors = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0)
    solved = picture.copy()
    solved[hole] = factors.solve(right)
    return solved


def _whole(use: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A mask of pairs (h or h - 1, w or w - 1) put back into the picture's size, at their first pixels."""
    full = np.zeros(shape, bool)
    full[: use.shape[0], : use.shape[1]] = use
    return full


def _slope(flat: np.ndarray, sources: np.ndarray, at: np.ndarray, step: int) -> np.ndarray:
    """Gradient (N, 3) from each pixel `at` to its neighbour a `step` on: the mean at the sources of both."""
    last = len(flat) - 1
    total, weight = np.zeros((len(at), 3), np.float32), np.zeros((len(at), 1), np.float32)
    for source, before, after in ((sources[at], 0, step), (sources[at + step], -step, 0)):
        valid = (source >= 0)[:, None]
        total += valid * (flat[np.clip(source + after, 0, last)] - flat[np.clip(source + before, 0, last)])
        weight += valid
    return total / np.maximum(weight, 1)
