"""A job that can be watched and stopped."""

from __future__ import annotations

import threading
import time

import pytest

from animate.core.errors import Cancelled, NoFace
from animate.interfaces.job import WAITING, Job


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


def test_closing_returns_at_once_and_the_next_job_waits_until_the_work_has_stopped():
    ended, slow = threading.Event(), threading.Event()

    def work(report):
        report("animating", 0, 0)
        slow.wait(5)
        try:
            report("animating", 1, 2)
        except Cancelled:
            ended.set()
            raise

    watched = Job(work).watch(every=0.01)
    next(watched)
    began = time.monotonic()
    watched.close()
    assert time.monotonic() - began < 1 and not ended.is_set()
    steps = Job(lambda report: report("animating", 1, 1)).watch(every=0.01)
    assert next(steps).stage == WAITING
    slow.set()
    assert [step.stage for step in steps][-1] == "animating"
    assert ended.is_set()


def test_a_job_that_waits_is_stopped_at_once():
    free = threading.Event()
    first = Job(lambda report: free.wait(5)).watch(every=0.01)
    threading.Thread(target=lambda: list(first), daemon=True).start()
    time.sleep(0.1)
    ran = []
    second = Job(ran.append).watch(every=0.01)
    assert next(second).stage == WAITING
    second.close()
    free.set()
    assert list(Job(lambda report: report("animating", 1, 1)).watch(every=0.01))
    assert not ran
