"""High dynamic range (HLG, PQ) brought down to ordinary video; only what is white or brighter is pressed together.

Signals are non-linear BT.2020 RGB as 16 bits; light is linear with 1 for diffuse white (203 cd/m2, ITU-R BT.2408).
"""

from __future__ import annotations

from functools import cache

import numpy as np

HLG, PQ = 18, 16  # AVColorTransferCharacteristic
_WHITE = 203.0
_KNEE = 0.7  # light above is bent so that it meets 1 only at infinity
_BRIGHTEST = 16.0  # light that the table of results ends at
_TO_709 = np.array(
    [
        [1.6605, -0.5876, -0.0728],  # ITU-R BT.2087
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ],
    np.float32,
)


def to_sdr(signal: np.ndarray, curve: int) -> np.ndarray:
    """`signal` (H, W, 3) uint16 in BT.2020 with `curve` HLG or PQ, as (H, W, 3) uint8 in BT.709 primaries."""
    light = _lights(curve).take(signal >> 4) @ _TO_709.T
    scaled = np.sqrt(np.clip(light, 0.0, _BRIGHTEST) * (4095.0**2 / _BRIGHTEST))
    return _results().take(scaled.astype(np.uint16))


@cache
def _lights(curve: int) -> np.ndarray:
    """(4096,) float32: the light of each signal by BT.2100; HLG as on 1000 cd/m2, gamma 1.2 on each channel."""
    signal = np.arange(4096) / 4095.0
    if curve == HLG:
        bright = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12.0
        scene = np.where(signal <= 0.5, signal**2 / 3.0, bright)
        shown = 1000.0 * scene**1.2
    else:
        power = signal ** (1.0 / 78.84375)
        light = np.maximum(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)
        shown = 10000.0 * light ** (1.0 / 0.1593017578125)
    return (shown / _WHITE).astype(np.float32)


@cache
def _results() -> np.ndarray:
    """(4096,) uint8: the sRGB level of light, tabled over the square root of light so that the dark steps stay fine."""
    light = np.linspace(0.0, np.sqrt(_BRIGHTEST), 4096) ** 2
    bent = np.where(light < _KNEE, light, 1.0 - (1.0 - _KNEE) * np.exp(-(light - _KNEE) / (1.0 - _KNEE)))
    level = np.where(bent <= 0.0031308, 12.92 * bent, 1.055 * bent ** (1 / 2.4) - 0.055)
    return np.round(255.0 * level).astype(np.uint8)
