"""Sizes on which several rooms agree: the mesh's points, the template of a face, and the crops that are cut around it.

A crop's `span` is its side in distances between the eye centres (see faces/crop.py).
"""

from __future__ import annotations

MESH_POINTS = 478  # 468 on the skin, 10 on the irises
SHADING_POINTS = 487  # where shading is known: the points of the mesh, and nine between the inner lips

EYE_LINE = 0.5623  # eye distances from the eyes down to the middle of the template of five points

LANDMARK_SIZE, LANDMARK_SPAN = 160, 3.5  # the landmark network's crop: pixels and eye distances
NETWORK_SPAN = 4.8  # the motion networks' crop
ANIMATION_SPAN = 6.0  # the crop in which a face's first-order motion is worked out
