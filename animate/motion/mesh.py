"""How the mesh file is made: the surface and its mirror, derived from nothing but the average of many faces' anchors.

Conventions: those of anchors.py. `derive` is run once by the card maker; its result is stored in assets/mesh.npz.
"""

from __future__ import annotations

import numpy as np

from animate.motion import anchors

OPENING = 0.3  # how far the sides of the face are unfolded before they are triangulated, per unit of depth


def derive(average: np.ndarray) -> dict[str, np.ndarray]:
    """`mean` (478, 3) float32 made symmetric, `triangles` (N, 3) int32 and `mirror` (478,) int32 of an average face (478, 3)."""
    average = np.asarray(average, float)
    mirror = find_mirror(average)
    mean = (average + average[mirror] * (-1, 1, 1)) / 2
    return {"mean": mean.astype(np.float32), "triangles": triangulate(mean).astype(np.int32), "mirror": mirror.astype(np.int32)}


def find_mirror(average: np.ndarray) -> np.ndarray:
    """Which anchor lies where each anchor's mirror image falls (478,): the optimal one-to-one assignment."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    return linear_sum_assignment(cdist(average * (-1, 1, 1), average, "sqeuclidean"))[1]


def triangulate(mean: np.ndarray) -> np.ndarray:
    """Triangles (N, 3) of the skin of a symmetric mean face: Delaunay of the unfolded face without its openings."""
    from scipy.spatial import Delaunay

    skin = mean[: anchors.SURFACE]
    flat = skin[:, :2] * (1 + OPENING * (skin[:, 2:] - skin[:, 2].min()))
    triangles = Delaunay(flat).simplices
    (a, b), (c, d) = (flat[triangles[:, k]].T - flat[triangles[:, 0]].T for k in (1, 2))
    triangles = np.where((a * d - b * c > 0)[:, None], triangles, triangles[:, [0, 2, 1]])
    centres = flat[triangles].mean(axis=1)
    keep = inside(flat[list(anchors.OVAL)], centres)
    for ring in (*anchors.LIDS, anchors.INNER_LIPS):
        keep &= ~(inside(flat[list(ring)], centres) & np.isin(triangles, ring).all(axis=1))
    return triangles[keep]


def inside(polygon: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which of the points (N, 2) lie inside a closed polygon (K, 2), by the even-odd rule: (N,) bool."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    spans = (start[:, 1] > y) != (end[:, 1] > y)  # (N, K)
    rise = np.where(end[:, 1] == start[:, 1], 1, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / rise
    return (spans & (x < crossing)).sum(axis=1) % 2 == 1
