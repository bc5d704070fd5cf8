"""A job that can be watched and stopped."""

from __future__ import annotations

import threading
import time

import pytest

from animate.core.errors import Cancelled, NoFace
from animate.interfaces.job import Job


def test_the_steps_are_seen_and_the_result_is_kept():
    def work(report):
        for done in range(1, 6):
            report("animating", done, 5)
            time.sleep(0.02)
        return "clip"

    job = Job(work)
    steps = list(job.watch(every=0.01))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].stage, steps[-1].done, steps[-1].total) == ("animating", 5, 5)
    assert job.result == "clip"


def test_what_the_work_raises_is_raised_where_it_is_watched():
    def work(report):
        raise NoFace("no face", hint="point at one")

    with pytest.raises(NoFace, match="no face"):
        list(Job(work).watch(every=0.01))


def test_closing_stops_the_work_before_it_returns():
    ended = threading.Event()

    def work(report):
        try:
            for done in range(100_000):
                report("animating", done, 100_000)
                time.sleep(0.001)
        except Cancelled:
            ended.set()
            raise

    watched = Job(work).watch(every=0.01)
    next(watched)
    watched.close()
    assert ended.is_set()
