import csv
from dataclasses import replace

import numpy as np
import pytest
from motion.people import PEOPLE, person

from animate.core.errors import TrainingDataMissing
from animate.motion import gesture_file as files
from animate.motion import landmarks, openings, retarget
from animate.train import gestures, head_motion, shapes
from animate.train.gesture_plans import PLANS


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    """A training set of one face that smiles, laughs, turns and is surprised, under the names that gestures need."""
    folder = tmp_path_factory.mktemp("labels")
    face = person(size=90, at=(128, 120))
    frames, raised, laughing, turning = (
        retarget.retarget(face, files.load_gesture(name), open_mouth=1)
        for name in ("smile", "surprise", "laugh", "classic")
    )
    special = dict.fromkeys(shapes.SURPRISES, raised) | dict.fromkeys(shapes.LAUGHS, laughing)
    special |= dict.fromkeys(head_motion.TURNERS, turning) | {"london_001": frames[[0, 45]]}
    calm = {plan.calm[0] for plan in PLANS} - set(special)
    for name in {*shapes.SMILES, *shapes.BLINKERS, *calm, *special}:
        points = special.get(name, frames)
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
    assert [path.stem for path in made] == [plan.name for plan in PLANS]
    for path in made:
        card = files.read_gesture(path)
        moved = retarget.retarget(PEOPLE["plain"], card.motion)
        np.testing.assert_array_equal(moved[[0, -1]], np.stack([PEOPLE["plain"]] * 2))
        assert "some/clips" in card.credit and "MIT" in card.licence
    assert "CC-BY-4.0" in files.read_gesture(tmp_path / "smile.card").licence


@pytest.mark.slow
def test_measured_shapes_are_what_the_recordings_show(labels):
    pieces = gestures.measure(labels)
    left, right = pieces.smile.expression[list(landmarks.LIP_CORNERS)]
    assert left[0] < -0.03 and right[0] > 0.03 and left[1] < -0.05 and right[1] < -0.05
    assert (
        pieces.surprise.expression[list(landmarks.BROWS[0]), 1].mean() < -0.02 and (pieces.surprise.lids < -0.1).all()
    )
    assert pieces.blink[0] == pieces.blink[-1] == 0 and (pieces.blink >= 1).sum() in (2, 3)


@pytest.mark.slow
def test_a_gesture_that_does_not_come_to_rest_is_refused(labels):
    plan = replace(PLANS[0], yaw=((10, 1.0, 1.0, 9.0, 1.0),))
    with pytest.raises(ValueError, match="classic does not begin and end at rest"):
        gestures.compose(plan, gestures.measure(labels), head_motion.sway(labels, "lp_d13_1", 0, 100))


@pytest.mark.slow
def test_a_laugh_parts_the_lips_and_a_smile_hardly(labels):
    pieces = gestures.measure(labels)
    assert pieces.laugh.mouth > pieces.smile.mouth + 0.2


def test_turns_are_measured_from_calm_to_calm(labels):
    turn, used = head_motion.turn(labels)
    assert used == sorted(head_motion.TURNERS)
    assert turn.course[0] == 0 and turn.course[-1] == pytest.approx(1) and turn.course.max() < 1.1
    assert (np.diff(turn.course[:40]) > -1e-3).all() and abs(turn.lean) < 0.5


def test_half_a_shape_leaves_the_other_half_alone(labels):
    smile = gestures.measure(labels).smile
    for side, corner, other in ((0, 61, 291), (1, 291, 61)):
        half = shapes.one_side(smile, side)
        np.testing.assert_allclose(half.expression[corner], smile.expression[corner])
        assert not half.expression[other].any() and half.lids[1 - side] == 0


def test_sway_longer_than_its_recording_goes_back_and_forth(labels):
    sway = head_motion.sway(labels, "lp_d13_1", 10, 260)
    assert len(sway) == 260 and 0.001 < np.abs(sway.translation).max() < 0.04


def test_movements_start_and_end_flat():
    t = np.linspace(0, 4, 401)
    curve = gestures.sum_of(((1, 0.5, 1, 0.5, 1.5),), t)
    assert curve.min() >= -1e-12 and curve.max() == pytest.approx(1) and curve[0] == curve[-1] == 0
    assert np.abs(np.diff(curve, 2)).max() < 1e-3


def test_missing_data_says_what_is_missing(tmp_path):
    with pytest.raises(TrainingDataMissing, match="clips.csv"):
        shapes.Labels(tmp_path, tmp_path).rows()
    with pytest.raises(TrainingDataMissing, match="clip-lp_d9_0"):
        shapes.Labels(tmp_path, tmp_path).motion("lp_d9_0")


def test_the_mesh_file_is_made_from_recordings(tmp_path):
    """A face whose jaw drops and whose lips widen by themselves: the jaw's part is told from the lips'."""
    course = np.linspace(0, 2 * np.pi, 90)[:, None, None]
    wide = np.zeros((478, 3), np.float32)
    wide[list(landmarks.LIP_CORNERS), 0] = (-0.1, 0.1)
    moved = landmarks.MEAN_FACE + 0.2 * (1 - np.cos(course)) * landmarks.JAW + np.sin(3 * course) * wide
    np.savez(tmp_path / "clip-me.npz", points=moved * 80 + 128, found=np.ones(90, bool))
    (tmp_path / "clips.csv").write_text("name,split,kind,synthetic\nme,train,video,0\n")
    gestures.main(str(tmp_path), str(tmp_path), str(tmp_path / "mesh.npz"))
    with np.load(tmp_path / "mesh.npz") as made:
        assert (made["mirror"] == landmarks.MIRROR).all()
        assert len(made["triangles"]) == pytest.approx(len(landmarks.TRIANGLES), abs=10)
        np.testing.assert_allclose(made["mean"], made["mean"][made["mirror"]] * (-1, 1, 1), atol=1e-6)
        np.testing.assert_allclose(made["jaw"], landmarks.JAW, atol=0.15)
        assert openings.lip_gap(made["jaw"]) == pytest.approx(1, abs=1e-5)
