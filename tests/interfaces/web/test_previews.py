"""Previews: small, kept, stopped by whatever else is asked for."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from animate.core.errors import OutputError
from animate.core.types import Photo
from animate.interfaces.web import previews
from animate.pipeline import previews as preview


@pytest.fixture
def photo():
    return Photo(np.random.default_rng(0).integers(0, 255, (600, 800, 3), np.uint8), "grandma.jpg", "a" * 64)


@pytest.fixture
def face(photo):
    return fakes.portrait(photo, (100.0, 100.0, 120.0, 140.0))


@pytest.fixture(autouse=True)
def pipeline(fake, monkeypatch):
    monkeypatch.setattr(previews, "model", fakes.Networks)
    return fake


def test_a_close_up_shows_the_face_where_it_was(photo, face):
    small, moved = preview.close_up(photo, face)
    assert max(small.width, small.height) == preview.SIDE
    scale = moved.face.box[3] / face.face.box[3]
    assert scale == pytest.approx(preview.SIDE / (140 * preview.AROUND), rel=0.02)
    back = (moved.keypoints.points - moved.keypoints.points.mean(0)) / scale
    np.testing.assert_allclose(back, face.keypoints.points - face.keypoints.points.mean(0), atol=0.01)
    x, y, width, height = moved.face.box
    assert (x + width / 2, y + height / 2) == pytest.approx((80, 80), abs=2)


def test_previews_come_one_after_another_and_are_kept(tmp_path, photo, face, pipeline):
    made = previews.Previews(tmp_path)
    counts = [len(files) for files in made.made(photo, face, ["breath", "smile"])]
    assert counts == [0, 1, 2]
    before = len(pipeline.calls)
    files = list(made.made(photo, face, ["breath", "smile"]))
    assert [len(some) for some in files] == [2] and len(pipeline.calls) == before
    assert all(file.read_bytes()[4:8] == b"ftyp" for file in files[0].values())
    assert {call[3].fps for call in pipeline.calls if call[0] == "clip"} == {preview.FPS}


def test_a_newer_request_or_a_stop_ends_the_older_one(tmp_path, photo, face):
    made = previews.Previews(tmp_path)
    first = made.made(photo, face, ["breath", "smile"])
    next(first)
    made.stop()
    assert list(first) == []
    second = made.made(photo, face, ["breath", "smile"])
    next(second)
    next(made.made(photo, face, ["glance"]))
    assert list(second) == []


def test_a_movement_without_a_preview_does_not_stop_the_others(tmp_path, photo, face, pipeline, monkeypatch):
    plain = pipeline.clip

    def some(photo, driver, **more):
        if driver == "smile":
            raise OutputError("this one cannot be made")
        return plain(photo, driver, **more)

    monkeypatch.setattr(type(pipeline), "clip", lambda self, *given, **more: some(*given, **more))
    assert [len(files) for files in previews.Previews(tmp_path).made(photo, face, ["smile", "breath"])] == [0, 1]
