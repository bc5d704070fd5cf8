import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animate.provenance.watermark import ecc


@settings(max_examples=20)
@given(st.integers(0, 15), st.binary(min_size=6, max_size=6), st.integers(0, 2**32 - 1))
def test_reads_back_with_an_eighth_of_the_bits_turned(version, identity, seed):
    bits = ecc.encode(version, identity)
    turned = np.random.default_rng(seed).choice(ecc.CODED, ecc.CODED // 8, replace=False)
    soft = 2.0 * bits - 1.0
    soft[turned] *= -0.5
    assert ecc.decode(soft) == (version, identity)


def test_noise_is_no_message():
    rng = np.random.default_rng(0)
    assert not any(ecc.decode(rng.normal(size=ecc.CODED)) for _ in range(100))


def test_nothing_is_no_message():
    assert ecc.decode(np.zeros(ecc.CODED)) is None


@pytest.mark.parametrize("version, identity", [(16, b"123456"), (-1, b"123456"), (1, b"12345")])
def test_refuses_what_does_not_fit(version, identity):
    with pytest.raises(ValueError):
        ecc.encode(version, identity)
