"""The fakes keep the contracts of what they stand for."""

import inspect

import fakes
import pytest

from animate import api

VERBS = [name for name, value in vars(fakes.FakePipeline).items() if inspect.isfunction(value) and name[0] != "_"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_fake_takes_what_the_real_one_takes(verb):
    real, fake = (inspect.signature(getattr(home, verb)).parameters for home in (api, fakes.FakePipeline()))
    assert [(p.name, p.kind, p.default) for p in fake.values()] == [(p.name, p.kind, p.default) for p in real.values()]


def test_the_fake_has_the_verbs_that_the_doors_use():
    assert {"clip", "animate", "check", "find_faces", "gestures", "read_photo", "record_gesture", "save"} <= {*VERBS}
