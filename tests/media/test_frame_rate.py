"""An even pace: the rate that times mean, and which frame is shown when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animate.media.frame_rate import LONGEST_HOLD, monotonic, rate, resample_constant


def shown(times: list[float], fps: float, **ways) -> list[int]:
    ways = {"step": 1 / fps, "tail": 1 / fps, **ways}
    frames = resample_constant(
        ((time, index) for index, time in enumerate(times)), fps, develop=lambda index: np.array(index), **ways
    )
    return [int(frame) for frame in frames]


@given(st.sampled_from([10, 24, 25, 30, 50, 60]), st.integers(2, 80), st.floats(0, 1000), st.integers(0, 2**16))
def test_slightly_uneven_times_come_back_one_by_one(fps, count, start, seed):
    jitter = np.random.default_rng(seed).uniform(-0.2, 0.2, count)
    times = start + (np.arange(count) + np.where(np.arange(count) == 0, 0, jitter)) / fps
    assert shown(list(times), fps) == list(range(count))


@given(st.lists(st.floats(-5, 20, allow_nan=False), min_size=1, max_size=40), st.sampled_from([10, 25]))
def test_time_never_runs_back_or_away(steps, fps):
    times = list(np.cumsum(steps))
    out = shown(times, fps)
    assert out == sorted(out) and out[-1] <= len(times) - 1
    assert 1 <= len(out) <= 1 + fps * LONGEST_HOLD * len(times)


def test_a_jump_of_the_clock_counts_as_one_step():
    assert shown([0.0, 0.1, 95443.7, 95443.8, 2.0, 2.1], 10) == [0, 1, 2, 3, 4, 5]
    assert monotonic(np.array([5.0, 5.1, 900.0, 900.1]), 0.1) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_pause_is_held_and_the_last_frame_stays_its_time():
    assert shown([0.0, 0.1, 0.5], 10) == [0, 1, 1, 1, 1, 2]
    assert shown([0.0, 0.1], 10, tail=0.3) == [0, 1, 1, 1]


def test_half_the_rate_takes_every_other_frame():
    assert shown([i / 60 for i in range(12)], 30, step=1 / 60, tail=1 / 60) == [0, 2, 4, 6, 8, 10]


def test_nothing_gives_nothing_and_one_gives_one():
    assert shown([], 25) == []
    assert shown([3.0], 25) == [0]


def test_only_frames_that_are_shown_are_developed_and_no_array_is_shared():
    developed = []

    def develop(index):
        developed.append(index)
        return np.zeros(3)

    out = list(resample_constant([(0.0, 0), (0.01, 1), (0.1, 2), (0.3, 3)], 10, step=0.1, tail=0.1, develop=develop))
    assert developed == [1, 2, 3] and len(out) == 4
    assert not any(np.shares_memory(a, b) for i, a in enumerate(out) for b in out[:i])


@pytest.mark.parametrize(
    ("times", "told", "expected"),
    [
        (np.arange(50) / 25, 25.0, 25.0),
        (np.round(np.arange(50) / 30, 3), 0.0, 30.0),  # a clock of milliseconds
        (np.arange(50) * 1001 / 24000, 24000 / 1001, 24000 / 1001),
        (np.arange(50) * 1001 / 24000, 0.0, 24000 / 1001),
        (np.arange(20) / 7.0, 0.0, 7.0),
        (np.array([0, 1, 2, 5, 6, 9]) / 25, 0.0, 25.0),  # some left out
        (np.cumsum([0, 0.031, 0.036, 0.033, 0.2, 0.034, 0.033, 0.1, 0.033]), 0.0, 30.0),  # a webcam in the dark
        (np.arange(30) / 25, 1000.0, 25.0),  # a container that tells its clock instead
    ],
)
def test_the_rate_that_times_mean(times, told, expected):
    assert rate(times, told) == pytest.approx(expected, rel=1e-9)
