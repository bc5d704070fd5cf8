"""Tiny motion networks for tests: a random one with a visible effect, and one that returns what it was given."""

from __future__ import annotations

import numpy as np
import torch

from animate.core.types import DrivenLandmarks, Keypoints, Photo, Portrait
from animate.model.nets.face_masks import Contours
from animate.model.nets.motion_networks import MotionNetwork, MotionNetworks, MotionNetworkSizes, NetworkFrames
from animate.motion import landmarks
from animate.pipeline.portraits import portrait_of

OUTLINES = Contours(
    landmarks.LIDS, landmarks.INNER_LIPS, landmarks.OUTER_LIPS, landmarks.BROWS, landmarks.OVAL, landmarks.IRISES
)
SIZE = 64


def network() -> MotionNetwork:
    """Random weights; tone and painting are all strong enough to be seen."""
    torch.manual_seed(1)
    made = MotionNetwork(OUTLINES, MotionNetworkSizes((8, 8, 8), (8, 8, 8), (8, 8, 8), SIZE))
    with torch.no_grad():
        made.shade.tone.weight.mul_(30)
        made.generator.decoder.paint.weight.mul_(6)
        made.generator.decoder.keep.weight.mul_(20)
        made.generator.decoder.keep.bias.zero_()
    return made


def random_networks() -> MotionNetworks:
    return MotionNetworks(network())


class Fixed(MotionNetworks):
    """Says the same everywhere and always: tone, colour, keep (a number or (n, n))."""

    def __init__(self, *, tone=0.0, colour=(0.0, 0.0, 0.0), keep=1.0):
        super().__init__(network())
        self.said = tone, colour, keep

    def frames(self, source, driven: np.ndarray, flow: np.ndarray, shading=None) -> NetworkFrames:
        assert flow.shape == (len(driven), SIZE // 2, SIZE // 2, 2) and np.isfinite(flow).all()
        tone, colour, keep = self.said

        def all_over(value, side: int, *channels: int) -> np.ndarray:
            return np.broadcast_to(np.float32(value), (len(driven), side, side, *channels)).copy()

        return NetworkFrames(
            all_over(tone, SIZE // 4, 3),
            all_over(colour, SIZE, 3),
            all_over(keep, SIZE),
        )


def portrait(photo: Photo, x: float = 124.5, y: float = 126.0, eyes: float = 43.0) -> Portrait:
    """The mean face laid on a photograph, its eyes `eyes` pixels apart around a middle."""
    points = (landmarks.MEAN_FACE * eyes + np.float32([x, y, 0])).astype(np.float32)
    return portrait_of(photo, Keypoints(points))


def shifted(portrait: Portrait, *ways: tuple[float, float]) -> DrivenLandmarks:
    """The face moved each of these ways, in scan pixels."""
    return DrivenLandmarks(np.stack([portrait.keypoints.points + np.float32([*way, 0]) for way in ways]))


def acting(portrait: Portrait, *ways: tuple[float, float]) -> DrivenLandmarks:
    """As `shifted`, with closed eyes and an open mouth, so that there is need to paint."""
    driven = shifted(portrait, *ways).points
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        driven[:, list(upper)] = driven[:, list(lower)]
    driven[:, list(landmarks.INNER_LOWER + landmarks.OUTER_LOWER), 1] += 0.2 * np.linalg.norm(
        np.subtract(*landmarks.five(driven[0])[:2, :2])
    )
    return DrivenLandmarks(driven)
