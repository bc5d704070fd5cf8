"""How much is painted: a percentage, and a picture of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from motion_small import SIZE, Fixed, acting, portrait, random_networks, shifted

from animate.pipeline import synthesis
from animate.pipeline.face_parts import face_parts
from animate.pipeline.neural import FaceNetworks

WAYS = ((0, 0), (3, 0), (6, 1), (3, 0), (0, 0))


def test_the_percentage_is_one_and_0_without_networks_or_movement(photo):
    face = portrait(photo)
    cast, still = [(face, acting(face, *WAYS))], [(face, shifted(face, *[(0, 0)] * 5))]
    assert 0 < synthesis.synthesized_share(face_parts(photo, cast, random_networks())) < 100
    assert (
        synthesis.synthesized_share(face_parts(photo, cast, None)) == 0
        and synthesis.synthesized_share(face_parts(photo, still, random_networks())) == 0
    )
    assert synthesis.synthesized_share(
        face_parts(photo, [(face, acting(face, (9, 0)))], Fixed(keep=0.75))
    ) == pytest.approx(25, abs=4)


def test_the_picture_is_grey_with_what_is_painted_in_one_colour(photo):
    face = portrait(photo)
    keep = np.ones((SIZE, SIZE), np.float32)
    keep[28:36, 24:40] = 0
    picture = synthesis.synthesis_picture(photo, face_parts(photo, [(face, acting(face, *WAYS))], Fixed(keep=keep)))
    assert picture.shape == photo.pixels.shape and picture.dtype == np.uint8
    coloured = np.ptp(picture.astype(int), axis=-1) > 0
    assert 300 < coloured.sum() < 3000 and not coloured[:80].any()
    assert (np.abs(picture.astype(int) - synthesis.STRONG).max(-1) <= 1).sum() > 300
    plain = synthesis.synthesis_picture(photo, face_parts(photo, [(face, shifted(face, *WAYS))], None))
    assert not np.ptp(plain, axis=-1).any() and (plain[~coloured] == picture[~coloured]).all()


def test_gate_opens_smoothly_with_the_farthest_point(photo):
    face = portrait(photo)
    ways = [(share * 0.03 * 43, 0) for share in (0, 0.25, 0.5, 1, 2)]
    gate = FaceNetworks(photo, face, shifted(face, *ways), random_networks()).gate
    assert gate[0] == 0 and (np.diff(gate)[:3] > 0).all() and gate[2] == pytest.approx(0.5, abs=0.02) and gate[3] > 0.99


@pytest.mark.parametrize(("lift", "share"), [(0, 1.0), (255, 0.2)])
def test_skin_that_is_nearly_white_is_brightened_less_and_darkened_as_much(photo, lift, share):
    face = portrait(photo)
    pixels = np.maximum(photo.pixels // 2, lift).astype(np.uint8)
    print_ = replace(photo, pixels=pixels)
    for tone in (20.0, -20.0):
        networks = FaceNetworks(print_, face, acting(face, (9, 0)), Fixed(tone=tone))
        strongest = np.abs(networks.at(0).tone).max()
        assert strongest == pytest.approx(20 * (share if tone > 0 else 1), rel=0.02)
