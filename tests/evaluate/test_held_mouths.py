"""A held open mouth: frames that are all the same do not flicker, those that change do, closed lips do not count."""

from __future__ import annotations

import numpy as np
import pytest
from evaluate.talking import closed_and_open

from animate.core.types import DrivenLandmarks
from animate.evaluate import held_mouths, metrics
from animate.evaluate.self_reenactment import ClipCase, Method
from animate.motion import landmarks


@pytest.fixture
def case() -> ClipCase:
    face, wide = closed_and_open()
    truth = np.full((2, 256, 256, 3), 120, np.uint8)
    driven = np.stack([face, wide])
    return ClipCase("a", truth[0], face, truth, driven, DrivenLandmarks(driven))


def test_what_flickers_between_the_lips_is_measured_in_levels(case):
    inside = metrics.polygon(case.driven[1], landmarks.INNER_LIPS, case.photo.shape)

    def method(photo, source, driven):
        assert len(driven.points) == held_mouths.FRAMES and not np.array_equal(driven.points[0], driven.points[1])
        frames = np.repeat(photo[None], len(driven.points), 0)
        frames[::2, inside] = 126
        return frames

    found = held_mouths.measure([case], Method(method))
    assert found == {"cases": 1, "mouth": pytest.approx(3, 1e-4), "skin": 0, "worst": pytest.approx(3, 1e-4)}


def test_the_trembling_is_as_large_as_that_of_tracked_lips(case):
    mesh = case.driven[1]
    away = held_mouths.held(mesh) - mesh
    assert away.std() == pytest.approx(held_mouths.JITTER * landmarks.eye_distance(mesh), rel=0.15)


def test_without_open_mouths_there_is_no_figure(case):
    closed = ClipCase("b", case.photo, case.source, case.truth, case.driven[:1], case.refined)
    assert np.isnan(held_mouths.measure([closed], Method(lambda *_: []))["mouth"])
