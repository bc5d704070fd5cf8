"""What clips go through, in miniature; the large table is docs/watermark.md."""

import numpy as np
import pytest
from skimage import data

from animate.evaluate import watermark

NAMES = ("H.264 CRF 28", "scaled to 50 %, CRF 23", "cropped by 10 % (left), CRF 23", "GIF")


@pytest.mark.slow
def test_survives_and_never_cries_wolf(monkeypatch):
    monkeypatch.setattr(watermark, "FRAMES", 12)
    attacks = tuple(attack for attack in watermark.ATTACKS if attack.name in NAMES)
    outcomes = list(watermark.measure([("camera", np.repeat(data.camera()[:, :, None], 3, axis=2))], attacks))
    assert outcomes[0].read == dict.fromkeys(NAMES, True)
    assert not outcomes[0].false_alarm and outcomes[0].psnr >= 42
    assert "| GIF | 1 of 1 | 100 % |" in watermark.table(outcomes)


def test_attacks_are_named_once():
    assert len({attack.name for attack in watermark.ATTACKS}) == len(watermark.ATTACKS)


@pytest.mark.parametrize("share, shape", [(0.5, (256, 256, 3)), (0.75, (384, 384, 3))])
def test_scaled(still, share, shape):
    assert next(watermark.scaled(share)([still])).shape == shape
