"""Which of several photographs of one person shows what a driven frame needs: openings, gaze and pose compared.

Conventions: points (478, 3) or (T, 478, 3) in pixels of any one picture; regions are the eye on the left, the eye on
the right, the inside of the mouth, and the whole mouth with its lips. Needs and fits are 0..1; where the main
photograph shows the thing itself nothing else is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from animate.core.numerics import smoothstep
from animate.motion import landmarks, openings, pose

REGIONS = ("left eye", "right eye", "mouth", "lips")
MOUTH, LIPS = 2, 3  # places of these
PARTED = (0.006, 0.035)  # gap beyond the main photograph's, in outer-eye distances, from closed to open
KEPT, OPEN = (0.03, 0.08), 0.03  # the same where its lips are open by OPEN already
LIPS_PARTED = (0.06, 0.12)  # the same from which the lips themselves are drawn out too far to stay
ALIKE = (0.25, 0.5)  # logarithm of the gap over the source's: from lips of the same form to others
NARROW = (0.16, 0.26)  # outer-eye distances by which a source's mouth is narrower: from serving to not
WIDTHS = (0.05, 0.12)  # outer-eye distances between the widths of two mouths, the same way
SHOWS = (0.015, 0.04)  # gap of a source beyond the main photograph's from which it shows more
REACH = (0.30, 0.42)  # gap of a source over the widest driven one's from which it serves; beyond, the proxy does
CLOSING = (0.5, 0.85)  # part of the main photograph's opening that an eye has closed
WIDER = (0.03, 0.08)  # eye widths that an eye is wider open than in the main photograph
NEAR = (0.05, 0.10)  # eye widths between the openings of source and driven eye: from near to far
LOOKS = (0.06, 0.14)  # the same between their gazes, where eyes are open
LEAST = 0.10  # eye widths: an eye less open counts as closed, and has no gaze
TURNED = {
    "eyes": (18.0, 30.0),
    "mouth": (22.0, 38.0),
    "side": (40.0, 65.0),
}  # degrees between two heads, out of the picture's plane
LIDS_SEEN = (0.35, 0.6)  # mean z of the normals around an eye, from seen edge-on to seen well
LIDS_TURNED = (0.6, 0.85)  # that mean over the driven eye's, from an eye turned away too far to one that serves
FORM = (0.024, 0.034)  # outer-eye distances between two mouths' inner lips, the jaw's opening aside: serving to not
FACING = 0.3  # z of a normal from which skin is well seen
GAINED = (1.8, 2.8)  # how much better a source sees skin than the main photograph, to be taken
LACKING = (1.5, 2.5)  # how much better the driven frame sees skin than the main photograph
SEEN = (0.2, 0.4)  # z of a source's normal from which its skin can be taken


class FaceState(NamedTuple):
    """Openings (..., 2) and gaze (..., 2, 2) of the eyes in eye widths, gap and width (...,) of the inner lips in
    outer-eye distances, those lips (..., 20, 2) around their middle, the head's rotation (..., 3, 3), and z (..., 478)
    of the normals."""

    opening: np.ndarray
    gaze: np.ndarray
    gap: np.ndarray
    width: np.ndarray
    lips: np.ndarray
    rotation: np.ndarray
    facing: np.ndarray


def state(points: np.ndarray) -> FaceState:
    """The state of one face, or of T."""
    if points.ndim == 2:
        return FaceState(*(part[0] for part in state(points[None])))
    _, shape = pose.canonical(points[0])
    heads = pose.fit_pose(points, shape)
    own = pose.invert(np.asarray(points, float), heads)
    lips = own[..., list(landmarks.INNER_LIPS), :2]
    return FaceState(
        openings.eye_opening(own),
        openings.iris_places(own),
        openings.lip_gap(own),
        np.linalg.norm(own[..., landmarks.LIP_CORNERS[1], :2] - own[..., landmarks.LIP_CORNERS[0], :2], axis=-1),
        lips - lips.mean(-2, keepdims=True),
        heads.rotation,
        landmarks.normals(points)[..., 2],
    )


def needs(main: FaceState, driven: FaceState) -> np.ndarray:
    """How far driven regions (T, 4) go beyond what the main photograph shows."""
    own = main.opening
    closing = smoothstep(1 - driven.opening / np.maximum(own, LEAST), *CLOSING) * (own > LEAST)
    wider = smoothstep(driven.opening - own, *WIDER)
    low, high = KEPT if main.gap > OPEN else PARTED
    more = driven.gap - main.gap
    return np.column_stack([np.maximum(closing, wider), smoothstep(more, low, high), smoothstep(more, *LIPS_PARTED)])


def fits(main: FaceState, driven: FaceState, source: FaceState) -> np.ndarray:
    """How well a source shows each driven region (T, 4) that the main photograph does not show."""
    apart = np.abs(driven.opening - source.opening)
    eyes = alike_eyes(driven, source) * smoothstep(np.abs(driven.opening - main.opening) - apart, 0.0, 0.04)
    mouth = smoothstep(source.gap - main.gap, *SHOWS) * np.ones(len(driven.gap))
    away = turned(driven.rotation, source.rotation)
    mouth = mouth * (1 - smoothstep(driven.width - source.width, *NARROW))
    ratio = np.abs(np.log(np.maximum(driven.gap, 1e-3) / max(float(source.gap), 1e-3)))
    alike = (1 - smoothstep(ratio, *ALIKE)) * (1 - smoothstep(np.abs(driven.width - source.width), *WIDTHS))
    mouth = mouth * (1 - smoothstep(away, *TURNED["mouth"]))
    return np.column_stack([eyes, mouth, mouth * alike])


def alike_eyes(driven: FaceState, source: FaceState) -> np.ndarray:
    """How well a source shows the driven eyes (T, 2): as open, as directed, from as near a side."""
    eyes = 1 - smoothstep(np.abs(driven.opening - source.opening), *NEAR)
    looks = 1 - smoothstep(np.linalg.norm(driven.gaze - source.gaze, axis=-1), *LOOKS)
    eyes = eyes * np.where(driven.opening > LEAST, looks, 1.0)
    eyes = eyes * (1 - smoothstep(turned(driven.rotation, source.rotation), *TURNED["eyes"]))[:, None]
    eyes = eyes * smoothstep(_lids(driven.facing), *LIDS_SEEN) * smoothstep(_lids(source.facing), *LIDS_SEEN)
    return eyes * smoothstep(_lids(source.facing) / np.maximum(_lids(driven.facing), 0.05), *LIDS_TURNED)


def _lids(facing: np.ndarray) -> np.ndarray:
    """Mean z of the normals around either eye: (..., 2)."""
    return np.stack([facing[..., list(ring)].mean(-1) for ring in landmarks.LIDS], -1)


def turned(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Degrees (...,) between the directions from which heads of rotations (..., 3, 3) are seen; roll does not count."""
    cosine = (one[..., 2, :] * other[..., 2, :]).sum(-1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def gains(main: FaceState, driven: FaceState, source: FaceState) -> np.ndarray:
    """How far skin at each landmark (T, 478) is taken from a source that sees it better than the main photograph."""
    own, theirs, now = (np.clip(part.facing, 0.05, 1) for part in (main, source, driven))
    better = smoothstep(theirs / own, *GAINED) * smoothstep(source.facing, *SEEN)
    taken = smoothstep(now / own, *LACKING) * better
    taken = taken * (1 - smoothstep(turned(driven.rotation, source.rotation), *TURNED["side"]))[:, None]
    features = sorted({*landmarks.LIPS, *(k for ring in (*landmarks.LIDS, *landmarks.IRISES) for k in ring)})
    taken[:, features] = 0
    even = landmarks.smoothing_matrix()
    return (taken @ even.T @ even.T) * (now > FACING / 3)


def episodes(need: np.ndarray) -> list[slice]:
    """The runs of frames in which a region (T,) is needed at all."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], need > 0, [0]]).astype(np.int8)))
    return [slice(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def shares(main: FaceState, driven: FaceState, sources: list[FaceState], allowed: np.ndarray) -> np.ndarray:
    """How much of each region is taken from each source: (K, T, 4).

    In a run of frames in which a region is needed one source gives it, the one that fits best over all of them, so
    that nothing is mixed of two and nothing jumps. Lips are taken if they fit where they are open widest, so that they
    come and go once.

    Args:
        main: the main photograph's face.
        driven: T frames.
        sources: K further photographs.
        allowed: (K, 4), 0 where a source's region cannot be used.
    """
    need = needs(main, driven)
    taken = np.zeros((len(sources), len(need), len(REGIONS)))
    if not sources:
        return taken
    fit = np.stack([fits(main, driven, source) for source in sources]) * allowed[:, None]
    for region in range(len(REGIONS)):
        for part in episodes(need[:, region]):
            wanted = need[part, region] * fit[:, part, region]  # (K, frames)
            if region >= MOUTH:
                widest = part.start + int(driven.gap[part].argmax())
                reached = _reaches(sources, driven, widest) if region == MOUTH else fit[:, widest, region]
                wanted = wanted * reached[:, None]
            best = int(wanted.sum(1).argmax())
            taken[best, part, region] = wanted[best]
    return taken


def _reaches(sources: list[FaceState], driven: FaceState, widest: int) -> np.ndarray:
    """Whether (K,) the mouths of sources are open far enough for one that is open widest in frame `widest`, and of its
    form: teeth that pursed lips show are not those of a laugh."""
    gaps = np.array([source.gap for source in sources], float)
    far = smoothstep(gaps / max(float(driven.gap[widest]), 1e-3), *REACH)
    return far * [1 - smoothstep(_form(driven.lips[widest] - source.lips), *FORM) for source in sources]


def _form(away: np.ndarray) -> float:
    """Mean length of the differences (20, 2) of two mouths' inner lips that no opening of the jaw explains."""
    jaw = landmarks.JAW[list(landmarks.INNER_LIPS), :2]
    jaw = jaw - jaw.mean(0)
    return float(np.linalg.norm(away - jaw * (away * jaw).sum() / (jaw**2).sum(), axis=-1).mean())
