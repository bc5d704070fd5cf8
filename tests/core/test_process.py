"""A process of ours has settings of its own; importing or calling the library leaves them."""

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_threads_of_our_own_process_hand_over_quickly_and_importing_changes_nothing():
    code = (
        "import sys; before = sys.getswitchinterval(); import animate.api; from animate.core import process; "
        "between = sys.getswitchinterval(); process.own(); print(before == between, sys.getswitchinterval())"
    )
    same, now = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert same == "True" and float(now) < 0.001
