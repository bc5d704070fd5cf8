"""Networks learn in bfloat16 only where a processor has it."""

import pytest
import torch

from animate.model import precision


@pytest.mark.parametrize(("has", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_the_cpu_learns_in_what_it_is_good_at(monkeypatch, has, dtype):
    monkeypatch.setattr(precision, "has_bfloat16", lambda: has)
    one = torch.ones(2, 2)
    with precision.autocast("cpu"):
        assert (one @ one).dtype == dtype
    assert (one @ one).dtype == torch.float32
