"""High dynamic range as ordinary video: reference levels of ITU-R BT.2408, greys stay grey, brighter stays brighter."""

import numpy as np
import pytest

from animate.media.hdr import HLG, PQ, to_sdr


def grey(*signals: float) -> np.ndarray:
    return np.repeat(np.round(np.array([signals]) * 65535).astype(np.uint16)[..., None], 3, axis=2)


@pytest.mark.parametrize(("curve", "white", "card"), [(HLG, 0.75, 0.38), (PQ, 0.58, 0.38)])
def test_diffuse_white_is_nearly_white_and_a_grey_card_is_grey(curve, white, card):
    (black, dark, bright), *_ = to_sdr(grey(0, card, white), curve)
    assert (black == 0).all() and 235 <= bright[0] < 255
    assert 100 <= dark[0] <= 140  # 18 % reflectance; sRGB has 118


@pytest.mark.parametrize("curve", [HLG, PQ])
def test_greys_stay_grey_and_brighter_stays_brighter(curve):
    levels = to_sdr(grey(*np.linspace(0, 1, 200)), curve)[0].astype(int)
    assert np.ptp(levels, axis=1).max() <= 1
    assert (np.diff(levels[:, 0]) >= 0).all() and levels[-1, 0] == 255
