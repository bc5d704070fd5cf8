"""Whose face is in a further photograph: the same person's, another's, or one among several."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from two_pictures import SIZE, face, picture, portrait

from animate.core.errors import NoFace, OptionError, PhotoError
from animate.core.types import Photo
from animate.evaluate.alike import roc_area
from animate.pipeline import further, portraits, same_person

FACE = portrait(face(), picture(face()), "anna.png")
STRANGE = portrait(face(), data.astronaut()[:SIZE, :SIZE].copy(), "group.png")  # a face where there is none


def test_the_same_face_passes_and_another_does_not():
    own, other = (same_person.look(one.photo.pixels, one.keypoints.points) for one in (FACE, STRANGE))
    assert same_person.score(own, own) > same_person.LEAST > same_person.score(own, other)
    assert same_person.score(own, other) == pytest.approx(same_person.score(other, own))


def seek(monkeypatch, photo: Photo, *found, insisted: bool = False):
    """The faces of a further photograph in which these are found."""
    monkeypatch.setattr(portraits, "find_faces", lambda photo, network, finder: found)
    return further.faces(FACE, [photo], None, finder="centerface", insisted=insisted)


def test_a_stranger_is_named_by_number_and_file_and_can_be_insisted_on(monkeypatch):
    with pytest.raises(PhotoError, match=r"further photograph 1 \(group.png\) does not .* anna.png") as caught:
        seek(monkeypatch, STRANGE.photo, STRANGE)
    assert "more_anyway" in caught.value.hint
    (taken,) = seek(monkeypatch, STRANGE.photo, STRANGE, insisted=True)
    assert taken.portrait is STRANGE and taken.number == 1


def test_of_a_group_the_face_that_is_most_alike_is_taken(monkeypatch):
    both = Photo(np.concatenate([FACE.photo.pixels, STRANGE.photo.pixels], axis=1), "both.png")
    left, right = (portrait(face(shift=(way, 0)), both.pixels) for way in (0, SIZE))
    (taken,) = seek(monkeypatch, both, right, left)
    assert taken.portrait is left


def test_a_picture_without_a_face_is_named(monkeypatch):
    def none(*about, **more):
        raise NoFace("none")

    monkeypatch.setattr(portraits, "find_faces", none)
    with pytest.raises(PhotoError, match=r"no face was found in further photograph 1 \(anna.png\)"):
        further.faces(FACE, [FACE.photo], None, finder="centerface", insisted=False)


def test_too_many_and_published_models_are_refused():
    further.check(8)
    further.check(0, "vox")
    with pytest.raises(OptionError, match="9 further photographs"):
        further.check(9)
    with pytest.raises(OptionError, match="vox takes nothing"):
        further.check(1, "vox")


def test_the_area_under_the_curve():
    assert roc_area(np.array([3, 4]), np.array([1, 2])) == 1
    assert roc_area(np.array([1, 2]), np.array([1, 2])) == 0.5
