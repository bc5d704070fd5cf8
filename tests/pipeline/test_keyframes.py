"""Few cache are worked out, each once however many ask; the rest are mixtures, and a failure reaches everyone."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest

from animate.pipeline.keyframes import KeyframeCache, keyframes


class Number(float):
    def interpolated(self, other, share):
        return Number(self + share * (other - self))


def test_steps_follow_what_moves_and_hold_both_ends():
    way = np.array([0, 0.4, 0.8, 1.2, 1.2, 1.2, 4, 7, 7.1])
    points = np.zeros((len(way), 3, 3))
    points[:, 1, 0] = way
    assert keyframes(points, 1.0).tolist() == [0, 3, 5, 6, 7, 8]  # what begins suddenly begins from the frame before
    assert keyframes(points[:1], 1.0).tolist() == [0] and keyframes(points, 1e9).tolist() == [0, 8]


def test_between_two_steps_is_a_mixture_and_each_step_is_computed_once():
    computed = []
    cache = KeyframeCache(np.array([0, 4, 5]), lambda index: computed.append(index) or Number(index * 10))
    assert [cache.at(index) for index in (0, 1, 2, 3, 4, 5)] == [0, 10, 20, 30, 40, 50]
    assert computed == [0, 4, 5]


def test_two_threads_wait_for_the_same_result_and_work_ahead_meanwhile():
    computed, asking, hold = [], Barrier(3, timeout=10), Event()

    def compute(index):
        computed.append(index)
        hold.wait(10)
        return Number(index)

    def ask():
        asking.wait()
        return cache.at(0)

    cache = KeyframeCache(np.array([0, 9]), compute)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(ask) for _ in range(2)]
        asking.wait()
        time.sleep(0.1)  # the second has asked while the first computes; without a lock it would compute too
        hold.set()
        assert [one.result(10) for one in both] == [0, 0] and sorted(computed) == [0, 9]
        assert cache.at(9) == 9 and sorted(computed) == [0, 9]


def test_a_failure_is_told_to_whoever_asks():
    cache = KeyframeCache(np.array([0, 2]), lambda index: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            cache.at(1)


def test_every_thread_finds_its_results_again():
    computed, threads, turn = [], 16, Barrier(16, timeout=10)
    cache = KeyframeCache(np.arange(0, 100, 2), lambda index: computed.append(index) or Number(index))

    def ask(index):
        found = cache.at(index)
        turn.wait()
        return found

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, 32, threads):
            assert [*pool.map(ask, range(start, start + threads))] == [*range(start, start + threads)]
    assert len(computed) == len(set(computed))
