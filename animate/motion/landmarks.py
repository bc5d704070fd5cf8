"""The 478 landmarks of a face: which of them are lids, lips, irises or bone, and how they join into a surface.

Conventions: indices are those of the MediaPipe Face Mesh with refined landmarks (468 surface points, 10 iris points).
Left and right are the viewer's; pairs are (left of the picture, right of the picture). MEAN_FACE (478, 3) float32 has
the eyes about 1 apart, x right, y down, z away, centred like the template of five points. TRIANGLES (N, 3) covers the
skin without the eye and mouth openings, wound so that normals point away from the camera (+z) on a frontal face. MIRROR
(478,) is the landmark on the other side. JAW (478, 3) is how landmarks move when lips part by 1, along a head's own
axes. These four come from the mesh file, read on first use, and read-only.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np

from animate.core.geometry import MESH_POINTS as COUNT
from animate.core.geometry import SHADING_POINTS as SHADING_POINTS

SURFACE = 468  # the first 468 lie on the skin, the rest are irises

# Every eye: corners (outer, inner); seven upper and seven lower lid points, paired, from the outer to the inner corner.
EYE_CORNERS = ((33, 133), (263, 362))
UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382))
LIDS = tuple(
    (outer, *upper, inner, *lower[::-1])  # closed rings of 16
    for (outer, inner), upper, lower in zip(EYE_CORNERS, UPPER_LIDS, LOWER_LIDS, strict=True)
)
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))  # centre first, then four points of the rim

# The mouth: corners; upper and lower points paired from left to right.
LIP_CORNERS = (61, 291)
OUTER_UPPER = (185, 40, 39, 37, 0, 267, 269, 270, 409)
OUTER_LOWER = (146, 91, 181, 84, 17, 314, 405, 321, 375)
INNER_UPPER = (191, 80, 81, 82, 13, 312, 311, 310, 415)
INNER_LOWER = (95, 88, 178, 87, 14, 317, 402, 318, 324)
OUTER_LIPS = (61, *OUTER_UPPER, 291, *OUTER_LOWER[::-1])  # closed rings of 20
INNER_LIPS = (78, *INNER_UPPER, 308, *INNER_LOWER[::-1])
LIPS = OUTER_LIPS + INNER_LIPS
UPPER_LIP_ROWS = (
    OUTER_UPPER,
    (184, 74, 73, 72, 11, 302, 303, 304, 408),
    (183, 42, 41, 38, 12, 268, 271, 272, 407),
    INNER_UPPER,
)
LOWER_LIP_ROWS = (
    OUTER_LOWER,
    (77, 90, 180, 85, 16, 315, 404, 320, 307),
    (96, 89, 179, 86, 15, 316, 403, 319, 325),
    INNER_LOWER,
)

CHIN_ROWS = (
    (210, 211, 32, 208, 199, 428, 262, 431, 430),
    (202, 204, 194, 201, 200, 421, 418, 424, 422),
    (43, 106, 182, 83, 18, 313, 406, 335, 273),
)  # from the chin up to the lower lip

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454),
    *(323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132),
    *(93, 234, 127, 162, 21, 54, 103, 67, 109),
)  # closed ring of 36, clockwise from the top
FOREHEAD_ROWS = (
    (21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251),  # from the hair down to the brows
    (71, 68, 104, 69, 108, 151, 337, 299, 333, 298, 301),
    (70, 63, 105, 66, 107, 9, 336, 296, 334, 293, 300),
)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
NOSE_TIP = 1

# What the skull carries: forehead, nose bridge, temples, the upper edge of the cheekbones.
RIGID = (
    *OVAL[:9],  # from the top to the right temple
    *OVAL[:27:-1],  # and to the left one
    *(151, 9, 8, 168, 6, 197, 195),
    *(122, 351, 193, 417, 68, 298, 71, 301, 139, 368, 34, 264, 227, 447, 143, 372, 116, 345, 133, 362, 33, 263),
)


def five(points: np.ndarray) -> np.ndarray:
    """(..., 5, 2) from (..., 478, 2 or 3): centres of the eyes, nose tip, mouth corners, each left first."""
    plane = np.asarray(points)[..., :2]
    eyes = [plane[..., ring, :].mean(axis=-2) for ring in LIDS]
    return np.stack([*eyes, *(plane[..., index, :] for index in (NOSE_TIP, *LIP_CORNERS))], axis=-2)


def shading_points(points: np.ndarray) -> np.ndarray:
    """Places where shading is known (..., 487, C), of (..., 478, C): the landmarks, and the middles between the inner
    lips from left to right.
    """
    points = np.asarray(points)
    between = (points[..., list(INNER_UPPER), :] + points[..., list(INNER_LOWER), :]) / 2
    return np.concatenate([points, between], axis=-2)


def eye_distance(points: np.ndarray) -> np.ndarray:
    """Distance (...,) between the outer eye corners of (..., 478, 2 or 3), in space where z is given."""
    points = np.asarray(points)
    return np.linalg.norm(points[..., EYE_CORNERS[0][0], :] - points[..., EYE_CORNERS[1][0], :], axis=-1)


def normals(points: np.ndarray) -> np.ndarray:
    """Unit normals (..., 478, 3) at the landmarks of (..., 478, 3), into the head: z is 1 where skin faces the camera.

    Area-weighted mean over the triangles around a landmark, for an iris over its lids. Negative z is turned away.
    """
    points = np.asarray(points, np.float32)
    corners = points[..., _mesh()["triangles"], :]  # (..., N, 3, 3)
    faces = np.cross(corners[..., 1, :] - corners[..., 0, :], corners[..., 2, :] - corners[..., 0, :])
    summed = _incidence() @ faces
    for iris, lids in zip(IRISES, LIDS, strict=True):
        summed[..., iris, :] = summed[..., lids, :].sum(axis=-2, keepdims=True)
    return summed / np.maximum(np.linalg.norm(summed, axis=-1, keepdims=True), 1e-12)


@cache
def smoothing_matrix() -> np.ndarray:
    """Averages (478, 478): each row takes the mean of a landmark and those joined to it on the skin."""
    joined = _incidence() @ _incidence().T > 0
    joined |= np.eye(COUNT, dtype=bool)
    average = joined / joined.sum(axis=1, keepdims=True)
    average.setflags(write=False)
    return average


@cache
def _incidence() -> np.ndarray:
    triangles = _mesh()["triangles"]
    table = np.zeros((COUNT, len(triangles)), np.float32)
    table[triangles.T, np.arange(len(triangles))] = 1
    return table


@cache
def _mesh() -> dict[str, np.ndarray]:
    kinds = {"mean": np.float32, "triangles": np.int64, "mirror": np.int64, "jaw": np.float32}
    path = resources.files("animate").joinpath("assets", "mesh.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as mesh:
        arrays = {name: mesh[name].astype(kind) for name, kind in kinds.items()}
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def __getattr__(name: str) -> np.ndarray:
    stored = {"MEAN_FACE": "mean", "TRIANGLES": "triangles", "MIRROR": "mirror", "JAW": "jaw"}
    if name not in stored:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return _mesh()[stored[name]]
