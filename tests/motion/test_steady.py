"""Trembling is taken out of tracks, movement is not."""

from __future__ import annotations

import numpy as np
import pytest

from animate.motion import pose
from animate.motion.steady import steady, steady_pose


def test_trembling_is_calmed_and_movement_passes():
    rng, still = np.random.default_rng(0), np.zeros((40, 2))
    still[20:] = 1.0  # a jump
    noisy = still + rng.normal(0, 0.002, still.shape)
    calm = steady(noisy, 0.01)
    assert calm[2:14].std(0).max() < 0.6 * noisy[2:14].std(0).max()
    assert np.abs(calm[19] - noisy[19]).max() < 1e-9 and np.abs(calm[20] - noisy[20]).max() < 1e-9


def test_one_frame_stays_as_it_is():
    one = np.ones((1, 3))
    assert steady(one, 0.1) is one


def test_poses_that_turn_are_kept_and_those_that_tremble_are_not():
    turn = np.zeros((30, 3))
    turn[:, 1] = np.linspace(0, 0.8, 30)
    poses = pose.Pose(pose.rotation_matrix(turn), np.full(30, 100.0), np.zeros((30, 3)))
    kept = steady_pose(poses)
    assert pose.rotation_vector(kept.rotation)[5:-5, 1] == pytest.approx(turn[5:-5, 1], abs=1e-3)
    shaken = np.random.default_rng(1).normal(0, 0.004, (30, 3))
    calm = steady_pose(pose.Pose(pose.rotation_matrix(shaken), poses.scale, poses.offset))
    assert pose.rotation_vector(calm.rotation).std() < 0.6 * shaken.std()
    assert np.allclose(calm.rotation @ np.swapaxes(calm.rotation, 1, 2), np.eye(3))
