"""A head is calmed where its movement is the camera's, and left alone where it is its own."""

from dataclasses import replace

import numpy as np
import pytest

from animate.motion import smooth
from animate.motion.regions import lower_face, rest_regions
from animate.motion.stabilize import stabilize

FPS = 25.0
TIME = np.arange(150) / FPS


def moving(shift=None, size=None):
    rest = smooth.still(len(TIME), FPS)
    shift = rest.translation if shift is None else np.stack([shift, 0 * shift], axis=1)
    return replace(rest, translation=shift, scale=np.exp(0 * TIME if size is None else size))


def test_rest_stays_rest():
    calm = stabilize(moving())
    assert not calm.translation.any() and calm.scale == pytest.approx(1)


@pytest.mark.parametrize("seconds", [1.5, 3.0])
def test_a_small_sway_of_the_head_stays(seconds):
    sway = 0.12 * np.sin(2 * np.pi * TIME / seconds)
    size = 0.02 * np.sin(2 * np.pi * TIME / seconds)
    calm = stabilize(moving(sway, size))
    assert calm.translation[:, 0] == pytest.approx(sway, abs=0.012)
    assert np.log(calm.scale) == pytest.approx(size, abs=0.004)


def test_the_shake_of_a_camera_is_taken_out():
    shake = 0.35 * np.sin(2 * np.pi * 2.5 * TIME)
    calm = stabilize(moving(shake)).translation[:, 0]
    assert np.abs(calm).max() < 0.35 * np.abs(shake).max()


def test_a_step_aside_is_no_shift_of_the_head():
    step = 1.5 / (1 + np.exp(-(TIME - 3) / 0.25))
    calm = stabilize(moving(step)).translation[:, 0]
    assert np.ptp(calm) < 0.65 * np.ptp(step) and abs(calm[-1]) < 0.3
    walked = 0.4 * TIME
    assert np.abs(stabilize(moving(walked)).translation[25:-25, 0]).max() < 0.3


def test_leaning_in_for_long_hardly_changes_the_size():
    near = 0.25 / (1 + np.exp(-(TIME - 3) / 0.3))
    assert abs(np.log(stabilize(moving(size=near)).scale)[-1]) < 0.05


def test_a_very_short_motion_passes_as_it_is():
    short = smooth.still(4, FPS)
    assert stabilize(short) is short


def test_a_covered_mouth_rests_while_the_eyes_go_on():
    lower = lower_face()
    assert lower[[13, 152]] == pytest.approx(1) and lower[[33, 10, 468]] == pytest.approx(0)
    count = 3
    motion = replace(
        smooth.still(count, FPS),
        expression=np.ones((count, 478, 3), np.float32),
        lids=np.ones((count, 2)),
        mouth=np.ones(count),
        gaze=np.ones((count, 2, 2)),
        shading=np.ones((count, 487), np.float32),
    )
    quiet = rest_regions(motion, mouth=np.array([1, 0.5, 0]), eyes=np.array([1, 1, 0.5]))
    assert quiet.mouth == pytest.approx([1, 0.5, 0]) and quiet.lids[:, 0] == pytest.approx([1, 1, 0.5])
    assert quiet.expression[:, 152, 0] == pytest.approx([1, 0.5, 0])
    assert quiet.expression[:, 10, 0] == pytest.approx([1, 1, 0.5]) and quiet.gaze[2, 0, 0] == 0.5
    assert quiet.shading[:, 152] == pytest.approx([1, 0.5, 0]) and quiet.shading[:, 480] == pytest.approx([1, 0.5, 0])
