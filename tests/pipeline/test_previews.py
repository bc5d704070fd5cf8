"""Previews: what all movements of a face share is made once, and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from quick import slow

from animate import api
from animate.pipeline import mattes, portraits


@pytest.fixture(scope="module")
@slow
def model():
    return api.load()


def test_a_preview_is_the_clip_of_the_close_up_and_shares_its_layers(photo, model, monkeypatch):
    (face, *_) = api.find_faces(photo, model=model)
    counted = []
    for room, name in ((mattes, "separated"), (portraits, "neighbours")):
        real = getattr(room, name)
        monkeypatch.setattr(room, name, lambda *given, real=real, name=name: counted.append(name) or real(*given))
    previews = api.previews(photo, face, model=model)
    frames = list(previews.clip("nod").frames())
    assert counted == ["neighbours", "separated"]
    np.testing.assert_array_equal(frames[0], previews.photo.pixels)
    assert max(previews.photo.pixels.shape) == 160 and np.ptp(np.stack(frames[::8]).astype(int), axis=0).max() > 20
    next(previews.clip("smile").frames())
    assert counted == ["neighbours", "separated"]
    options = api.Options(fps=12.0, threads=1)
    plain = api.clip(
        previews.photo, "nod", model=replace(model, motion=None), options=options, portraits=[previews.face]
    )
    for ours, theirs in zip(frames[::12], list(plain.frames())[::12], strict=True):
        np.testing.assert_array_equal(ours, theirs)
