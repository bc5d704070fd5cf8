"""What is counted of a prepared photograph."""

from __future__ import annotations

import numpy as np
import pytest
from motion_small import portrait
from scipy.ndimage import gaussian_filter

from animate.core.types import Photo
from animate.evaluate import bench, preparation
from animate.interfaces.cli.main import main


def test_the_truth_is_perfect_and_blur_costs_in_every_figure(photo):
    points = portrait(photo, 120, 120, 40).keypoints.points
    same = preparation.compare(photo.pixels, photo.pixels, points)
    assert same == {"l1": 0.0, "gradient": 1.0, "gradient_off": 0.0, "likeness": 1.0}
    soft = preparation.compare(gaussian_filter(photo.pixels, (2, 2, 0)), photo.pixels, points)
    assert soft["l1"] > 0 and soft["gradient"] < 0.7 and soft["likeness"] < 0.95
    assert soft["gradient_off"] == pytest.approx(-np.log(soft["gradient"]))


def test_every_way_is_measured_on_the_same_worn_photograph(photo, monkeypatch):
    case = preparation.self_reenactment.StillCase("a", photo.pixels, portrait(photo, 120, 120, 40).keypoints.points)
    seen = []
    monkeypatch.setattr(preparation.self_reenactment, "still_cases", lambda data, most: [case])
    monkeypatch.setattr(preparation.models, "bundled", lambda: None)

    def prepare(aged: Photo, *, options, portraits, model):
        seen.append((aged.pixels, options))
        return aged

    monkeypatch.setattr(preparation.api, "prepare", prepare)
    made = preparation.bench("nowhere", quick=True)
    assert list(made) == list(preparation.METHODS) and all(made[name] == made["as aged"] for name in made)
    assert [options for _, options in seen] == list(preparation.METHODS.values())
    assert all((pixels == seen[0][0]).all() for pixels, _ in seen) and (seen[0][0] != photo.pixels).any()
    assert "likeness" in bench.preparation_table(made)


def test_it_needs_photographs(capsys):
    assert main(["bench", "--prepare"]) == 1
    assert "--data DIR" in capsys.readouterr().err
