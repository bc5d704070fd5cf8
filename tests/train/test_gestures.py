import csv
from dataclasses import replace

import numpy as np
import pytest
from motion.people import PEOPLE, person

from animate.core.errors import TrainingDataMissing
from animate.motion import gesture_file as files
from animate.motion import landmarks, retarget, smooth
from animate.train import gesture_plans, gestures, shapes


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    """A training set of one face that greets and is surprised, under the names of the clips that gestures need."""
    folder = tmp_path_factory.mktemp("labels")
    hello, surprise = (smooth.fit_duration(files.load_gesture(name), 6) for name in ("hello", "surprise"))
    frames = retarget.retarget(person(size=90, at=(128, 120)), hello)
    raised = retarget.retarget(person(size=90, at=(128, 120)), surprise)
    calm = {plan.calm[0] for plan in gestures.PLANS}
    for name in {*shapes.SMILES, *shapes.SURPRISES, *shapes.BLINKERS, *calm, "london_001"}:
        points = frames[[0, 60]] if name == "london_001" else raised if name in shapes.SURPRISES else frames
        np.savez(folder / f"clip-{name}.npz", points=points, found=np.ones(len(points), bool))
    with open(folder / "clips.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["name", "split", "frames", "kind", "synthetic", "licence", "repo"])
        table.writerow(["london_001", "train", 2, "photoset", 0, "CC-BY-4.0", "some/portraits"])
        table.writerows([name, "train", 150, "video", 0, "MIT", "some/clips"] for name in sorted(calm))
    return shapes.Labels(folder, folder)


@pytest.mark.slow
def test_every_gesture_is_made_with_credits_and_ends_at_rest(labels, tmp_path):
    made = gestures.make(labels, tmp_path)
    assert [path.stem for path in made] == [plan.name for plan in gestures.PLANS]
    for path in made:
        card = files.read_gesture(path)
        moved = retarget.retarget(PEOPLE["plain"], card.motion)
        np.testing.assert_array_equal(moved[[0, -1]], np.stack([PEOPLE["plain"]] * 2))
        assert "some/clips" in card.credit and "MIT" in card.licence
    assert "CC-BY-4.0" in files.read_gesture(tmp_path / "smile.card").licence


def test_measured_shapes_are_what_the_recordings_show(labels):
    pieces = gestures.measure(labels)
    left, right = pieces.smile.expression[list(landmarks.LIP_CORNERS)]
    assert left[0] < -0.03 and right[0] > 0.03 and left[1] < -0.05 and right[1] < -0.05
    assert (
        pieces.surprise.expression[list(landmarks.BROWS[0]), 1].mean() < -0.02 and (pieces.surprise.lids < -0.1).all()
    )
    assert pieces.blink[0] == pieces.blink[-1] == 0 and (pieces.blink >= 1).sum() == 2


def test_a_gesture_that_does_not_come_to_rest_is_refused(labels):
    plan = replace(gestures.PLANS[0], turn=lambda t: np.ones((len(t), 3)))
    with pytest.raises(ValueError, match="breath does not begin and end at rest"):
        gestures.compose(plan, gestures.measure(labels), shapes.sway(labels, "lp_d13_1", 0, 100))


def test_bumps_start_and_end_flat():
    t = np.linspace(0, 4, 401)
    curve = gesture_plans.bump(t, 0.5, 1, 0.5, 1.5)
    assert curve.min() >= -1e-12 and curve.max() == pytest.approx(1) and curve[0] == curve[-1] == 0
    assert np.abs(np.diff(curve, 2)).max() < 1e-3


def test_missing_data_says_what_is_missing(tmp_path):
    with pytest.raises(TrainingDataMissing, match="clips.csv"):
        shapes.Labels(tmp_path, tmp_path).rows()
    with pytest.raises(TrainingDataMissing, match="clip-lp_d9_0"):
        shapes.Labels(tmp_path, tmp_path).motion("lp_d9_0")
