"""Open mouths: the truth is perfect, a flat bar has no detail, a green one another hue, closed lips do not count."""

import numpy as np
import pytest
from evaluate.talking import closed_and_open

from animate.core.types import DrivenLandmarks
from animate.evaluate import metrics, open_mouths
from animate.evaluate.self_reenactment import ClipCase, Method
from animate.motion import landmarks


@pytest.fixture
def case() -> ClipCase:
    face, wide = closed_and_open()
    rng = np.random.default_rng(0)
    truth = rng.integers(120, 200, (2, 256, 256, 3)).astype(np.uint8)
    truth[..., 2] //= 2
    driven = np.stack([wide, face])
    return ClipCase("a", truth[0], face, truth, driven, DrivenLandmarks(driven))


def made(case: ClipCase, change) -> dict[str, float]:
    outputs = case.truth.copy()
    inside = metrics.polygon(case.driven[0], landmarks.INNER_LIPS, outputs.shape[1:])
    outputs[0][inside] = change(outputs[0][inside])
    return open_mouths.measure([case], Method(lambda photo, source, driven: outputs))


def test_the_truth_is_perfect_and_closed_lips_do_not_count(case):
    found = made(case, lambda inside: inside)
    assert found["frames"] == 1 and found["gradient"] == found["closed"] == pytest.approx(1)
    assert found["hue"] == found["chroma"] == found["lightness"] == 0


def test_a_flat_bar_has_no_detail(case):
    assert made(case, lambda inside: inside.mean(0).astype(np.uint8))["gradient"] < 0.4


def test_another_colour_has_another_hue(case):
    green = made(case, lambda inside: inside[:, [2, 0, 2]])
    assert green["hue"] > 30
    assert made(case, lambda inside: inside // 2)["lightness"] > 20


def test_without_open_mouths_there_is_no_figure():
    assert np.isnan(open_mouths.measure([], Method(lambda *_: []))["gradient"])
