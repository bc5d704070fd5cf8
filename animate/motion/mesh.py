"""How the mesh file is made: average face, surface, mirror and the opening of a jaw, from the landmarks of many faces.

Conventions: those of landmarks.py. All of this is run once, in training; its results are stored in assets/mesh.npz.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from animate.motion import landmarks, openings, pose

OPENING = 0.3  # how far the sides of the face are unfolded before they are triangulated, per unit of depth


def derive(average: np.ndarray) -> dict[str, np.ndarray]:
    """`mean` (478, 3) float32 symmetric, `triangles` (N, 3) and `mirror` (478,) uint16 of an average face (478, 3)."""
    average = np.asarray(average, float)
    mirror = find_mirror(average)
    mean = (average + average[mirror] * (-1, 1, 1)) / 2
    triangles = triangulate(mean).astype(np.uint16)
    return {"mean": mean.astype(np.float32), "triangles": triangles, "mirror": mirror.astype(np.uint16)}


def average(faces: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Mean (478, 3) of faces (N, 478, 3), each moved in the plane so that its five points lie on `template` (5, 2)."""
    points = landmarks.five(faces).astype(float)
    middle, target = points.mean(axis=1, keepdims=True), template - template.mean(axis=0)
    spread = _plane(points - middle)
    turn = spread.conj() @ _plane(target) / (np.abs(spread) ** 2).sum(axis=1)  # least squares, as complex numbers
    flat = _plane(faces[..., :2] - middle) * turn[:, None]
    depth = faces[..., 2] * np.abs(turn)[:, None]
    return np.stack([flat.real.mean(0), flat.imag.mean(0), depth.mean(0)], axis=1) + (*template.mean(axis=0), 0)


def jaw(recordings: Iterable[np.ndarray], mean: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """How anchors move (478, 3) when lips part by 1: regression over recordings (T, 478, 3), mouth width held equal."""
    normal, moment = np.zeros((2, 2)), np.zeros((2, mean.size))
    for points in recordings:
        _, shape = pose.canonical(points[np.argmin(openings.lip_gap(points))])
        place, change = pose.decompose(points, shape)
        if np.abs(pose.rotation_vector(place.rotation)).max() > 0.6:
            continue  # too far turned to separate the jaw from the pose
        moved = shape + change
        left, right = (moved[:, index, 0] for index in landmarks.LIP_CORNERS)
        causes = np.stack([openings.lip_gap(moved), right - left], axis=1)
        causes, effects = causes - causes.mean(axis=0), (change - change.mean(axis=0)).reshape(len(change), -1)
        normal += causes.T @ causes
        moment += causes.T @ effects
    table = np.linalg.solve(normal, moment)[0].reshape(mean.shape)
    table = (table + table[mirror] * (-1, 1, 1)) / 2
    table[[*landmarks.RIGID, *landmarks.LIDS[0], *landmarks.LIDS[1], *range(landmarks.SURFACE, landmarks.COUNT)]] = 0
    table *= np.clip(mean[:, 1:2] / 0.25, 0, 1)  # nothing above the nose tip
    return (table / openings.lip_gap(table)).astype(np.float32)


def find_mirror(average: np.ndarray) -> np.ndarray:
    """Which anchor lies where each anchor's mirror image falls (478,): the optimal one-to-one assignment."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    return linear_sum_assignment(cdist(average * (-1, 1, 1), average, "sqeuclidean"))[1]


def triangulate(mean: np.ndarray) -> np.ndarray:
    """Triangles (N, 3) of the skin of a symmetric mean face: Delaunay of the unfolded face without its openings."""
    from scipy.spatial import Delaunay

    skin = mean[: landmarks.SURFACE]
    flat = skin[:, :2] * (1 + OPENING * (skin[:, 2:] - skin[:, 2].min()))
    triangles = Delaunay(flat).simplices
    (a, b), (c, d) = (flat[triangles[:, k]].T - flat[triangles[:, 0]].T for k in (1, 2))
    triangles = np.where((a * d - b * c > 0)[:, None], triangles, triangles[:, [0, 2, 1]])
    centres = flat[triangles].mean(axis=1)
    keep = inside(flat[list(landmarks.OVAL)], centres)
    for ring in (*landmarks.LIDS, landmarks.INNER_LIPS):
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


def _plane(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]
