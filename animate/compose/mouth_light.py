"""The light inside a driver's mouth on the mouth that is drawn: where the driver shows teeth they are bright, where it
shows the dark they are dark.

A driving video's light is known at places between the lips (motion/landmarks.shading_points) and lies on the moved
pixels; a drawn mouth takes it from there, without their detail (a ratio image: Liu, Shan and Zhang 2001).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from animate.core.numerics import luminance

REACH = 0.35  # of the opening's height: standard deviation of what counts as light, not as detail
LIMITS = (0.2, 1.5)  # of the change of light
FLOOR = 12.0  # grey levels: what is next to black is not made bright


def follow(colour: np.ndarray, under: np.ndarray, alpha: np.ndarray, white: float) -> np.ndarray:
    """A drawn mouth in the light of the pixels that it is to cover.

    Args:
        colour: the mouth, (h, w, 3) in 0..255.
        under: the pixels that it covers, (h, w, 3) in 0..255, in the driver's light.
        alpha: how much it covers of each, (h, w) in 0..1; what it does not cover gives it no light.
        white: lightness 0..255 of the brightest tooth; nothing is made brighter than that.

    Returns:
        (h, w, 3), within LIMITS of `colour`.
    """
    weight = alpha + 1e-4
    sigma = REACH * len(alpha)
    total = gaussian_filter(weight, sigma, mode="constant")
    wanted, drawn = (
        gaussian_filter(weight * luminance(picture), sigma, mode="constant") / total for picture in (under, colour)
    )
    change = np.clip((wanted + FLOOR) / (drawn + FLOOR), *LIMITS)
    room = np.maximum(white / np.maximum(luminance(colour), 1.0), 1.0)
    return colour * np.minimum(change, room)[..., None]
