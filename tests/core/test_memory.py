"""Freed memory goes back, and the peak is this process's own."""

import subprocess
import sys

import numpy as np
import pytest

from animate.core import memory


@pytest.mark.slow
def test_the_peak_of_a_child_is_its_own():
    big = np.ones(60_000_000)  # 480 MB here
    code = "from animate.core import memory; memory.trim(); memory.one_heap(); print(memory.peak())"
    child = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert 3 < child < 200 < memory.peak()
    assert big[0] == 1
