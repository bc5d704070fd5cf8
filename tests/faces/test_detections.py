"""Finds: moved with a picture, merged to one a face."""

import numpy as np
import pytest

from animate.faces.detections import Detections, join, merge


def finds(*rows):
    """(left, top, right, bottom, score) each; the points lie in the box's middle."""
    table = np.array(rows, dtype=float).reshape(-1, 5)
    middle = (table[:, None, :2] + table[:, None, 2:4]) / 2
    return Detections(table[:, :4], table[:, 4], np.repeat(middle, 5, axis=1))


def test_the_better_of_two_views_of_a_face_stays():
    merged = merge(finds((0, 0, 100, 120, 0.5), (5, 4, 103, 122, 0.9), (300, 0, 400, 120, 0.4)))
    assert merged.scores.tolist() == [0.9, 0.4]


def test_a_part_of_a_face_is_no_face():
    assert merge(finds((0, 0, 100, 120, 0.9), (30, 60, 70, 100, 0.6))).scores.tolist() == [0.9]


def test_cheek_to_cheek_are_two():
    assert len(merge(finds((0, 0, 100, 120, 0.9), (70, 10, 170, 130, 0.8)))) == 2


def test_known_faces_are_not_found_again():
    known = finds((0, 0, 100, 120, 0.3))
    assert merge(finds((2, 2, 101, 119, 0.9), (200, 0, 260, 70, 0.5)), after=known).scores.tolist() == [0.5]


def test_nothing_is_something():
    assert len(merge(join([]))) == 0
    assert len(join([]).moved(np.array([[1.0, 0, 3], [0, 1, 4]]))) == 0


@pytest.mark.parametrize("degrees", [0, 35, 90, 180])
def test_a_circle_stays_as_large_when_it_turns(degrees):
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    moved = finds((10, 20, 50, 60, 0.9)).moved(np.array([[cosine, -sine, 7], [sine, cosine, 9]]))
    assert np.allclose(moved.boxes[0, 2:] - moved.boxes[0, :2], 40)
    assert np.allclose((moved.boxes[0, :2] + moved.boxes[0, 2:]) / 2, moved.points[0, 0])


def test_a_quarter_turn_changes_width_and_height():
    moved = finds((0, 0, 40, 60, 0.9)).moved(np.array([[0.0, -1, 0], [1, 0, 0]]))
    assert np.allclose(moved.boxes[0, 2:] - moved.boxes[0, :2], [60, 40])
